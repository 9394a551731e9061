"""A worker that is a unit of its own (systemd/split): met when it says hello, missed when it ends, never signalled.

What the supervisor does for its children systemd does here: it starts the worker again however it ended, and its
watchdog ends one that hangs. What is left is to know how it is, and to ask it to end when it has to begin anew.
"""

import logging
from collections.abc import Callable

from lived.supervisor.member import Limits, Member, Spec
from lived.supervisor.policy import Pulse
from lived.supervisor.states import Happening
from lived.units import Ns, seconds

log = logging.getLogger("lived.supervisor")

UNITS_OF_THEIR_OWN = frozenset({"capture", "playback", "gateway"})
"""The others are instances of lived-worker@.service."""


class Guest(Member):
    """One worker, over all its lives."""

    def __init__(self, spec: Spec, limits: Limits) -> None:
        super().__init__(spec, limits)
        self._pid: int | None = None
        self._met = 0  # processes
        self._hung = False
        self._asked = True
        unit = f"lived-{self.name}" if self.name in UNITS_OF_THEIR_OWN else f"lived-worker@{self.name}"
        self._advice = f"'systemctl status {unit}' says why"

    @property
    def pid(self) -> int | None:
        """Of the process that was met last, while it lives."""
        return self._pid

    @property
    def stranger(self) -> bool:
        """One that was there before the supervisor was, or that said hello to the one before it; or one that has hung
        and may not be hanging any more."""
        return self._pid is None or self._hung

    def start(self, _launch: Callable[[], bytes], now: Ns) -> None:
        """Expect it: its unit starts it, and what it has to be told it asks for."""
        self._pulse, self.since = Pulse(now, self._limits.grace, self._limits.hang), now
        self._become(Happening.STARTED, "")

    def hello(self, pid: int, now: Ns) -> bool:
        """It introduces itself."""
        if self._pid not in (None, pid):
            self.reap(now)  # seen before its end was
        if not self.alive:  # its unit has started it, without being told to
            self._become(Happening.STARTED, "")
        if pid != self._pid:
            self._met += 1
            self.restarts, self.ready, self.counters, self.since = self._met - 1, False, {}, now
        self._pid, self._hung = pid, False
        self._pulse = Pulse(now, self._limits.grace, self._limits.hang)
        self._become(Happening.HELLO, "")
        return True

    def progressing(self, _now: Ns, _limit: Ns) -> bool:
        """Always: to start the supervisor anew would not help a worker that is not its child."""
        return True

    def reap(self, now: Ns) -> None:
        """Its process ended; why, systemd knows."""
        self._pid, self.ready, self.since, self._hung = None, False, now, False
        self._pulse = Pulse(now, self._limits.grace, self._limits.hang)
        self._become(Happening.DIED, "it ended; its unit starts it again")

    def due(self, _now: Ns) -> bool:
        """Never: it comes when its unit starts it."""
        return False

    def stop(self, _now: Ns, again: bool = False) -> None:
        """Ask it to end, for its unit to start it anew; without ``again`` it is expected no more, and left alone."""
        if again and self._pid is None:
            return  # it comes with the new configuration anyway
        self._become(Happening.ASKED_TO_STOP, "")
        self._asked = not again
        if not again and self.alive:
            self._become(Happening.DIED, "")

    def kill(self) -> None:
        """It is not ours to end."""

    def tick(self, now: Ns, ask: Callable[[str], None]) -> None:
        """Ask what has to be asked; say what is missing and what hangs."""
        if not self._asked:
            self._asked = True
            ask(self.name)
        if self._pulse is None or not self._pulse.hung(now):
            return
        still = seconds(self._pulse.still_for(now))
        if self._pid is None:
            self._miss(f"it has not come for {seconds(self._limits.grace):g} s: {self._advice}")
        elif not self._hung:
            log.error(
                "%s is hung: no progress for %.1f s, though its process lives; its unit ends it", self.name, still
            )
            self._hung = True
            self.say(False, "no progress, though its process lives; its unit's watchdog ends it")

    def _miss(self, text: str) -> None:
        if self.text == text:
            return
        if not self.alive:
            self._become(Happening.STARTED, self.text)
        self._become(Happening.DIED, text)
