"""livectl stop: the conversation, or the daemon with --daemon."""

import os
import select
from typing import Any

import click

from lived.cli.door import ask, ask_at, directory_of
from lived.cli.options import Options, common, pass_options, say
from lived.cli.service import running_as
from lived.errors import LivedError

LIMIT_S = 20.0
"""All workers at once climb a ladder of three rungs, 3 s each by default."""


@click.command()
@click.option("--daemon", "whole", is_flag=True, help="End the daemon too.")
@common
@pass_options
def stop(options: Options, whole: bool) -> None:
    """End the conversation; close microphone and network."""
    if not whole:
        result = ask(options, "stop")
        say(options, "The conversation is over; microphone and network are closed.", result)
        return
    end(options)
    say(options, "The daemon has ended.", {"running": False})


def end(options: Options) -> dict[str, Any]:
    """End the daemon and wait until it is gone; the last status it gave.

    Raises:
        NotRunningError: there is none.
        LivedError: it refuses, or takes longer than ``LIMIT_S``.
    """
    directory = directory_of(options)
    last = ask_at(directory, "status")
    pid = int(last["pid"])
    service = running_as(pid)
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return last
    try:
        if service is not None:
            service.stop()  # asked at the door, systemd might start it anew
        else:
            ask_at(directory, "shutdown")
        if not select.select([process], [], [], LIMIT_S)[0]:
            raise LivedError(f"The daemon (process {pid}) does not end: 'kill -9 {pid}' ends it.")
    finally:
        os.close(process)
    return last
