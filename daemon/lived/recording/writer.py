"""The thread that writes: encoding, the disk, fdatasync. Who hands over sound never waits for it."""

import errno
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from lived.clock import monotonic_ns
from lived.recording.captions import Cue
from lived.recording.mixdown import Block
from lived.recording.output import Output
from lived.recording.segment import Note, Segment
from lived.recording.shape import SHAPES
from lived.recording.track import Gap
from lived.units import SECOND, Ns, seconds

MOST_BYTES = 4 * 1024**2
"""Sound that waits for the disk: stereo at 24 kHz is 96 kB/s, so 43 s of it; SD cards have been seen to stand still for
10 s. What does not fit is silence of the same length in the file."""
MOST_NOTES = 5_000
"""Lines that wait: 500 B each, 2.5 MB. A busy conversation has ten a second."""

SETTLE = Ns(SECOND)
"""What a power cut may cost."""
RETRY = Ns(5 * SECOND)
"""Between two looks at a disk that was full."""
LONGEST_WAV = 4_000_000_000
"""Bytes: the header counts up to 2^32."""

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_FULL = "too little room is left"

Item = Block | Note | Cue


class Limits(NamedTuple):
    """When a file ends and the next one begins, without losing a frame."""

    frames: int = 0
    """0 = never."""
    bytes: int = LONGEST_WAV


class Written(NamedTuple):
    """How it goes. A new one whenever something changes."""

    file: Path | None = None
    """That is written now."""
    trouble: str = ""
    """One sentence: why nothing is written now."""
    error: OSError | None = None
    """The same for programs."""


class Writer:
    """One recording. ``put`` belongs to one thread; the rest of the state is written by the writer's own."""

    def __init__(self, output: Output, limits: Limits) -> None:
        """Begins with the first sound that is handed over; the first file is made then."""
        self.state = Written()
        self.files: list[Path] = []
        """All files so far."""
        self.gaps: list[Gap] = []
        """What the disk has cost: one each time that it was full or stood still."""
        self.frames = 0
        """Written so far, in all files."""
        self.output = output
        self._limits = limits
        self._channels = len(SHAPES[output.format.stream].channels)
        self._waiting: deque[Item] = deque()
        self._bytes = self._notes = 0  # that wait; under _changed
        self._ending = False  # nothing more comes
        self._drained = False  # and nothing waits
        self._changed = threading.Condition()
        self._segment: Segment | None = None
        self._next = 0  # frame of the recording
        self._settle_at = self._retry_at = Ns(0)
        self._size = 0
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    def put(self, item: Item) -> bool:
        """Hand over; False when there is no room for it, which shows as a gap."""
        size = len(item.pcm) if isinstance(item, Block) else 0
        with self._changed:
            if self._bytes + size > MOST_BYTES or (not size and self._notes >= MOST_NOTES):
                return False
            self._waiting.append(item)
            self._bytes += size
            self._notes += not size
            self._changed.notify()
        return True

    def finish(self) -> None:
        """Write what waits and end; does not wait for it."""
        with self._changed:
            self._ending = True
            self._changed.notify()

    def wait(self, limit: Ns) -> bool:
        """After ``finish``: whether it has ended, waiting at most ``limit`` for the disk."""
        self._thread.join(seconds(limit))
        return not self._thread.is_alive()

    # in the writer's thread

    def _run(self) -> None:
        self._settle_at = Ns(monotonic_ns() + SETTLE)
        while not self._drained:
            item = self._take()
            try:
                if item is not None:
                    self._handle(item)
                if monotonic_ns() >= self._settle_at:
                    self._settle()
                if self._drained:
                    self._end_segment()
            except OSError as error:
                self._fail(error)

    def _take(self) -> Item | None:
        """The next item; None when it is time to settle, or to end. Only here, under the lock, it is known that nothing
        waits and nothing more comes: asked later, what was handed over meanwhile would be lost."""
        with self._changed:
            left = seconds(Ns(max(0, self._settle_at - monotonic_ns())))
            if not self._waiting and not self._ending:
                self._changed.wait(left)
            if not self._waiting:
                self._drained = self._ending
                return None
            item = self._waiting.popleft()
            size = len(item.pcm) if isinstance(item, Block) else 0
            self._bytes -= size
            self._notes -= not size
            return item

    def _handle(self, item: Item) -> None:
        if isinstance(item, Block):
            self._sound(item)
        elif self._segment and isinstance(item, Note):
            self._segment.note(item)
        elif self._segment and isinstance(item, Cue):
            self._segment.cue(item)

    def _sound(self, block: Block) -> None:
        if self._segment is None and not self._begin(block.first):
            return
        missing = block.first - self._next
        if missing > 0:  # did not fit into the queue
            self._lost(missing)
            self._write(bytes(missing * 2 * self._channels))
        self._write(block.pcm)

    def _write(self, pcm: bytes) -> None:
        """Into as many files as it takes."""
        width = 2 * self._channels
        while pcm:
            segment = self._segment or self._open(self._next)
            room = self._limits.frames - segment.frames if self._limits.frames else len(pcm)
            now, pcm = pcm[: room * width], pcm[room * width :]
            segment.write(now)
            self._next += len(now) // width
            self.frames += len(now) // width
            if pcm or self._size >= self._limits.bytes or segment.frames == self._limits.frames:
                self._end_segment()

    def _begin(self, first: int) -> bool:
        """The next file, the first one or one after trouble; False when it is too early to try again."""
        now = monotonic_ns()
        if now < self._retry_at:
            return False
        if not self.output.has_room(had=not self.state.trouble):
            raise OSError(errno.ENOSPC, _FULL)
        self._open(first)
        if first > self._next:
            self._lost(first - self._next)
        self._next = first
        return True

    def _lost(self, frames: int) -> None:
        gap = Gap(self.output.format.stream, self._next, frames, "disk")
        self.gaps.append(gap)
        if self._segment:
            self._segment.note(self.output.format.note(gap))

    def _open(self, first: int) -> Segment:
        segment = self._segment = self.output.open(first)
        self._size = 0
        if segment.path:
            self.files.append(segment.path)
        self.state = Written(segment.path)
        return segment

    def _settle(self) -> None:
        """Once a second: on the disk with everything, and look whether it has room."""
        self._settle_at = Ns(monotonic_ns() + SETTLE)
        if self._segment is None:
            return
        self._size = self._segment.settle()
        if not self.output.has_room(had=True):
            raise OSError(errno.ENOSPC, _FULL)

    def _end_segment(self) -> None:
        segment, self._segment = self._segment, None
        if segment:
            segment.close()

    def _fail(self, error: OSError) -> None:
        """Nothing can be written. What was written stays; once there is room, it goes on in a new file."""
        with suppress(OSError):  # of the same error
            self._end_segment()
        self.state = Written(None, self.state.trouble or sentence(error, self.state.file), error)
        self._retry_at = Ns(monotonic_ns() + RETRY)


def sentence(error: OSError, path: Path | None) -> str:
    """What is wrong, and what to do."""
    if error.errno in _NO_SPACE:
        where = f" of {path.parent}" if path else ""
        return f"The disk{where} is full: recording goes on when there is room again."
    return (
        f"The recording{f' {path}' if path else ''} cannot be written ({error.strerror or error}): it is tried again."
    )
