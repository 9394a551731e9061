"""The folder of the recordings: what is on it, and what of it goes."""

import logging
import os
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from lived.recording import names, retention
from lived.recording.retention import Kept, Rules

log = logging.getLogger("lived.recorder")


class Shelf:
    """Deletes old recordings, in a thread: a large file on a slow card takes seconds to go."""

    def __init__(self, folder: Path, rules: Rules) -> None:
        self._folder, self._rules = folder, rules
        self._thread: threading.Thread | None = None
        self.deleted = 0
        """Recordings, since the process began."""

    def tidy(self, written: Collection[Path]) -> None:
        """Delete what has to go, but for what is being ``written``. Does not wait; not twice at a time."""
        if self._thread is None or not self._thread.is_alive():
            stems = [path.stem for path in written]
            self._thread = threading.Thread(target=self._tidy, args=(stems,), name="shelf", daemon=True)
            self._thread.start()

    def largest(self, segment: int) -> int:
        """Bytes of a file, such that there is an old one to delete when the share of the disk is used up."""
        there = next(place for place in (self._folder, *self._folder.parents) if place.exists())
        return retention.largest(segment, self._rules, _size(there))

    def _tidy(self, written: Collection[str]) -> None:
        try:
            kept, files = self._look()
            for stem in retention.doomed(kept, self._rules, time.time(), _size(self._folder), written):
                for path in files[stem]:
                    path.unlink(missing_ok=True)
                self.deleted += 1
                log.info("deleted the recording %s", stem)
        except FileNotFoundError:
            return  # nothing was recorded yet
        except OSError as error:
            log.warning("old recordings in %s cannot be deleted: %s", self._folder, error.strerror)

    def _look(self) -> tuple[list[Kept], dict[str, list[Path]]]:
        """Our own files, by stem. Raises OSError."""
        files: dict[str, list[Path]] = {}
        sizes: dict[str, int] = {}
        changed: dict[str, float] = {}
        for entry in os.scandir(self._folder):
            stem = names.stem_of(entry.name)
            if stem is None or not entry.is_file(follow_symlinks=False):
                continue
            with suppress(FileNotFoundError):  # somebody else deleted it just now
                found = entry.stat(follow_symlinks=False)
                files.setdefault(stem, []).append(Path(entry.path))
                sizes[stem] = sizes.get(stem, 0) + found.st_blocks * 512
                changed[stem] = max(changed.get(stem, 0.0), found.st_mtime)
        return [Kept(stem, sizes[stem], changed[stem]) for stem in files], files


def _size(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_blocks * disk.f_frsize
