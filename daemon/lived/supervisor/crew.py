"""All workers together: started in order, restarted, stopped in the opposite order."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator

from lived.bus import Poller
from lived.clock import monotonic_ns
from lived.errors import DO_NOT_RESTART, ExitCode
from lived.supervisor.member import Member
from lived.supervisor.states import State
from lived.units import Ns
from lived.wire.events import AnyEvent, Heartbeat, Hello, Ready, Unready

log = logging.getLogger("lived.supervisor")

LaunchFor = Callable[[str], bytes]


class Crew:
    """The members, by name."""

    def __init__(self, members: Iterable[Member], launch_for: LaunchFor, poller: Poller) -> None:
        self._members = {member.name: member for member in members}
        self._launch_for = launch_for
        self._poller = poller
        self._pidfds: dict[str, int] = {}

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members.values())

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def __getitem__(self, name: str) -> Member:
        return self._members[name]

    @property
    def essential(self) -> list[Member]:
        """Those without which there is no conversation."""
        return [member for member in self if member.spec.essential]

    def start(self, member: Member, now: Ns) -> None:
        """Start one process, or expect it, and watch for its end."""
        pidfd = member.start(lambda: self._launch_for(member.name), now)
        if pidfd is not None:
            self._watch(member, pidfd)

    def _watch(self, member: Member, pidfd: int) -> None:
        self._unwatch(member)
        self._pidfds[member.name] = pidfd
        self._poller.add(pidfd, lambda: self._ended(member))

    def _unwatch(self, member: Member) -> None:
        pidfd = self._pidfds.pop(member.name, None)
        if pidfd is not None:
            self._poller.remove(pidfd)
            os.close(pidfd)

    def _ended(self, member: Member) -> None:
        self._unwatch(member)
        member.reap(monotonic_ns())

    def take(self, event: AnyEvent, now: Ns) -> bool:
        """What workers say of themselves; True for the first sign that one can be given orders."""
        name = getattr(event, "worker", None)
        member = self._members.get(name) if isinstance(name, str) else None
        if member is None:
            return False
        if isinstance(event, Hello):
            return self._met(member, event.pid, now)
        if not member.alive:
            return False
        match event:
            case Heartbeat():
                return member.beat(event.progress, event.counters, now)
            case Ready(text=text):
                member.say(True, text)
            case Unready(text=text):
                member.say(False, text)
            case _:
                pass
        return False

    def _met(self, member: Member, pid: int, now: Ns) -> bool:
        if member.pid == pid:
            return member.hello(pid, now)
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:  # it has ended since, or was none
            return False
        if not member.hello(pid, now):
            os.close(pidfd)
            return False
        self._watch(member, pidfd)
        return True

    def is_stranger(self, worker: str) -> bool:
        """Whether ``worker``, which beats, has to introduce itself."""
        return worker in self and self[worker].stranger

    def tick(self, now: Ns, ask: Callable[[str], None]) -> None:
        """Restart what is due, judge and climb for the rest."""
        for member in self:
            if member.due(now):
                self.start(member, now)
            member.tick(now, ask)

    def stop(self, now: Ns) -> None:
        """Ask all to end, the last started first."""
        for member in reversed(list(self)):
            member.stop(now)

    def kill(self) -> None:
        """End what is left, without asking."""
        for member in self:
            member.kill()

    def running(self) -> bool:
        """Whether every one does, so that nothing is due."""
        return all(member.state is State.RUNNING for member in self)

    def ended(self) -> bool:
        """Whether no process is left."""
        return not any(member.alive for member in self)

    def verdict(self) -> int | None:
        """The exit code of an essential worker that must not be restarted and never did its job; else None."""
        for member in self.essential:
            if member.state is State.FATAL and member.exit_code in DO_NOT_RESTART:
                return ExitCode(member.exit_code)
        return None
