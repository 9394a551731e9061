"""Where the segments of a recording go: their names, and the room for them."""

import errno
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

from lived.recording import names, retention
from lived.recording.segment import FileSegment, Format, RawSegment, Segment
from lived.recording.shape import SHAPES

FOLDER_MODE = 0o750
_TAKEN = "every name like it is taken: choose another"


class Output(Protocol):
    """Where the segments of a recording go."""

    format: Format

    def open(self, first: int) -> Segment:
        """The next one, which begins with frame ``first`` of the recording. Raises OSError."""

    def has_room(self, had: bool) -> bool:
        """Whether there is room to go on (``retention.has_room``)."""


class StandardOutput:
    """``livectl record -``."""

    def __init__(self, format: Format, fd: int = 1) -> None:  # noqa: A002
        self.format = format
        self._fd = fd

    def open(self, first: int) -> RawSegment:  # noqa: ARG002
        """There is only one."""
        return RawSegment(self._fd, len(SHAPES[self.format.stream].channels))

    def has_room(self, had: bool) -> bool:  # noqa: ARG002
        """A pipe has no disk."""
        return True


class SingleFile:
    """A file that somebody named; what does not fit into it goes to NAME-2, NAME-3 ..."""

    def __init__(self, path: Path, format: Format) -> None:  # noqa: A002
        self.format = format
        self._path = path
        self._number = 1

    def open(self, first: int) -> FileSegment:
        """The next one."""
        for stem in names.numbered(self._path.stem, self._number):
            self._number += 1
            try:
                return FileSegment(self._path.with_name(stem + self._path.suffix), self.format, first)
            except FileExistsError:
                continue
        raise FileExistsError(errno.EEXIST, _TAKEN, str(self._path))

    def has_room(self, had: bool) -> bool:
        """On its disk."""
        return _has_room(self._path.parent, had)


class Folder:
    """The recorder's directory: names with the time."""

    def __init__(self, folder: Path, format: Format) -> None:  # noqa: A002
        self.format = format
        self._folder = folder

    def open(self, first: int) -> FileSegment:
        """The next one."""
        self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        for name in self._names():
            path = self._folder / f"{name}.{self.format.kind}"
            beside = [path.with_suffix(f".{end}") for end in (*names.EXTENSIONS, *names.BESIDE)]
            if any(other.exists() for other in beside):
                continue
            return FileSegment(path, self.format, first)
        raise FileExistsError(errno.EEXIST, _TAKEN, str(self._folder))

    def has_room(self, had: bool) -> bool:
        """On its disk."""
        return _has_room(self._folder, had)

    def _names(self) -> Iterator[str]:
        return names.numbered(names.timed(datetime.now().astimezone(), self.format.stream))


def _has_room(folder: Path, had: bool) -> bool:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    disk = os.statvfs(there)
    return retention.has_room(disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize, had)
