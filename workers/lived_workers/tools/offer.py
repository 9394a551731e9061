"""What is offered to the model: the functions of all sources under names that fit; what status says of them. Pure."""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from lived.wire.events import ToolsOffered
from lived_workers.tools.tool import Tool

OFFER_BYTES = 60_000
"""All functions as JSON: an event has 65,536 bytes at most. About 15,000 tokens, which every turn has to pay for."""

NAME_CHARACTERS = 64
_FOREIGN = re.compile(r"[^A-Za-z0-9_.-]")


class Offer(msgspec.Struct, frozen=True):
    """What was made of the tools."""

    tools: dict[str, Tool]
    left_out: tuple[str, ...]
    """Names for which there was no room."""

    def event(self, complete: bool) -> ToolsOffered:
        """As it is published."""
        return ToolsOffered(functions=[tool.function for tool in self.tools.values()], complete=complete)


def offered(tools: Iterable[Tool]) -> Offer:
    """All tools by the name that the model uses. Of two with one name the first keeps it; a later one of a server gets
    that server's name in front."""
    found: dict[str, Tool] = {}
    left_out, used = [], 0
    for tool in tools:
        name = _free(tool, found)
        function = msgspec.structs.replace(tool.function, name=name, parameters=plain(tool.function.parameters))
        size = len(msgspec.json.encode(function)) + 1
        if used + size > OFFER_BYTES:
            left_out.append(name)
            continue
        used += size
        found[name] = dataclasses.replace(tool, function=function)
    return Offer(found, tuple(left_out))


def plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A schema without what says which edition of JSON Schema it is: the Live API knows no such field."""
    return {key: value for key, value in parameters.items() if key not in ("$schema", "$id")}


def fitting(name: str) -> str:
    """``name`` as the Live API allows it."""
    name = _FOREIGN.sub("_", name)
    return (name if name[:1].isalpha() or name[:1] == "_" else f"_{name}")[:NAME_CHARACTERS]


def _free(tool: Tool, taken: Mapping[str, Tool]) -> str:
    name = fitting(tool.name)
    if name in taken:
        name = fitting(f"{tool.origin or 'other'}_{tool.name}")
    base, number = name, 2
    while name in taken:
        name = f"{base[: NAME_CHARACTERS - 4]}_{number}"
        number += 1
    return name


def summary(offer: Offer, troubles: Iterable[str]) -> str:
    """One line for status: ``7 tools (2 from MCP server home)``."""
    count = len(offer.tools)
    origins: dict[str, int] = {}
    for tool in offer.tools.values():
        if tool.origin:
            origins[tool.origin] = origins.get(tool.origin, 0) + 1
    parts = ", ".join(f"{number} from MCP server {origin}" for origin, number in origins.items())
    text = f"{count} tool{'' if count == 1 else 's'}" + (f" ({parts})" if parts else "")
    notes = list(troubles)
    if offer.left_out:
        notes.append(f"no room for {len(offer.left_out)} more: set mcp.allow")
    return "; ".join([text, *notes])
