"""The functions that a client has declared. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

import msgspec


class Behavior(StrEnum):
    """`behavior` of a declaration."""

    BLOCKING = "BLOCKING"
    NON_BLOCKING = "NON_BLOCKING"


class Toolbox(msgspec.Struct, frozen=True):
    """Declared functions by name with the behaviour written there, and whether there is Google Search."""

    functions: Mapping[str, str | None] = {}
    search: bool = False

    def blocks(self, name: str, default: Behavior) -> bool:
        """Whether a call of `name` mutes the model until it is answered."""
        return (self.functions.get(name) or default) == Behavior.BLOCKING


def declarations(tools: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each declaration in a `tools` list, with where it stands in the API's words."""
    for index, tool in enumerate(tools):
        for number, declaration in enumerate(tool.get("functionDeclarations") or []):
            yield f"setup.tools[{index}].function_declarations[{number}]", declaration


def read_toolbox(tools: list[Mapping[str, Any]]) -> Toolbox:
    """The toolbox in a `tools` list that the rules have passed."""
    functions = {str(declared["name"]): declared.get("behavior") for _, declared in declarations(tools)}
    return Toolbox(functions, any("googleSearch" in tool for tool in tools))
