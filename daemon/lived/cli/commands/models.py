"""livectl models: what the key can use, and what lived knows of it."""

import os
from typing import Any

import click

from lived.cli.options import Exit, Options, common, pass_options, say


@click.command()
@common
@pass_options
def models(options: Options) -> int:
    """List the models that the key can use: "live" ones can converse, "*" is the configured one."""
    from lived.cli.sdk import ask
    from lived.config.load import load
    from lived.models import model_id

    config = load(options.config, options.overrides, os.environ)
    configured = model_id(config.live.model)
    answer = ask(options, config, "models", {})
    rows = sorted((_row(model, configured) for model in answer["models"]), key=lambda row: (not row["live"], row["id"]))
    say(options, _table(rows), rows)
    if not any(row["configured"] for row in rows):
        click.echo(f"livectl: live.model = {configured} is not among them; choose one of the live ones.", err=True)
    return Exit.DONE


def _row(model: dict[str, Any], configured: str) -> dict[str, Any]:
    from lived.models import known_of

    known = known_of(model["id"]) if model["live"] else ""
    return {**model, "configured": model["id"] == configured, "known": known}


def _table(rows: list[dict[str, Any]]) -> str:
    width = max((len(row["id"]) for row in rows), default=0)
    return "\n".join(
        f"{'*' if row['configured'] else ' '} {row['id']:<{width}}  {'live' if row['live'] else '-':<4}  "
        f"{'; '.join(filter(None, (row['name'], row['known'])))}".rstrip()
        for row in rows
    )
