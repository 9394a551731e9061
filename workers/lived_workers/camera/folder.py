"""A folder of pictures in a camera's place: one after the other by name, round and round."""

import logging
from pathlib import Path

from lived.errors import DeviceError
from lived_workers.camera.jpeg import Jpeg
from lived_workers.camera.photo import PhotoError, shrunk

MOST_BYTES = 32 * 1024 * 1024
"""Of one file."""

log = logging.getLogger("lived.camera")


class Folder:
    """A ``Lens`` (see worker.py) that looks at files."""

    def __init__(self, path: Path, width: int, quality: int) -> None:
        self._path, self._width, self._quality = path, width, quality
        self._left: list[Path] = []
        self._warned: set[Path] = set()  # of files that were there at the last look
        self.frames = 0
        self.ended = ""
        self.trouble = ""
        self.skipped = 0

    def open(self) -> str:
        """Look whether there is anything to show. Raises DeviceError."""
        self.frames, self.ended, self._left = 0, "", []
        count = len(self._files())
        return f"{self._path}, {count} {'file' if count == 1 else 'files'}"

    def close(self) -> None:
        """Nothing is held open."""
        self._left = []

    def poll(self) -> None:
        """The folder is there: that is all it has to do."""
        if self._path.is_dir():
            self.frames += 1
        else:
            self.ended = f"The folder {self._path} is gone."

    def picture(self) -> Jpeg | None:
        """The next picture; None when there is none, and ``ended`` says so. What is no picture is passed over."""
        for left in (self._left, None):  # the rest of this round, then once the whole of the next
            try:
                self._left = self._files() if left is None else left
            except DeviceError as error:
                self.ended = str(error)
                return None
            while self._left:
                found = self._read(self._left.pop(0))
                if found is not None:
                    return found
        self.ended = f"No file in {self._path} is a picture."
        return None

    def _read(self, path: Path) -> Jpeg | None:
        try:
            if path.stat().st_size > MOST_BYTES:
                raise PhotoError(f"it is larger than {MOST_BYTES // 1024**2} MiB")
            return shrunk(path.read_bytes(), self._width, self._quality)
        except (OSError, PhotoError) as error:
            self.skipped += 1
            if path not in self._warned:
                self._warned.add(path)
                log.warning("%s is passed over: %s", path, error)
        return None

    def _files(self) -> list[Path]:
        try:
            found = sorted(path for path in self._path.iterdir() if not path.name.startswith(".") and path.is_file())
        except OSError as error:
            raise DeviceError(f"The folder {self._path} cannot be read ({error.strerror}).") from None
        self._warned &= set(found)
        if not found:
            raise DeviceError(f"There is no picture in {self._path}.")
        return found
