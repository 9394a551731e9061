"""livectl version."""

import click

from lived import __version__
from lived.cli.options import Options, common, pass_options, say


@click.command()
@common
@pass_options
def version(options: Options) -> None:
    """Print the version of the program and of its protocol."""
    from lived.wire.chunk import VERSION

    say(options, f"lived {__version__}, protocol {VERSION}", {"version": __version__, "protocol": VERSION})
