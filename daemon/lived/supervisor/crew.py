"""All workers together: started in order, restarted, stopped in the opposite order."""

import logging
import os
from collections.abc import Callable, Iterator

from lived.bus import Poller
from lived.clock import monotonic_ns
from lived.errors import DO_NOT_RESTART, ExitCode
from lived.supervisor.child import Child, Limits, Spec
from lived.supervisor.process import Starter
from lived.supervisor.states import ALIVE, State
from lived.units import Ns
from lived.wire.events import AnyEvent, Heartbeat, Hello, Ready, Unready

log = logging.getLogger("lived.supervisor")

LaunchFor = Callable[[str], bytes]


class Crew:
    """The children, by name."""

    def __init__(
        self, specs: tuple[Spec, ...], starter: Starter, limits: Limits, launch_for: LaunchFor, poller: Poller
    ) -> None:
        self._children = {spec.name: Child(spec, starter.start, limits) for spec in specs}
        self._launch_for = launch_for
        self._poller = poller
        self._pidfds: dict[str, int] = {}

    def __iter__(self) -> Iterator[Child]:
        return iter(self._children.values())

    def __contains__(self, name: str) -> bool:
        return name in self._children

    def __getitem__(self, name: str) -> Child:
        return self._children[name]

    @property
    def essential(self) -> list[Child]:
        """Those without which there is no conversation."""
        return [c for c in self if c.spec.essential]

    def start(self, child: Child, now: Ns) -> None:
        """Start one process and watch for its end."""
        pidfd = child.start(self._launch_for(child.name), now)
        self._pidfds[child.name] = pidfd
        self._poller.add(pidfd, lambda: self._ended(child))

    def _ended(self, child: Child) -> None:
        pidfd = self._pidfds.pop(child.name)
        self._poller.remove(pidfd)
        os.close(pidfd)
        child.reap(monotonic_ns())

    def take(self, event: AnyEvent, now: Ns) -> bool:
        """What workers say of themselves; True for the first sign that one can be given orders. That is its hello, or
        a heartbeat when the hello was lost: ZeroMQ drops what is published before it is connected."""
        name = getattr(event, "worker", None)
        child = self._children.get(name) if isinstance(name, str) else None
        if child is None or child.state not in ALIVE:
            return False
        match event:
            case Hello(pid=pid) if pid == child.pid:
                child.hello()
                return True
            case Heartbeat():
                child.beat(event.progress, event.counters, now)
                if child.state is State.STARTING:
                    child.hello()
                    return True
            case Ready(text=text):
                child.say(True, text)
            case Unready(text=text):
                child.say(False, text)
            case _:
                pass
        return False

    def tick(self, now: Ns, ask: Callable[[str], None]) -> None:
        """Restart what is due, judge and climb for the rest."""
        for child in self:
            if child.due(now):
                self.start(child, now)
            child.tick(now, ask)

    def stop(self, now: Ns) -> None:
        """Ask all to end, the last started first."""
        for child in reversed(list(self)):
            child.stop(now)

    def kill(self) -> None:
        """End what is left, without asking."""
        for child in self:
            child.kill()

    def running(self) -> bool:
        """Whether every one does, so that nothing is due."""
        return all(child.state is State.RUNNING for child in self)

    def ended(self) -> bool:
        """Whether no process is left."""
        return all(child.state not in ALIVE for child in self)

    def verdict(self) -> int | None:
        """The exit code of an essential worker that must not be restarted and never did its job; else None."""
        for child in self.essential:
            if child.state is State.FATAL and child.exit_code in DO_NOT_RESTART:
                return ExitCode(child.exit_code)
        return None
