"""What a tool is, wherever it comes from, and the one error it may end with. Pure."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from lived.wire.events import Function

Args = dict[str, Any]
Response = dict[str, Any]
"""What the model is told: ``{"result": ...}`` or ``{"error": "one sentence"}``."""

More = Callable[[Response], None]
"""Takes an intermediate answer; the final one is what ``run`` returns."""

Run = Callable[[Args, More], Awaitable[Response]]

DEFAULT_TIMEOUT_S = 10.0
"""Longest run of a plugin that names none; as [[tools]] timeout_s."""


class ToolError(Exception):
    """A call failed; ``str(error)`` is a sentence that the model can speak of."""


@dataclass(frozen=True)
class Tool:
    """Something that can be called."""

    function: Function
    run: Run
    """Ends with a response or ToolError; when it is cancelled, whatever it started has ended too."""
    timeout_s: float = DEFAULT_TIMEOUT_S
    scheduling: str = ""
    """When the model speaks of the answer: interrupt, when_idle, silent; "" where it waits."""
    origin: str = ""
    """"" = lived, the configuration or a plugin; else the server that has it, as status names it."""
    replay: bool = True
    """Whether the same call, asked again after it was done, may get the old answer. Not for what is relative
    ("louder") and quick: there the second call is meant."""

    checked: bool = True
    """Whether its arguments are checked against ``function.parameters`` before it runs; not where it does so itself."""

    @property
    def name(self) -> str:
        """What the model calls it."""
        return self.function.name
