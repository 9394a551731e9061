"""What the pure core wants done, as values; `connection` does it."""

from typing import Any

import msgspec

from lived_workers.simulator.phases import Event
from lived_workers.simulator.scenario import Reply


class Send(msgspec.Struct, frozen=True):
    """One WebSocket message: bytes go as binary, str as text.

    `what` names it in the journal; `pcm` is the sound in it, `turn` the turn it belongs to, `event` what sending it
    means for the model.
    """

    data: bytes | str
    what: str
    turn: int | None = None
    pcm: bytes = b""
    event: Event | None = None


class Prepare(msgspec.Struct, frozen=True):
    """Make the sound of `reply` for `turn`; `utterance` is what the user said (s16le mono at `rate` Hz)."""

    turn: int
    reply: Reply
    utterance: bytes
    rate: int


class CloseSocket(msgspec.Struct, frozen=True):
    """The closing handshake with this code and reason."""

    code: int
    reason: str


class ResetConnection(msgspec.Struct, frozen=True):
    """TCP RST, no WebSocket close."""


class HalfOpen(msgspec.Struct, frozen=True):
    """Neither read nor write from now on, and no FIN either."""


class StopReading(msgspec.Struct, frozen=True):
    """Leave the client's frames in the socket for `seconds`."""

    seconds: float


class LatePongs(msgspec.Struct, frozen=True):
    """Answer pings `seconds` late from now on; inf: never."""

    seconds: float


class ReapWhenIdle(msgspec.Struct, frozen=True):
    """Be a hop in between that resets the connection once nothing has passed either way for `seconds`."""

    seconds: float


class RefuseConnections(msgspec.Struct, frozen=True):
    """Have nobody listen on the port for `seconds`."""

    seconds: float


class Note(msgspec.Struct, frozen=True):
    """A line for the journal."""

    kind: str
    detail: dict[str, Any] = {}


Effect = (
    Send
    | Prepare
    | CloseSocket
    | ResetConnection
    | HalfOpen
    | StopReading
    | LatePongs
    | ReapWhenIdle
    | RefuseConnections
    | Note
)
