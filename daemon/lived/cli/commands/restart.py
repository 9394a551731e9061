"""livectl restart: the daemon, or one worker."""

import time

import click

from lived.cli.commands.start import LIMIT_S, begin, door_of
from lived.cli.commands.stop import end
from lived.cli.detached import Detached, command_line, command_of, log_of
from lived.cli.door import ask, ask_at, directory_of
from lived.cli.options import Exit, Options, common, pass_options, say
from lived.cli.service import running_as


@click.command()
@click.argument("worker", required=False)
@common
@pass_options
def restart(options: Options, worker: str | None) -> int:
    """Stop and start the daemon, or only WORKER (capture, playback, gateway ...).

    The daemon comes back as it was started; with --config or --set, as those say.
    """
    if worker is not None:
        say(options, f"{worker} is restarted.", ask(options, "restart", worker=worker))
        return Exit.DONE
    return whole_daemon(options)


def whole_daemon(options: Options) -> int:
    """Stop it and start it as it was started."""
    before = ask_at(directory_of(options), "status")
    pid = int(before["pid"])
    service = running_as(pid)
    command, folder = command_line(pid) if service is None else ([], None)
    log = log_of(options)
    end(options)
    deadline = time.monotonic() + LIMIT_S
    if service is not None:
        service.start()
        failure = service.failure
    else:
        chosen = options.config or options.overrides
        failure = Detached(command_of(options) if chosen else command, log, folder).failure
    directory = door_of(options, failure, deadline)
    if before.get("conversing"):
        return begin(options, directory, failure, deadline)
    say(options, "The daemon is running again.", ask_at(directory, "status"))
    return Exit.DONE
