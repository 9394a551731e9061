"""Where the sockets are: paths under one runtime directory."""

import grp
import os
from pathlib import Path

from lived.errors import RuntimeDirError

_LONGEST_PATH = 107
"""sun_path of a Unix socket, less its terminating zero."""


class Endpoints:
    """The seven sockets of one daemon.

    ``audio``, ``event`` and ``door`` are for everyone in the group; ``inner/`` is for the daemon's user
    alone: only there can anything be published (``_in``), and workers hear each other there (``_out``).
    """

    def __init__(self, runtime_dir: Path) -> None:
        self.directory = runtime_dir
        self.inner = runtime_dir / "inner"
        self.audio = self._ipc(runtime_dir / "audio.sock")
        self.event = self._ipc(runtime_dir / "event.sock")
        self.door = self._ipc(runtime_dir / "door.sock")
        self.audio_in = self._ipc(self.inner / "audio.sock")
        self.event_in = self._ipc(self.inner / "event.sock")
        self.audio_out = self._ipc(self.inner / "audio.out")
        self.event_out = self._ipc(self.inner / "event.out")

    @staticmethod
    def _ipc(path: Path) -> str:
        if len(os.fsencode(path)) > _LONGEST_PATH:
            raise RuntimeDirError(
                f"The socket path {path} is longer than {_LONGEST_PATH} bytes: set daemon.runtime_dir to a shorter one."
            )
        return f"ipc://{path}"

    def make(self) -> None:
        """Make the directories with their modes (0750 outside, 0700 inside).

        Raises:
            RuntimeDirError: no permission, a file in the way, disk full.
        """
        try:
            self.directory.mkdir(mode=0o750, parents=True, exist_ok=True)
            self.inner.mkdir(mode=0o700, exist_ok=True)
            self.inner.chmod(0o700)
        except OSError as error:
            raise RuntimeDirError(
                f"Cannot make {error.filename or self.directory}: {error.strerror}; "
                "set daemon.runtime_dir to a directory this user can write."
            ) from error

    def open_to(self, group: str) -> None:
        """Give the outer sockets to ``group`` (mode 0660), where that group exists and we may."""
        try:
            gid = grp.getgrnam(group).gr_gid if group else -1
        except KeyError:
            gid = -1
        for endpoint in (self.audio, self.event, self.door):
            path = endpoint.removeprefix("ipc://")
            os.chmod(path, 0o660)  # noqa: PTH101
            if gid != -1 and os.geteuid() in (0, Path(path).stat().st_uid):
                try:
                    os.chown(path, -1, gid)
                except PermissionError:
                    continue  # not a member of that group: the daemon's own group has access
