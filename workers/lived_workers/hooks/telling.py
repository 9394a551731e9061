"""How a program is told of an event: JSON on its standard input, plain values in its environment. Pure."""

from collections.abc import Mapping

import msgspec

from lived.wire.events import Event

PREFIX = "LIVED_EVENT_"


def as_json(event: Event) -> bytes:
    """One line."""
    return msgspec.json.encode(event) + b"\n"


def as_variables(event: Event) -> Mapping[str, str]:
    """``LIVED_EVENT_TYPE``, and each field that is a text, a number, true or false. The rest is in the JSON alone."""
    fields = msgspec.to_builtins(event)
    return {
        PREFIX + name.upper(): _text(value) for name, value in fields.items() if isinstance(value, str | int | float)
    }


def _text(value: str | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace("\0", "")  # which no environment can hold
