"""Events: functions that the model calls. The gateway asks, the worker ``tools`` runs them and answers."""

from typing import Any

import msgspec

from lived.units import Ms, Turn
from lived.wire.events.base import Event


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """Something that can be called, as the model is told of it."""

    name: str
    description: str
    parameters: dict[str, Any] = {}
    """JSON Schema of the arguments, an object."""
    behavior: str = ""
    """blocking, non_blocking, or "" = as the server likes."""


class ToolsOffered(Event, frozen=True, kw_only=True, tag="tools.offered"):
    """All functions that there are now. Said when the worker is up, when they change, and when a gateway says hello."""

    functions: list[Function] = []
    complete: bool = True
    """False while a server of tools (MCP) is still being asked; another such event follows."""


class ToolCall(Event, frozen=True, kw_only=True, tag="tool.call"):
    """Run this. Always answered by ``tool.answer``: of a failure too."""

    call: str
    """The server's id of the call, or one that begins with ``local-`` (livectl tools call)."""
    name: str
    args: dict[str, Any] = {}
    turn: Turn = Turn(0)


class ToolCancel(Event, frozen=True, kw_only=True, tag="tool.cancel"):
    """Nobody waits for these any more: end them if that is possible; their answers go nowhere."""

    calls: list[str]


class ToolAnswer(Event, frozen=True, kw_only=True, tag="tool.answer"):
    """What came of a call. Repeated whenever a session opens, until ``tool.taken``."""

    call: str
    name: str
    response: dict[str, Any]
    """What the model is told: ``{"result": ...}`` or ``{"error": "one sentence"}``."""
    scheduling: str = ""
    """interrupt, when_idle, silent, or "" (the model waited)."""
    more: bool = False
    """Another answer to the same call follows."""
    number: int = 0
    """Counts the answers to one call, from 0."""
    took_ms: Ms = Ms(0)


class ToolTaken(Event, frozen=True, kw_only=True, tag="tool.taken"):
    """An answer was handed to the network, or is not wanted any more."""

    call: str
    number: int = 0
