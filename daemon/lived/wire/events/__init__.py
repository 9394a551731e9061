"""Everything that is said on the event bus: one frozen struct for each message (docs/protocol.md, "Events").

The topic of an event is its type and a slash. Unknown fields are ignored, so a newer sender is understood.
"""

from lived.wire.events.base import Event
from lived.wire.events.device import FloorChanged, Health, Image, MicChanged, RecordingState, VolumeChanged
from lived.wire.events.session import Budget, Caught, GoAway, Idle, SayTaken, SessionState, Spent, Swapped, Usage
from lived.wire.events.tools import Function, ToolAnswer, ToolCall, ToolCancel, ToolsOffered, ToolTaken
from lived.wire.events.turns import (
    Cut,
    CutDone,
    Grounding,
    Loss,
    Said,
    Source,
    Speech,
    Transcript,
    TurnBegan,
    TurnComplete,
    TurnGenerated,
    TurnHeard,
    TurnPlayed,
    Underrun,
    Wake,
)
from lived.wire.events.workers import Ages, Heartbeat, Hello, Ready, Unready, WorkerState

AnyEvent = (
    Hello
    | Ready
    | Unready
    | Heartbeat
    | WorkerState
    | SessionState
    | GoAway
    | Usage
    | Caught
    | SayTaken
    | Swapped
    | Spent
    | Budget
    | Idle
    | Speech
    | Wake
    | TurnBegan
    | TurnGenerated
    | TurnComplete
    | TurnPlayed
    | TurnHeard
    | Cut
    | CutDone
    | Underrun
    | Loss
    | Transcript
    | Said
    | Grounding
    | FloorChanged
    | Health
    | MicChanged
    | VolumeChanged
    | Image
    | RecordingState
    | ToolsOffered
    | ToolCall
    | ToolCancel
    | ToolAnswer
    | ToolTaken
)
"""The union that decoding chooses from by ``type``."""

STATES: frozenset[type[Event]] = frozenset(
    {
        *(Ready, Unready, Heartbeat, WorkerState, SessionState, Spent, Caught, Speech, ToolsOffered),
        *(FloorChanged, Health, MicChanged, RecordingState, VolumeChanged),
    }
)
"""The family *state*: the newest counts. All others are happenings: each counts."""

__all__ = [
    "STATES",
    "Ages",
    "AnyEvent",
    "Budget",
    "Caught",
    "Cut",
    "CutDone",
    "Event",
    "FloorChanged",
    "Function",
    "GoAway",
    "Grounding",
    "Health",
    "Heartbeat",
    "Hello",
    "Idle",
    "Image",
    "Loss",
    "MicChanged",
    "Ready",
    "RecordingState",
    "Said",
    "SayTaken",
    "SessionState",
    "Source",
    "Speech",
    "Spent",
    "Swapped",
    "ToolAnswer",
    "ToolCall",
    "ToolCancel",
    "ToolTaken",
    "ToolsOffered",
    "Transcript",
    "TurnBegan",
    "TurnComplete",
    "TurnGenerated",
    "TurnHeard",
    "TurnPlayed",
    "Underrun",
    "Unready",
    "Usage",
    "VolumeChanged",
    "Wake",
    "WorkerState",
    "topic_of",
]


def topic_of(event: type[Event] | Event) -> bytes:
    """The topic of an event class: its tag and a slash."""
    cls = event if isinstance(event, type) else type(event)
    return f"{cls.__struct_config__.tag}/".encode()
