"""A few counters that survive SIGKILL: a file mapped into memory, so that writing one costs no system call.

It lives in the runtime directory (memory, not an SD card): it has to survive the process, not a reboot.
"""

import mmap
import os
from pathlib import Path

from lived.errors import RuntimeDirError

_FIELD_BYTES = 8


class Ledger:
    """Named unsigned 64-bit counters. One process writes; an aligned 8-byte store is not torn by a kill."""

    def __init__(self, path: Path, names: tuple[str, ...]) -> None:
        """Open or make the file; counters of a new file are 0.

        Raises:
            RuntimeDirError: it cannot be made (permission, disk full).
        """
        self._index = {name: i for i, name in enumerate(names)}
        size = len(names) * _FIELD_BYTES
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(fd, 0, size)  # a full disk is an error now, not SIGBUS later
                # native numbers are stored as a whole; struct's "<Q" writes byte by byte
                self._counters = memoryview(mmap.mmap(fd, size)).cast("Q")
            finally:
                os.close(fd)
        except OSError as error:
            raise RuntimeDirError(f"Cannot keep the ledger {path}: {error.strerror or error}.") from error

    def __getitem__(self, name: str) -> int:
        return self._counters[self._index[name]]

    def __setitem__(self, name: str, value: int) -> None:
        self._counters[self._index[name]] = value
