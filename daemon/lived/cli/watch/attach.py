"""The loop of livectl monitor and top: attached to one daemon after the other. Buses in, status in, nothing out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lived.bus import Bus, DoorClient, Endpoints, Poller, Subscriber
from lived.cli.door import NOT_RUNNING, answers
from lived.cli.watch.watcher import Watcher
from lived.clock import monotonic_ns
from lived.errors import DoorError, NotRunningError, RuntimeDirError, WireError
from lived.units import MILLISECOND, Ns
from lived.wire import Stream, decode_chunk, decode_event

ENDED = "The daemon has ended: start it with 'livectl start'."

_ASK_MS = 1_000
"""The supervisor answers within milliseconds. While it does not, the picture stands still for so long."""

_GREETING_MS = 2_000
_FIND_EVERY = Ns(500 * MILLISECOND)

_STREAMS = tuple(stream.topic for stream in Stream)
_EVENTS = (b"floor/", b"mic/", b"volume/", b"session.", b"budget/", b"idle/", b"worker.state/", b"worker.unready/")
_TALK = (b"said/", b"transcript/", b"turn.played/", b"cut", b"playback.underrun/", b"stream.loss/")


@dataclass(frozen=True)
class Rhythm:
    """How often what is done."""

    frame: Ns
    """Between two calls of ``frame``."""
    status: Ns
    """Between two requests at the door."""
    prompt: bool
    """Take sound at the moment it comes, for its age; else before each frame."""
    patient: bool
    """Wait for a daemon that is not there, or not any more."""


class _Attachment:
    """To one daemon. Belongs to one thread."""

    def __init__(self, directory: Path, watcher: Watcher) -> None:
        """Raises RuntimeDirError when the buses do not answer."""
        self.directory = directory
        self._watcher = watcher
        endpoints = Endpoints(directory)
        self._bus = Bus(endpoints)
        self._door = DoorClient(endpoints, _ASK_MS)
        try:
            # what waits for us is bounded by the high-water mark: a terminal that holds us up for longer than 13 s
            # costs sound that we would have measured, and nobody else anything
            self.sound, self.events = self._bus.audio(*_STREAMS), self._bus.events(*_EVENTS, *_TALK)
            for subscriber in (self.sound, self.events):
                subscriber.await_greeting(_GREETING_MS)
        except RuntimeDirError:
            self.close()
            raise

    def ask(self, now: Ns) -> bool:
        """Hand on the status; False when there is no daemon any more."""
        try:
            self._watcher.status(self._door.ask("status"), now)
        except NotRunningError:
            if not answers(self.directory):
                return False
            self._watcher.unanswered(now)
        except (DoorError, WireError):
            self._watcher.unanswered(now)
        return True

    def hear(self) -> None:
        """Hand on the sound that came."""
        for frames in self.sound.drain():
            try:
                chunk = decode_chunk(frames)
            except WireError:
                self._watcher.unreadable()
                continue
            self._watcher.chunk(chunk, monotonic_ns())

    def read(self) -> None:
        """Hand on the events that came."""
        for frames in self.events.drain():
            try:
                event = decode_event(frames)
            except WireError:
                self._watcher.unreadable()
                continue
            self._watcher.event(event, monotonic_ns())

    def close(self) -> None:
        """Detach."""
        self._door.close()
        self._bus.close()


class Attached:
    """Keeps a watcher attached, as long as ``run`` runs."""

    def __init__(self, find: Callable[[], Path | None], watcher: Watcher, rhythm: Rhythm) -> None:
        """``find`` gives the runtime directory of a daemon that answers."""
        self._find, self._watcher, self._rhythm = find, watcher, rhythm
        self._poller = Poller()
        self._now: _Attachment | None = None
        self._look_at = Ns(0)

    def also(self, descriptor: int, handler: Callable[[], None]) -> None:
        """Call ``handler`` when a file descriptor is readable."""
        self._poller.add(descriptor, handler)

    def run(self, frame: Callable[[Ns], bool]) -> None:
        """Call ``frame`` in its rhythm, until it says False.

        Raises:
            NotRunningError: there is no daemon, or not any more, and nobody wants to wait for one.
        """
        due = monotonic_ns()
        try:
            while True:
                now = monotonic_ns()
                if now >= self._look_at:
                    self._look(now)
                if now >= due:
                    if self._now:
                        self._now.hear()
                    if not frame(now):
                        return
                    due = Ns(monotonic_ns() + self._rhythm.frame)  # one that took long is not made up for
                self._poller.wait(max(1, (min(due, self._look_at) - monotonic_ns()) // MILLISECOND))
        finally:
            if self._now:
                self._now.close()

    def _look(self, now: Ns) -> None:
        """Attach where that is wanted, ask, find out that the daemon has gone."""
        if self._now is None:
            self._attach(now)
        if self._now is not None and not self._now.ask(now):
            self._detach(now)
        self._look_at = Ns(now + (_FIND_EVERY if self._now is None else self._rhythm.status))

    def _attach(self, now: Ns) -> None:
        directory = self._find()
        if directory is None:
            if not self._rhythm.patient:
                raise NotRunningError(NOT_RUNNING)
            return
        try:
            self._now = _Attachment(directory, self._watcher)
        except RuntimeDirError:  # it is ending, or just beginning
            if not self._rhythm.patient:
                raise
            return
        self._watcher.attached(now)
        self._poller.add(self._now.events, self._now.read)
        if self._rhythm.prompt:
            self._poller.add(self._now.sound, self._now.hear)

    def _detach(self, now: Ns) -> None:
        if self._now is None:
            return
        sources: tuple[Subscriber, ...] = (self._now.events, self._now.sound)
        for source in sources:
            self._poller.remove(source)
        self._now.close()
        self._now = None
        self._watcher.detached(now)
        if not self._rhythm.patient:
            raise NotRunningError(ENDED)
