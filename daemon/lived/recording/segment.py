"""Files of one recording: the sound, what happened in it (JSON lines), what was said (WebVTT)."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec

from lived.clock import monotonic_ns
from lived.recording import captions
from lived.recording.captions import Cue
from lived.recording.encoder import Encoder
from lived.recording.shape import SHAPES
from lived.recording.track import Gap
from lived.units import SECOND, Ns, seconds, span_of

FILE_MODE = 0o640


class Format(NamedTuple):
    """What is the same in all files of a recording."""

    stream: str
    """A key of ``SHAPES``."""
    kind: str
    """wav, flac, opus or raw."""
    begin: Ns
    """CLOCK_MONOTONIC of the recording's frame 0."""
    transcript: bool

    def at(self, frame: int) -> Ns:
        """When ``frame`` passed."""
        return Ns(self.begin + span_of(frame, SHAPES[self.stream].rate))

    def note(self, gap: Gap) -> "Note":
        """``gap`` for the log."""
        s = round(gap.frames / SHAPES[self.stream].rate, 3)
        fields = {"type": "gap", "stream": gap.stream, "frames": gap.frames, "s": s, "cause": gap.cause}
        return Note(self.at(max(0, gap.first)), fields)


class Note(NamedTuple):
    """Something that happened, for the log."""

    time: Ns
    fields: dict[str, Any]
    """``type`` and what belongs to it; ``t``, its time in the file in seconds, is added."""
    words: bool = False
    """What somebody said: only where a transcript is wanted."""


class Segment(Protocol):
    """One file, or standard output."""

    @property
    def path(self) -> Path | None:
        """Where it is."""

    @property
    def frames(self) -> int:
        """Written so far."""

    def write(self, pcm: bytes) -> None:
        """Sound goes on. Raises OSError, as do the others."""

    def note(self, note: Note) -> None:
        """Into the log."""

    def cue(self, cue: Cue) -> None:
        """Into the captions."""

    def settle(self) -> int:
        """Everything is on the disk when this returns; bytes of the file."""

    def close(self) -> None:
        """The end."""


class FileSegment:
    """A file and what stands beside it; none of them existed before."""

    def __init__(self, path: Path, format: Format, first: int) -> None:  # noqa: A002
        """Raises FileExistsError, OSError."""
        self.path = path
        self.frames = 0
        self._format = format
        self._begin = format.at(first)
        self._earliest = self._begin
        self._fds: list[int] = []
        self._made: list[Path] = []
        self._encoder: Encoder | None = None
        try:
            fd = self._create(path)
            self._log = self._create(path.with_suffix(".jsonl"))
            self._captions = self._create(path.with_suffix(".vtt")) if format.transcript else None
            shape = SHAPES[format.stream]
            self._encoder = Encoder(fd, format.kind, shape.rate, len(shape.channels))
            self._sound = fd
            self._head(first)
            _sync_folder(path.parent)
        except BaseException:
            self._let_go()
            for made in self._made:
                made.unlink(missing_ok=True)
            raise

    def write(self, pcm: bytes) -> None:
        """Sound goes on."""
        assert self._encoder is not None  # noqa: S101
        self._encoder.write(pcm)
        self.frames += len(pcm) // (2 * len(SHAPES[self._format.stream].channels))

    def note(self, note: Note) -> None:
        """Into the log."""
        if not note.words or self._format.transcript:
            self._line({"t": self._seconds(note.time), **note.fields})

    def cue(self, cue: Cue) -> None:
        """Into the log and the captions."""
        if self._captions is None:
            return
        _write(self._captions, captions.webvtt(cue, self._begin, self._earliest).encode())
        self._earliest = max(self._earliest, cue.begin)
        self._line(
            {"t": self._seconds(cue.begin), "type": "cue", "end": self._seconds(cue.end), "side": cue.side}
            | {"text": cue.text}
        )

    def settle(self) -> int:
        """Everything is on the disk when this returns."""
        for fd in self._fds:
            os.fdatasync(fd)
        return os.fstat(self._sound).st_size

    def close(self) -> None:
        """Complete the file."""
        try:
            if self._encoder:
                self._encoder.close()
            self._line({"t": round(self.frames / SHAPES[self._format.stream].rate, 3), "type": "end"})
            self.settle()
        finally:
            self._let_go()

    def _create(self, path: Path) -> int:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        self._fds.append(fd)
        self._made.append(path)
        return fd

    def _head(self, first: int) -> None:
        shape = SHAPES[self._format.stream]
        wall = datetime.now().astimezone() - timedelta(seconds=seconds(Ns(monotonic_ns() - self._begin)))
        if self._captions is not None:
            _write(self._captions, captions.HEADER.encode())
        self._line(
            {
                "t": 0.0,
                "type": "begin",
                "stream": self._format.stream,
                "rate": shape.rate,
                "channels": len(shape.channels),
                "time": wall.isoformat(timespec="milliseconds"),
                "monotonic": self._begin,
                "frame": first,
            }
        )

    def _line(self, fields: dict[str, Any]) -> None:
        _write(self._log, msgspec.json.encode(fields) + b"\n")

    def _seconds(self, time: Ns) -> float:
        return round((time - self._begin) / SECOND, 3)

    def _let_go(self) -> None:
        if self._encoder:
            self._encoder.abandon()
        for fd in self._fds:
            os.close(fd)
        self._fds.clear()


class RawSegment:
    """Interleaved s16le to a file descriptor, nothing else."""

    path: Path | None = None

    def __init__(self, fd: int, channels: int) -> None:
        self._fd, self._bytes = fd, 2 * channels
        self.frames = 0

    def write(self, pcm: bytes) -> None:
        """Sound goes on; waits for a slow reader."""
        _write(self._fd, pcm)
        self.frames += len(pcm) // self._bytes

    def note(self, note: Note) -> None:
        """There is no log."""

    def cue(self, cue: Cue) -> None:
        """There are no captions."""

    def settle(self) -> int:
        """Nothing is kept back."""
        return 0

    def close(self) -> None:
        """The descriptor is somebody else's."""


def _sync_folder(folder: Path) -> None:
    """A file that is not in its folder after a power cut is no recording."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
