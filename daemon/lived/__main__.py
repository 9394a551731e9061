"""``lived``: the daemon, in the foreground, logging to stderr."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from lived import __version__, credentials
from lived.config import Config, places
from lived.config.load import load
from lived.errors import ExitCode, LivedError
from lived.log import configure
from lived.supervisor import Notifier, Nursery, Supervisor, Surroundings, roster

SECRET_OF_THE_STAND_IN = "simulator"  # noqa: S105


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", "path", type=click.Path(path_type=Path), help="Configuration file (TOML).")
@click.option("--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE", help="Override one option.")
@click.version_option(__version__, prog_name="lived")
def daemon(path: Path | None, overrides: Sequence[str]) -> None:
    """Hold a spoken conversation with the Gemini Live API; livectl controls it.

    Exit codes: 0 stopped as asked; 64 wrong command line; 66 a configured file is missing; 75 cannot work now
    (another daemon, directory, disk); 78 the configuration or the key has to be changed.
    """
    try:
        sys.exit(_run(path, overrides))
    except LivedError as error:
        click.echo(f"lived: {error}", err=True)
        sys.exit(error.exit_code)


def _run(path: Path | None, overrides: Sequence[str]) -> int:
    vault = credentials.Vault()
    nursery = Nursery(credentials.scrubbed(os.environ))
    if nursery.fork():
        nursery.serve()  # returns, or raises SystemExit, in what has become a worker
        return ExitCode.DONE

    def reread() -> Config:
        return load(path, overrides, os.environ)

    config = reread()
    configure(config.daemon.log_level, "lived")
    around = Surroundings(
        runtime_dir=places.runtime_dir(config, os.environ),
        state_dir=places.state_dir(config, os.environ),
        nursery=nursery,
        secret=_secret(config, os.environ | vault.opened()),
        reread=reread,
    )
    return Supervisor(config, around, roster(config), Notifier(os.environ)).run()


def _secret(config: Config, environ: Mapping[str, str]) -> str:
    """The key, asked for before anything starts, so that a missing one is said at once."""
    if config.simulator.enabled and not any(environ.get(n) for n in credentials.VARIABLES):
        return SECRET_OF_THE_STAND_IN
    return credentials.api_key(environ)


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
