"""livectl tools list, call: what the model may call, and trying it by hand."""

import json
import shutil
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from lived.cli.door import answers, ask, ask_at, directory_of
from lived.cli.options import Exit, Options, common, pass_options, say
from lived.errors import LivedError, NotRunningError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from lived.bus import Subscriber
    from lived.wire.events import ToolAnswer

NOTHING = "The model may call no tool: docs/tools.md tells how to give it some."
PATIENCE_S = 60.0
"""Longest wait for an answer unless --timeout says otherwise; tools end after 10 s where nothing else is configured."""


@click.group()
@common
def tools() -> None:
    """Tell what the model may call, or call it."""


@tools.command("list")
@common
@pass_options
def list_(options: Options) -> None:
    """Print the tools that the model is offered now."""
    result = ask(options, "tools")
    functions = result.get("functions", [])
    words = "\n".join(lines(functions, min(100, shutil.get_terminal_size().columns))) or NOTHING
    if not result.get("complete", True):
        words += "\nA server or plugin is still being asked; there may be more."
    say(options, words, result)


def lines(functions: list[dict[str, Any]], columns: int) -> Iterator[str]:
    """Each tool with its arguments, its description below it."""
    for function in functions:
        arguments = ", ".join(_arguments(function.get("parameters") or {}))
        yield click.style(str(function.get("name")), bold=True) + f"({arguments})"
        text = " ".join(str(function.get("description", "")).split())
        yield from textwrap.wrap(text, width=columns, initial_indent="  ", subsequent_indent="  ")


def _arguments(schema: dict[str, Any]) -> Iterator[str]:
    needed = schema.get("required", [])
    for name, kind in (schema.get("properties") or {}).items():
        word = kind.get("type", "") if isinstance(kind, dict) else ""
        yield name + (f": {word}" if isinstance(word, str) and word else "") + ("" if name in needed else "?")


@tools.command()
@click.argument("name")
@click.argument("arguments", required=False, default="{}", metavar="[JSON]")
@click.option("--timeout", default=PATIENCE_S, show_default=True, metavar="SECONDS", help="Longest wait.")
@common
@pass_options
def call(options: Options, name: str, arguments: str, timeout: float) -> int:
    """Run a tool as the model would: livectl tools call get_weather '{"town": "Berlin"}'.

    Exit code 1 when the answer is an error.
    """
    given = arguments_of(arguments)
    answer = _call(options, directory_of(options), name, given, timeout)
    _print(options, answer)
    return Exit.FAILED if "error" in answer.response else Exit.DONE


def arguments_of(text: str) -> dict[str, Any]:
    """The arguments on the command line.

    Raises:
        UsageError: they are no JSON object.
    """
    try:
        given = json.loads(text)
    except ValueError as error:
        raise UsageError(f'The arguments are no JSON ({error}): write them like \'{{"town": "Berlin"}}\'.') from None
    if not isinstance(given, dict):
        raise UsageError('The arguments must be a JSON object, such as \'{"town": "Berlin"}\'.')
    return given


def _call(options: Options, directory: "Path", name: str, given: dict[str, Any], timeout: float) -> "ToolAnswer":
    from lived.bus import Bus, Endpoints
    from lived.wire.events import ToolAnswer, topic_of

    bus = Bus(Endpoints(directory))
    try:
        inbox = bus.events(topic_of(ToolAnswer))
        inbox.await_greeting()  # the answer may be quicker than a subscription that comes behind the question
        call_id = ask_at(directory, "tool", name=name, args=given)["call"]
        for answer in _answers(inbox, call_id, timeout, directory):
            if not answer.more:
                return answer
            _print(options, answer)
    finally:
        bus.close()
    raise LivedError(f"{name} did not answer within {timeout:g} s; 'livectl status' tells how the worker 'tools' is.")


def _answers(inbox: "Subscriber", call_id: str, timeout: float, directory: "Path") -> "Iterator[ToolAnswer]":
    """What is answered to one call, until the time is over."""
    from lived.clock import monotonic_ns
    from lived.errors import WireError
    from lived.wire import decode_event
    from lived.wire.events import ToolAnswer

    deadline = monotonic_ns() + int(timeout * 1e9)
    while (left_ms := (deadline - monotonic_ns()) // 1_000_000) > 0:
        if not inbox.wait(min(left_ms, 1_000)) and not answers(directory):
            raise NotRunningError("The daemon has ended: start it with 'livectl start'.")
        for frames in inbox.drain():
            try:
                event = decode_event(frames)
            except WireError:
                continue  # not for us to judge
            if isinstance(event, ToolAnswer) and event.call == call_id:
                yield event


def _print(options: Options, answer: "ToolAnswer") -> None:
    import msgspec

    response = answer.response
    value = response.get("error", response.get("result"))
    words = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    if "note" in response:
        words += f"\n({response['note']})"
    if "error" in response and not options.json:
        click.echo(f"livectl: {words}", err=True)
    else:
        say(options, words, msgspec.to_builtins(answer))
