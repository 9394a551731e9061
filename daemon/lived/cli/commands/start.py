"""livectl start: the daemon, when it isn't running, and the conversation."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from lived.cli.commands.status import exit_code, headline
from lived.cli.detached import Detached, command_of, log_of
from lived.cli.door import ask_at, running
from lived.cli.options import Exit, Options, common, pass_options, say
from lived.cli.service import installed
from lived.errors import LivedError, NotRunningError

LIMIT_S = 20.0
"""How long a start may take: imports take 4 to 14 s on the slowest devices."""

SETTLE_S = 5.0
"""Something that does not work may do so a moment later: the session is opened after the sound card, and
tried again after half a second, then a second."""

_LOOK_S = 0.05


@click.command()
@common
@pass_options
def start(options: Options) -> int:
    """Start the daemon, unless it runs, and begin the conversation.

    The daemon is started through systemd when lived.service is installed; else, or with --config, --set or
    --runtime-dir, detached from this terminal.
    """
    deadline = time.monotonic() + LIMIT_S
    directory = running(options)
    if directory is not None:
        if options.config or options.overrides:
            _tell(options, "The daemon is running already: --config and --set wait for 'livectl restart'.")
        return begin(options, directory, lambda: "", deadline)
    failure = launch(options)
    return begin(options, door_of(options, failure, deadline), failure, deadline)


def launch(options: Options) -> Callable[[], str]:
    """Start the daemon. The result tells, while it is coming up, why it failed.

    Raises:
        LivedError: it cannot even be tried.
    """
    service = None if options.choose_a_daemon else installed()
    if service is not None:
        service.start()
        if warning := service.warning():
            _tell(options, warning)
        return service.failure
    daemon = Detached(command_of(options), log_of(options))
    _tell(options, f"Started the daemon; it logs to {daemon.log}.")
    return daemon.failure


def door_of(options: Options, failure: Callable[[], str], deadline: float) -> Path:
    """The runtime directory of the daemon that is coming up, once it answers.

    Raises:
        LivedError: it failed, or takes too long.
    """
    while (directory := running(options)) is None:
        if why := failure():
            raise LivedError(why)
        if time.monotonic() > deadline:
            raise LivedError(f"The daemon does not answer after {LIMIT_S:.0f} s: look into its log.")
        time.sleep(_LOOK_S)
    return directory


def begin(options: Options, directory: Path, failure: Callable[[], str], deadline: float) -> int:
    """Begin the conversation, wait until it works or is known not to, and tell.

    Raises:
        LivedError: the daemon ended meanwhile.
    """
    try:
        ask_at(directory, "start")
        result = _settled(options, directory, deadline)
    except NotRunningError as error:
        raise _ended(failure, error) from None
    say(options, "\n".join(headline(result, 80)), result)
    return exit_code(result) if result.get("state") != "starting" else Exit.DEGRADED


def _ended(failure: Callable[[], str], error: LivedError) -> LivedError:
    """Its reason, which may be a moment behind the end of its answers."""
    until = time.monotonic() + 2.0
    while not (why := failure()) and time.monotonic() < until:
        time.sleep(_LOOK_S)
    return LivedError(why) if why else error


def _settled(options: Options, directory: Path, deadline: float) -> dict[str, Any]:
    """The first status that is worth telling; what it waits for is told on the way."""
    told, degraded_since = "", None
    while True:
        result, now = ask_at(directory, "status"), time.monotonic()
        state, text = result.get("state"), str(result.get("text", ""))
        degraded_since = (degraded_since or now) if state == "degraded" else None
        settled = degraded_since is not None and now - degraded_since > SETTLE_S
        if state in ("ready", "off") or settled or now > deadline:
            return result
        if text != told:
            _tell(options, f"Waiting: {text}")
            told = text
        time.sleep(_LOOK_S)


def _tell(options: Options, words: str) -> None:
    if not options.json:
        click.echo(words, err=True)
