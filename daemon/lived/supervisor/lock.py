"""One daemon for each runtime directory: a lock that the kernel lets go when its holder dies, however it dies."""

import fcntl
import os
from pathlib import Path

from lived.errors import RuntimeDirError


class Lock:
    """Held while the object lives."""

    def __init__(self, directory: Path) -> None:
        """Take the lock.

        Raises:
            RuntimeDirError: another daemon is alive; names its process.
        """
        path = directory / "lived.lock"
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise RuntimeDirError(
                f"Cannot use {path}: {error.strerror}; set daemon.runtime_dir to a directory this user can write."
            ) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._fd, 20, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._fd)
            raise RuntimeDirError(
                f"lived is already running here (process {holder}, {directory}): "
                "use 'livectl status', or 'livectl stop --daemon' to end it."
            ) from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let go."""
        os.close(self._fd)
