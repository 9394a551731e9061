"""``lived-worker NAME``: one worker as a unit of its own (systemd/split), in the foreground, logging to stderr."""

import os
import sys
from collections.abc import Mapping, Sequence

from lived import credentials
from lived.__main__ import secret_for
from lived.bus import DoorClient, Endpoints
from lived.config import Config, places
from lived.config.files import key_files
from lived.config.load import load
from lived.errors import ConfigError, LivedError, NotRunningError, RuntimeDirError, UsageError
from lived.log import last_words
from lived.sdnotify import VARIABLES as SYSTEMDS
from lived.sdnotify import Notifier
from lived.supervisor.process import environ_for
from lived.supervisor.roster import HOLDS_THE_KEY, roster
from lived.units import Ns
from lived.worker import Launch, own_unit
from lived.worker.launch import encode


def main() -> None:
    """The console script. Exit codes are the daemon's, 75 where no daemon answers."""
    try:
        _execute(sys.argv[1:])
    except LivedError as error:
        Notifier(os.environ).status(str(error))  # systemctl status shows it above the log
        last_words("lived-worker", str(error))
        sys.exit(error.exit_code)


def _execute(arguments: Sequence[str]) -> None:
    """Become the worker: what was imported and read to begin it is not kept."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        raise UsageError("Name one worker, and nothing else: lived-worker capture.")
    (name,) = arguments
    vault = credentials.Vault.filled()
    config = load(None, (), os.environ)
    specs = {spec.name: spec for spec in roster(config)}
    if name not in specs:
        raise ConfigError(f"This configuration has no worker {name!r}; it has: {', '.join(specs)}.")
    keys = vault.opened()
    secret = _secret(config, os.environ | keys) if name in HOLDS_THE_KEY else ""
    leash = own_unit.prepare(encode(_launch(name, config, secret)))
    environ = credentials.scrubbed(os.environ) | {key: os.environ[key] for key in SYSTEMDS if key in os.environ}
    os.execve(  # noqa: S606
        sys.executable, [sys.executable, "-m", specs[name].module], environ_for(environ, specs[name].path) | leash
    )


def _secret(config: Config, environ: Mapping[str, str]) -> str:
    """Empty while there is none: then the gateway says so. Raises CredentialError for one that cannot be used."""
    try:
        return secret_for(config, environ, key_files(None, environ))
    except credentials.NoKeyError:
        return ""


def _launch(name: str, config: Config, secret: str) -> Launch:
    """What the supervisor would tell it: the wanted state is asked for at the door.

    Raises:
        RuntimeDirError: no daemon is there; worth another try.
    """
    directory = places.runtime_dir(config, os.environ)
    try:
        with DoorClient(Endpoints(directory)) as door:
            status = door.ask("status")
    except NotRunningError as error:
        raise RuntimeDirError(f"No daemon answers in {directory}: run 'lived --no-spawn' first.") from error
    return Launch(
        worker=name,
        config=config,
        runtime_dir=str(directory),
        state_dir=str(places.state_dir(config, os.environ)),
        origin=Ns(status["origin"]),
        conversing=status["conversing"],
        muted=status["muted"],
        volume=status["volume"],
        secret=secret,
    )


if __name__ == "__main__":
    main()
