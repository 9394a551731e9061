"""A few counters that survive SIGKILL: a file mapped into memory, so that writing one costs no system call.

It lives in the runtime directory (memory, not an SD card): it has to survive the process, not a reboot.
"""

import mmap
import os
import struct
from pathlib import Path

from lived.errors import RuntimeDirError

_FIELD = struct.Struct("<Q")


class Ledger:
    """Named unsigned 64-bit counters. One process writes; an aligned 8-byte store is not torn by a kill."""

    def __init__(self, path: Path, names: tuple[str, ...]) -> None:
        """Open or make the file; counters of a new file are 0.

        Raises:
            RuntimeDirError: it cannot be made (permission, disk full).
        """
        self._offset = {name: i * _FIELD.size for i, name in enumerate(names)}
        size = len(names) * _FIELD.size
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(fd, 0, size)  # a full disk is an error now, not SIGBUS later
                self._map = mmap.mmap(fd, size)
            finally:
                os.close(fd)
        except OSError as error:
            raise RuntimeDirError(f"Cannot keep the ledger {path}: {error.strerror or error}.") from error

    def __getitem__(self, name: str) -> int:
        value: int = _FIELD.unpack_from(self._map, self._offset[name])[0]
        return value

    def __setitem__(self, name: str, value: int) -> None:
        _FIELD.pack_into(self._map, self._offset[name], value)
