"""livectl logs: the journal of the service that runs or is installed, else the log of a detached daemon."""

import subprocess
from pathlib import Path

import click

from lived.cli.detached import log_of
from lived.cli.door import ask_at, running
from lived.cli.options import Exit, Options, common, pass_options
from lived.cli.service import PARTS, Service, installed, running_as
from lived.errors import LivedError, UsageError


@click.command()
@click.option("-f", "--follow", is_flag=True, help="Go on with what is said from now on, until Ctrl-C.")
@click.option("-n", "--lines", type=click.IntRange(min=0), default=50, show_default=True, help="Show so many lines.")
@click.option("--since", metavar="TIME", help="Only what is younger: 'today', '10 min ago', '2026-01-31 08:00'.")
@common
@pass_options
def logs(options: Options, follow: bool, lines: int, since: str | None) -> int:
    """Show the daemon's log, wherever it is.

    Of a service that is the journal, of a daemon that was started without systemd a file.
    """
    service = _service(options)
    if service is not None:
        command = journal(service, follow, lines, since, options.json)
    else:
        command = file(_log(options), follow, lines, since, options.json)
    try:
        return Exit.FAILED if subprocess.call(command) else Exit.DONE
    except FileNotFoundError:
        raise LivedError(f"There is no program {command[0]} here: install it.") from None


def journal(service: Service, follow: bool, lines: int, since: str | None, json: bool) -> list[str]:
    """The command that shows it."""
    # not --user: without a journal on disk users have none of their own, and theirs is in that of the system
    unit = f"--{'user-' if service.user else ''}unit={PARTS if service.split else service.unit}"
    command = ["journalctl", "--no-pager", unit, f"--lines={lines}"]
    command += ["--follow"] if follow else []
    command += [f"--since={since}"] if since else []
    return command + (["--output=json"] if json else [])


def file(log: Path, follow: bool, lines: int, since: str | None, json: bool) -> list[str]:
    """The command that shows a log file.

    Raises:
        UsageError: what only a journal can do.
    """
    if since or json:
        raise UsageError(f"This daemon logs to {log}, without systemd's journal: --since and --json need that.")
    # -F: a new daemon begins a new file when the old one is long
    return ["tail", "-n", str(lines), *(["-F"] if follow else []), "--", str(log)]


def _service(options: Options) -> Service | None:
    """The one that runs; while nothing runs, the one that is installed."""
    directory = running(options)
    if directory is not None:
        return running_as(int(ask_at(directory, "status")["pid"]))
    return None if options.choose_a_daemon else installed()


def _log(options: Options) -> Path:
    log = log_of(options)
    if not log.exists():
        raise LivedError(f"There is no log: no service is installed, and no daemon has written {log} yet.")
    return log
