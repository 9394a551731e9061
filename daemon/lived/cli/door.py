"""Finding the daemon of this call, and asking it."""

import os
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lived.cli.options import Options
from lived.errors import LivedError, NotRunningError

NOT_RUNNING = "The daemon is not running: start it with 'livectl start'."
PATIENCE_MS = 5_000
"""The supervisor answers within milliseconds, unless the machine is very busy."""


def candidates(options: Options, environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Runtime directories where this call's daemon may be, the most likely first.

    Raises:
        LivedError: the configuration that was named on the command line cannot be used.
    """
    if options.runtime_dir:
        return [options.runtime_dir.absolute()]
    # not needed above, and a tenth of the time that a short command takes
    from lived.config import Config, places
    from lived.config.load import load

    try:
        config = load(options.config, options.overrides, environ)
    except LivedError:
        if options.choose_a_daemon:
            raise
        config = Config()  # a broken file must not keep anybody from stopping the daemon that runs
    return places.runtime_dirs(config, environ)


def answers(directory: Path) -> bool:
    """Whether a process listens at the door in ``directory``: a dead daemon leaves its socket behind.

    Raises:
        LivedError: somebody may, but this user may not.
    """
    path = str(directory / "door.sock")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.connect(path)
    except PermissionError:
        raise LivedError(
            f"You may not talk to the daemon in {directory}: join its group "
            "('sudo usermod -aG lived $USER', then log in again), or use sudo."
        ) from None
    except OSError:
        return False
    return True


def running(options: Options, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The runtime directory of the daemon that runs, None when none does.

    Raises:
        LivedError: only one that this user may not talk to may run.
    """
    return first(candidates(options, environ))


def first(places: Iterable[Path]) -> Path | None:
    """The first folder where a daemon answers. Raises as ``running``."""
    closed: LivedError | None = None
    for directory in places:
        try:
            if answers(directory):
                return directory
        except LivedError as error:
            closed = closed or error  # another user's, or the system's; this user may have one too
    if closed is not None:
        raise closed
    return None


def others(options: Options, found: Path, environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Runtime directories of further daemons beside the one in ``found``; also of those that one may not talk to."""
    return [place for place in candidates(options, environ) if place != found and _lives(place)]


def _lives(directory: Path) -> bool:
    try:
        return answers(directory)
    except LivedError:
        return True


def directory_of(options: Options) -> Path:
    """As ``running``.

    Raises:
        NotRunningError: no daemon.
    """
    directory = running(options)
    if directory is None:
        raise NotRunningError(NOT_RUNNING)
    return directory


def ask(options: Options, op: str, **args: Any) -> dict[str, Any]:
    """One request to the daemon of this call; its result (docs/protocol.md, "The door").

    Raises:
        NotRunningError: nobody answers.
        DoorError: the daemon refuses, and says why.
    """
    return ask_at(directory_of(options), op, **args)


def ask_at(directory: Path, op: str, **args: Any) -> dict[str, Any]:
    """As ``ask``, of the daemon in ``directory``."""
    from lived.bus import DoorClient, Endpoints

    with DoorClient(Endpoints(directory), PATIENCE_MS) as door:
        try:
            return door.ask(op, **args)
        except NotRunningError:
            if answers(directory):
                raise LivedError(
                    f"The daemon does not answer within {PATIENCE_MS // 1000} s, though it lives: look into its log."
                ) from None
            raise NotRunningError(NOT_RUNNING) from None
