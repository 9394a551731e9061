"""What a new subscriber has missed: the states in a ``status`` of the door, as the events that told them. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from lived.errors import WireError
from lived.units import Turn
from lived.wire.events import (
    Event,
    FloorChanged,
    Health,
    MicChanged,
    Ready,
    SessionState,
    Spent,
    Unready,
    VolumeChanged,
    WorkerState,
)

_TOLD = ("starting", "degraded")
"""States of the daemon whose text is an event's too."""


def states(status: Mapping[str, Any]) -> list[Event]:
    """The newest of each state that ``status`` (docs/protocol.md, "The door") knows.

    Raises:
        WireError: it is not a status.
    """
    try:
        return list(_states(status))
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise WireError(f"Not a status: {error}") from error


def _states(status: Mapping[str, Any]) -> Iterator[Event]:
    yield Health(state=status["state"], text=status["text"] if status["state"] in _TOLD else "")
    yield FloorChanged(floor=status["floor"], turn=Turn(status["turn"]))
    yield MicChanged(muted=status["muted"])
    yield VolumeChanged(percent=status["volume"])
    session = status["session"]
    known = {name: session[name] for name in SessionState.__struct_fields__ if name in session}
    yield SessionState(**known)
    if status["usage"]:
        yield msgspec.convert({"type": "usage"} | status["usage"], Spent)
    for worker in status["workers"]:
        yield WorkerState(worker=worker["name"], state=worker["state"])
        if worker["state"] == "running" and (worker["ready"] or worker["text"]):
            kind = Ready if worker["ready"] else Unready
            yield kind(worker=worker["name"], text=worker["text"])
