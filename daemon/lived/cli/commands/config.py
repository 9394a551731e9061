"""livectl config show, check, path: what the daemon would be told."""

import os
from itertools import groupby

import click

from lived.cli.options import Options, common, pass_options, say
from lived.config import attached, explain
from lived.config.compatibility import warnings
from lived.config.files import find
from lived.config.load import load_with_sources
from lived.config.schema import Value
from lived.config.values import shown, toml


@click.group()
@common
def config() -> None:
    """Show, check or locate the configuration."""


@config.command()
@common
@pass_options
def show(options: Options) -> None:
    """Print every option with its value, unit, and what set it."""
    rows = explain.show(*load_with_sources(options.config, options.overrides, os.environ))
    data = {row.key: {"value": row.value, "unit": row.unit, "source": row.source} for row in rows}
    say(options, "\n\n".join(_section(name, list(group)) for name, group in groupby(rows, _section_of)), data)


def _section_of(row: explain.Row) -> str:
    return row.key.rpartition(".")[0]


def _section(name: str, rows: list[explain.Row]) -> str:
    """A section as TOML that can be pasted into a file: the unit and the source are a comment."""
    settings = [f"{row.key.rpartition('.')[2]} = {_value(row.value)}" for row in rows]
    width = min(40, max(map(len, settings)))
    notes = [", ".join(filter(None, (row.unit, row.source, _decided(row)))) for row in rows]
    lines = [f"{setting:<{width}}  # {note}" for setting, note in zip(settings, notes, strict=True)]
    table, bracket, _ = name.partition("[")
    return "\n".join([f"[[{table}]]" if bracket else f"[{name}]", *lines])


def _value(value: Value) -> str:
    return toml(value) if isinstance(value, dict) else shown(value)


def _decided(row: explain.Row) -> str:
    return "the server decides" if row.value is None else ""


@config.command()
@common
@pass_options
def check(options: Options) -> None:
    """Say whether the configuration can be used: exit code 0, or 1 and what is wrong."""
    config, sources = load_with_sources(options.config, options.overrides, os.environ)
    attached.check(config, sources)
    files = [str(path) for path in find(options.config, os.environ)]
    source = ", ".join(files) or "no file; the defaults are used"
    told = warnings(config)
    words = [f"The configuration is right ({source}).", *(f"Warning: {sentence}" for sentence in told)]
    say(options, "\n".join(words), {"ok": True, "files": files, "warnings": told})


@config.command()
@common
@pass_options
def path(options: Options) -> None:
    """Print the files that are read, in order; the later one wins."""
    from lived.config.files import places

    files = [str(path) for path in find(options.config, os.environ)]
    if not files and not options.json:
        looked = ", ".join(str(place) for place in places(os.environ))
        click.echo(f"livectl: There is no configuration file (looked for {looked}): the defaults are used.", err=True)
    say(options, "\n".join(files), {"files": files})
