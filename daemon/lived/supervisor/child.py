"""A worker process that is a child of the supervisor: start, watch, end."""

import logging
import os
import signal
from collections.abc import Callable

from lived.errors import DO_NOT_RESTART
from lived.supervisor import policy
from lived.supervisor.member import Limits, Member, Spec
from lived.supervisor.policy import Pulse, Rung, Step
from lived.supervisor.process import Process
from lived.supervisor.states import ALIVE, Happening, State
from lived.units import Ns, seconds

log = logging.getLogger("lived.supervisor")


class Child(Member):
    """One worker, over all its lives."""

    def __init__(self, spec: Spec, bear: Callable[[str, str | None], Process], limits: Limits) -> None:
        """``bear`` starts a process of a module (and its folder, as in ``Spec``)."""
        super().__init__(spec, limits)
        self._bear = bear
        self._process: Process | None = None
        self._deaths = 0
        self._start_at: Ns | None = None
        self._ladder: list[Step] = []
        self._rung_at = Ns(0)
        self._wanted = False

    @property
    def pid(self) -> int | None:
        """Of the living process."""
        return self._process.pid if self._process and self.state in ALIVE else None

    def start(self, launch: Callable[[], bytes], now: Ns) -> int:
        """Start the process and hand it its launch; returns a pidfd that becomes readable when it ends."""
        self._wanted = True
        self._process = self._bear(self.spec.module, self.spec.path)
        self._start_at, self._ladder = None, []
        self._pulse = Pulse(now, self._limits.grace, self._limits.hang)
        self.ready, self.counters, self.since = False, {}, now
        self._become(Happening.STARTED, "")
        self._process.tell(launch())
        return os.pidfd_open(self._process.pid)

    def hello(self, pid: int, _now: Ns) -> bool:
        """It can be given orders, if it is the process that lives."""
        if pid != self.pid:
            return False
        self._become(Happening.HELLO, "")
        return True

    def beat(self, progress: int, counters: dict[str, int], now: Ns) -> bool:
        """A heartbeat arrived; the first sign when the hello was lost: ZeroMQ drops what is published before it is
        connected."""
        super().beat(progress, counters, now)
        if self.state is not State.STARTING:
            return False
        self._become(Happening.HELLO, "")
        return True

    def progressing(self, now: Ns, limit: Ns) -> bool:
        """Whether it got on within ``limit``. One without a process is being cared for, or waits for a person: to
        start the whole daemon anew would help neither."""
        return self.state not in ALIVE or self._pulse is None or self._pulse.still_for(now) <= limit

    def reap(self, now: Ns) -> None:
        """The process ended: find out why, decide what is next."""
        if self._process is None:
            return
        code = self._process.wait()
        self._process.hang_up()
        stopping, self._process, self.ready, self.exit_code = self.state is State.STOPPING, None, False, code
        if stopping:
            self._become(Happening.DIED, "")
            if self._wanted:
                self._start_at = now
        elif code in DO_NOT_RESTART:
            self._become(Happening.DIED_FOR_GOOD, self.text or f"ended with code {code}; its last words are in the log")
        else:
            self._deaths = policy.deaths_in_a_row(self._deaths, Ns(now - self.since))
            delay = policy.restart_delay(self._deaths)
            self._start_at = Ns(now + delay)
            self._become(Happening.DIED, f"{_cause(code)}, again in {seconds(delay):g} s")
        self.since = now

    def due(self, now: Ns) -> bool:
        """Whether it is time to start it again."""
        return self._start_at is not None and now >= self._start_at

    def stop(self, now: Ns, again: bool = False) -> None:
        """Set foot on the ladder; with ``again`` it is started anew once it has ended."""
        self._wanted = again
        self._start_at = now if again and self.state not in ALIVE else None
        if self.state is State.STOPPING:
            return
        alive = self.state in ALIVE
        self._become(Happening.ASKED_TO_STOP, "")
        if alive:
            self._ladder, self._rung_at = list(policy.ladder(self._limits.stop)), now

    def kill(self) -> None:
        """The last rung at once."""
        if self._process and self.state in ALIVE:
            self._process.send_signal(signal.SIGKILL)

    def tick(self, now: Ns, ask: Callable[[str], None]) -> None:
        """Judge whether it hangs, climb the ladder. ``ask(name)`` orders it to stop."""
        if self.state in (State.STARTING, State.RUNNING) and self._pulse and self._pulse.hung(now):
            still = seconds(self._pulse.still_for(now))
            log.error("%s is hung: no progress for %.1f s, though its process lives; it is restarted", self.name, still)
            self.restarts += 1
            self.stop(now, again=True)
        while self._ladder and now - self._rung_at >= self._ladder[0].wait:
            step, self._rung_at = self._ladder.pop(0), now
            self._climb(step.rung, ask)

    def _climb(self, rung: Rung, ask: Callable[[str], None]) -> None:
        if self._process is None:
            return
        if rung is Rung.ASK:
            ask(self.name)
            self._process.hang_up()  # says the same to a worker that does not hear orders yet
            return
        log.warning("%s does not stop: %s", self.name, rung.value)
        self._process.send_signal(signal.SIGUSR1 if rung is Rung.DUMP else signal.SIGKILL)

    def _become(self, happening: Happening, text: str) -> None:
        super()._become(happening, text)
        if self.state is State.BACKOFF:
            self.restarts += 1


def _cause(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    hint = " (out of memory?)" if -code == signal.SIGKILL else ""
    return f"killed by signal {-code}{hint}"
