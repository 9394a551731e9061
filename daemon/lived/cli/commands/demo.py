"""livectl demo: no key, no sound card; a conversation, and what it cost."""

import os
import platform
import signal
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click

from lived.cli.options import Exit, Options, common, pass_options, say

if TYPE_CHECKING:
    from lived.cli.demo.run import Outcome


@click.command()
@click.option("--live", is_flag=True, help="Use the sound card; the stand-in still answers.")
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Keep sound, journal and logs."
)
@common
@pass_options
def demo(options: Options, live: bool, keep: Path | None) -> int:
    """Hold a conversation with a stand-in for the Live API, and measure it.

    Needs no key and no sound card: a recording asks two questions and talks over the second answer. Ends by itself
    within 30 s, with exit code 0 only if every figure is within its budget.
    """
    from lived.cli.demo import report
    from lived.cli.demo.run import Wishes, perform
    from lived.config.load import load

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    config = load(options.config, options.overrides, os.environ) if live else None
    outcome = perform(Wishes(config, keep), _nowhere if options.json else _out)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    data = report.data(outcome.figures, wav=str(outcome.wav), machine=machine)
    say(options, _words(report.table(outcome.figures), outcome), data)
    return Exit.DONE if data["ok"] else Exit.FAILED


def _words(table: str, outcome: "Outcome") -> str:
    kept = f"\n  everything is kept in {outcome.kept}" if outcome.kept else ""
    return f"\n{table}\n\n  left the user, right what was heard: {outcome.wav}{kept}"


def _out(text: str) -> None:
    click.echo(text, nl=False)


def _nowhere(text: str) -> None:
    del text


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """Leave through every ``finally``, so that the processes end."""
    del frame
    raise SystemExit(128 + number)
