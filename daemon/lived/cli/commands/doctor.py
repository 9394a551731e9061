"""livectl doctor: what is wrong with this device, and what mends it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lived.cli.options import Exit, Options, common, pass_options, say
from lived.errors import LivedError

if TYPE_CHECKING:
    from lived.cli.doctor.site import Site


@click.command()
@click.option("--bundle", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write a report too.")
@common
@pass_options
def doctor(options: Options, bundle: Path | None) -> int:
    """Look for everything that goes wrong on devices; exit code 1 when something has to be mended.

    Plays a sound of one second, unless the daemon runs: then it keeps the card and is asked instead. --bundle writes
    a tar.gz for a bug report: versions, configuration and logs, without secrets.
    """
    import msgspec

    from lived.cli.doctor.examine import examine
    from lived.cli.doctor.finding import Level
    from lived.cli.doctor.report import lines

    place = site(options)
    findings = examine(place)
    healthy = not any(one.level is Level.FAILURE for one in findings)
    data: dict[str, Any] = {"ok": healthy, "findings": [msgspec.to_builtins(one) for one in findings]}
    say(options, "\n".join(lines(findings)), data)
    if bundle:
        from lived.cli.doctor.bundle import write

        write(bundle, place, findings)
        click.echo(f"livectl: The report is in {bundle}; look through it before you send it.", err=True)
    return Exit.DONE if healthy else Exit.FAILED


def site(options: Options) -> "Site":
    """What is known before anything is looked at: a configuration that is wrong is a finding, and no end."""
    from lived.cli import door
    from lived.cli.doctor.site import Site
    from lived.config import Config
    from lived.config.load import load
    from lived.errors import NotRunningError

    try:
        config = load(options.config, options.overrides, os.environ)
    except LivedError:
        config = Config()
    try:
        folder = door.directory_of(options)
        return Site(options=options, config=config, status=door.ask_at(folder, "status"), directory=folder)
    except NotRunningError:
        return Site(options=options, config=config)
    except LivedError as error:
        return Site(options=options, config=config, deaf=str(error))
