"""``lived``: the daemon, in the foreground, logging to stderr."""

import faulthandler
import logging
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import click

from lived import __version__, credentials, native
from lived.config import Config, attached, extras, places
from lived.config.compatibility import warnings
from lived.config.files import key_files
from lived.config.load import load_with_sources
from lived.config.sources import Source
from lived.errors import ExitCode, LivedError
from lived.log import configure, last_words
from lived.supervisor import Keyring, Notifier, Starter, Supervisor, Surroundings, forked, roster

SECRET_OF_THE_STAND_IN = "simulator"  # noqa: S105
SECRET_OF_THE_RELAY = "the-relay-has-it"  # noqa: S105
"""In place of a key where a relay of one's own is told by a header who we are: it has the key."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", "path", type=click.Path(path_type=Path), help="Configuration file (TOML).")
@click.option("--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE", help="Override one option.")
@click.option("--no-spawn", "alone", is_flag=True, help="Start no workers: each is a unit of its own (systemd/split).")
@click.version_option(__version__, prog_name="lived")
def daemon(path: Path | None, overrides: Sequence[str], alone: bool) -> None:
    """Hold a spoken conversation with the Gemini Live API; livectl controls it.

    Exit codes: 0 stopped as asked; 64 wrong command line; 66 a configured file is missing; 75 cannot work now
    (another daemon, directory, disk), or another key has come that systemd must hand over; 78 the configuration or
    the key has to be changed. Without a key it runs, says so, and goes on when it is given one.
    """
    try:
        sys.exit(_run(path, overrides, alone))
    except LivedError as error:
        Notifier(os.environ).status(str(error))  # systemctl status shows it above the log
        last_words("lived", str(error))
        sys.exit(error.exit_code)


def _run(path: Path | None, overrides: Sequence[str], alone: bool) -> int:
    vault = credentials.Vault.filled()
    native.name_process("lived")  # who was executed anew is called python3

    def load() -> tuple[Config, Mapping[str, Source]]:
        return load_with_sources(path, overrides, os.environ)

    loaded = load()
    if alone:
        vault.close()  # the gateway has its own; here it is only seen when systemd has another one to hand over
        faulthandler.enable()
        no_keys = Keyring(lambda _: "", key_files(path, os.environ), handed_over=True)
        return _supervise(_checked(*loaded), lambda: _checked(*load()), None, no_keys)
    starter = Starter(credentials.scrubbed(os.environ))
    if module := starter.fork(forked(roster(loaded[0]))):
        vault.close()
        starter.become(module)  # returns, or raises SystemExit, when the worker has ended
        return ExitCode.DONE
    faulthandler.enable()  # systemd's watchdog ends a hung daemon with SIGABRT: then the journal says where it hung
    try:
        config = _checked(*loaded)
        keys = _keyring(os.environ | vault.opened(), key_files(path, os.environ))
        return _supervise(config, lambda: _checked(*load()), starter, keys)
    finally:
        starter.dismiss()


def _checked(config: Config, sources: Mapping[str, Source]) -> Config:
    """The files that it names may hold secrets: not before the workers are forked."""
    attached.check(config, sources)
    extras.check(config, sources)
    return config


def _supervise(config: Config, reread: Callable[[], Config], starter: Starter | None, keys: Keyring) -> int:
    """The daemon itself, once its workers are forked."""
    configure(config.daemon.log_level, "lived")
    for sentence in warnings(config):
        logging.getLogger("lived").warning("%s", sentence)
    keys.look(config)
    if keys.missing:
        logging.getLogger("lived").warning("%s", keys.missing)
    around = Surroundings(
        runtime_dir=places.runtime_dir(config, os.environ),
        state_dir=places.state_dir(config, os.environ),
        starter=starter,
        keys=keys,
        reread=reread,
    )
    return Supervisor(config, around, roster(config), Notifier(os.environ)).run()


def _keyring(environ: Mapping[str, str], files: Sequence[Path]) -> Keyring:
    """Looks where a key may be: now, and later."""
    return Keyring(lambda config: secret_for(config, environ, files), files, "CREDENTIALS_DIRECTORY" in environ)


def secret_for(config: Config, environ: Mapping[str, str], files: Iterable[Path] = ()) -> str:
    """What the gateway shows the server. ``files``: where a key may be besides.

    Raises CredentialError, NoKeyError where a key is needed and there is none.
    """
    live = config.live
    if config.simulator.enabled:
        named = any(environ.get(name) for name in credentials.VARIABLES)
        return credentials.api_key(environ) if named else SECRET_OF_THE_STAND_IN
    if live.vertex:
        return credentials.account(environ, live.credentials_file)
    if live.token_url or live.token_command or live.token_file:
        return ""
    try:
        return credentials.api_key(environ, files)
    except credentials.NoKeyError:
        if live.base_url and live.headers_file:
            return SECRET_OF_THE_RELAY
        raise


def main() -> None:
    """The console script: click's own exit code for a wrong command line is not the one that systemd is told of."""
    try:
        daemon.main(prog_name="lived", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except click.Abort:
        sys.exit(ExitCode.DONE)


if __name__ == "__main__":
    main()
