"""Tools of lived itself: the model turns itself down, mutes the microphone, ends the conversation. Through the door, as
anybody else would."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from lived.bus import DoorClient, Endpoints
from lived.errors import LivedError
from lived.wire.events import Function
from lived_workers.tools import answers
from lived_workers.tools.tool import Args, More, Response, Tool, ToolError

TIMEOUT_S = 6.0
"""A little more than the door is waited for."""

_VOLUME = Function(
    name="set_volume",
    description="Set or change how loud you are. Give percent, or change.",
    parameters={
        "type": "object",
        "properties": {
            "percent": {"type": "integer", "minimum": 0, "maximum": 100, "description": "0 is silent, 100 is loudest"},
            "change": {
                "type": "integer",
                "minimum": -100,
                "maximum": 100,
                "description": "Louder (20) or quieter (-20) than now",
            },
        },
    },
)
_MUTE = Function(
    name="mute",
    description="Switch the microphone off, when the user asks you to stop listening. You cannot switch it on again.",
    parameters={"type": "object", "properties": {}},
)
_END = Function(
    name="end_conversation",
    description="End the conversation, when the user says goodbye or asks you to hang up.",
    parameters={"type": "object", "properties": {}},
)


class Door:
    """The daemon's door, asked without holding up the event loop."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints

    async def ask(self, op: str, **args: Any) -> dict[str, Any]:
        """One request.

        Raises:
            ToolError: the daemon refused, and says why.
        """

        def ask() -> dict[str, Any]:
            with DoorClient(self._endpoints) as client:
                return client.ask(op, **args)

        try:
            return await asyncio.to_thread(ask)
        except LivedError as error:
            raise ToolError(str(error)) from error


def builtin(names: Iterable[str], door: Door, end: Callable[[], None]) -> list[Tool]:
    """The tools of these names. ``end`` is called when the model has been told that it may say goodbye."""

    async def set_volume(args: Args, _more: More) -> Response:
        wanted = {key: args[key] for key in ("percent", "change") if args.get(key) is not None}
        if not wanted:
            raise ToolError("set_volume needs percent or change.")
        return answers.result(f"The volume is {(await door.ask('volume', **wanted))['percent']} %.")

    async def mute(_args: Args, _more: More) -> Response:
        await door.ask("mute", on=True)
        return answers.result("The microphone is off. The user switches it on again by hand.")

    async def end_conversation(_args: Args, _more: More) -> Response:
        end()
        return answers.result("Say goodbye in a few words now; the conversation ends when they were heard.")

    known = {
        tool.name: tool
        for tool in (
            Tool(_VOLUME, set_volume, TIMEOUT_S, "when_idle", replay=False, checked=False),
            Tool(_MUTE, mute, TIMEOUT_S, "when_idle", replay=False, checked=False),
            Tool(_END, end_conversation, TIMEOUT_S, "when_idle", replay=False, checked=False),
        )
    }
    return [known[name] for name in names if name in known]
