"""Which folders the empty settings of [daemon] mean. Looks at folders, makes none."""

import os
from collections.abc import Mapping
from pathlib import Path

from lived.config.options import Config

SYSTEM_RUNTIME = Path("/run/lived")


def runtime_dirs(config: Config, environ: Mapping[str, str]) -> list[Path]:
    """Folders where a daemon's sockets may be, the most likely first: for a client that looks for one.

    A set option or $RUNTIME_DIRECTORY leaves no choice: one folder.
    """
    fixed = config.daemon.runtime_dir or _first(environ.get("RUNTIME_DIRECTORY", ""))
    if fixed:
        return [Path(fixed)]
    session = environ.get("XDG_RUNTIME_DIR", "")
    own = Path(session) / "lived" if session.startswith("/") else Path(f"/tmp/lived-{os.getuid()}")  # noqa: S108 - one per user, the daemon makes it 0700
    return [SYSTEM_RUNTIME, own]


def runtime_dir(config: Config, environ: Mapping[str, str]) -> Path:
    """The folder where this daemon puts its sockets: as ``runtime_dirs``, without what it may not write to."""
    *others, last = runtime_dirs(config, environ)
    return next((folder for folder in others if os.access(folder, os.W_OK | os.X_OK)), last)


def state_dir(config: Config, environ: Mapping[str, str]) -> Path:
    """The folder for what outlives a restart."""
    fixed = config.daemon.state_dir or _first(environ.get("STATE_DIRECTORY", ""))
    if fixed:
        return Path(fixed)
    state_home = environ.get("XDG_STATE_HOME", "")
    home = Path(state_home) if state_home.startswith("/") else Path(environ.get("HOME", "/")) / ".local/state"
    return home / "lived"


def stand_in_dir(config: Config, runtime_dir: Path) -> Path:
    """The folder where the stand-in for the Live API keeps its journal, certificate and control socket."""
    return Path(config.simulator.dir) if config.simulator.dir else runtime_dir / "simulator"


def _first(folders: str) -> str:
    """systemd separates several folders with colons."""
    return folders.partition(":")[0]
