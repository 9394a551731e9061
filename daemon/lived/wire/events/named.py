"""Events by the names that people write: a type, or the family of all types that begin with one word. Pure."""

import difflib
from collections.abc import Collection

from lived.wire.events import AnyEvent, Caught, Event, Heartbeat, topic_of

TYPES: dict[str, type[Event]] = {topic_of(cls).decode().rstrip("/"): cls for cls in AnyEvent.__args__}

_PULSE = frozenset({Heartbeat, Caught})
"""Said twice a second whatever happens: never meant by a family, only by their own names."""


def types_of(name: str) -> list[type[Event]]:
    """The event of type ``name``; else all whose type begins with it and a dot; none when there is no such."""
    if name in TYPES:
        return [TYPES[name]]
    return [cls for kind, cls in TYPES.items() if kind.startswith(f"{name}.") and cls not in _PULSE]


def fields_of(types: Collection[type[Event]]) -> set[str]:
    """The names of all their fields."""
    return {field for cls in types for field in cls.__struct_fields__}


def nearest(name: str) -> str:
    """The type or family that is spelled most like ``name``."""
    known = sorted({*TYPES, *(kind.partition(".")[0] for kind in TYPES)})
    return difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
