"""livectl events: the event bus as JSON lines."""

import json
from collections.abc import Collection
from pathlib import Path

import click

from lived.cli.door import answers, directory_of
from lived.cli.options import Exit, Options, common, pass_options
from lived.cli.output import raise_if_nobody_reads
from lived.errors import NotRunningError, UsageError

LOOK_MS = 1_000
"""How long nothing may come before the daemon and our reader are looked after."""

_NOT_EVENTS = (b"order/", b"hello/")


@click.command()
@click.option("--once", is_flag=True, help="Print the first one and end.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only this type; as often as needed.")
@common
@pass_options
def events(options: Options, once: bool, types: tuple[str, ...]) -> int:
    """Print what happens, one JSON object a line, until Ctrl-C.

    Types are those of docs/protocol.md: transcript, floor, turn.began, cut.done, worker.heartbeat ...
    """
    topics = topics_of(types)
    directory = directory_of(options)
    return _follow(directory, topics, once)


def topics_of(types: Collection[str]) -> list[bytes]:
    """What to subscribe to for ``types``; everything when there are none.

    Raises:
        UsageError: there is no such type; names the nearest.
    """
    if not types:
        return [b""]
    from lived.wire.events import AnyEvent, topic_of

    known = {topic_of(event).decode().rstrip("/") for event in AnyEvent.__args__}
    for name in types:
        if name not in known:
            import difflib

            close = difflib.get_close_matches(name, sorted(known), n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"known are: {', '.join(sorted(known))}."
            raise UsageError(f"There is no event of type '{name}'; {hint}")
    return [f"{name}/".encode() for name in types]


def _follow(directory: Path, topics: list[bytes], once: bool) -> int:
    from lived.bus import Bus, Endpoints

    bus = Bus(Endpoints(directory))
    try:
        inbox = bus.events(*topics)
        inbox.await_greeting()
        while True:
            if not inbox.wait(LOOK_MS):
                _look_after(directory)
            for frames in inbox.drain():
                line = line_of(frames)
                if line is not None:
                    click.echo(line)
                    if once:
                        return Exit.DONE
    finally:
        bus.close()


def line_of(frames: list[bytes]) -> str | None:
    """One event as a line; None for what is not one. Unknown types and fields are passed on as they are."""
    if len(frames) != 2 or frames[0].startswith(_NOT_EVENTS):
        return None
    try:
        json.loads(frames[1])
        line = frames[1].decode()
    except ValueError:
        click.echo(f"livectl: not an event: {frames[1][:60]!r}", err=True)
        return None
    return line if "\n" not in line else json.dumps(json.loads(line), ensure_ascii=False)


def _look_after(directory: Path) -> None:
    """End when there is nobody to hear, or nobody to tell.

    Raises:
        NotRunningError: the daemon has ended.
        BrokenPipeError: the reader of our output has gone.
    """
    if not answers(directory):
        raise NotRunningError("The daemon has ended: start it with 'livectl start'.")
    raise_if_nobody_reads()
