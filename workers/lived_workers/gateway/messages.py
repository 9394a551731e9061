"""Everything that can be sent to the server, as small values: the language between the daemon and the SDK."""

from typing import Any, NamedTuple

from lived.units import BYTES_PER_SAMPLE, Epoch, Frames, Ns, Position
from lived.wire.events import Function


class Audio(NamedTuple):
    """Consecutive frames of one epoch."""

    epoch: Epoch
    position: Position
    pcm: bytes
    time: Ns = Ns(0)
    """When the first frame passed the ADC."""

    @property
    def frames(self) -> Frames:
        """Length in frames of 16 kHz."""
        return Frames(len(self.pcm) // BYTES_PER_SAMPLE)

    @property
    def end(self) -> Position:
        """Position of the frame after the last one."""
        return Position(self.position + self.frames)


class Text(NamedTuple):
    """Typed input."""

    text: str


class Prompt(NamedTuple):
    """The model's turn to speak, though nobody has asked anything."""


class StreamEnd(NamedTuple):
    """The microphone is closed for a while, or the user has ended: the server should not wait for more."""


class ActivityStart(NamedTuple):
    """The button is held: what follows is the user's turn (manual turn taking)."""


class ActivityEnd(NamedTuple):
    """The button was let go."""


class Answer(NamedTuple):
    """What came of a function call."""

    call: str
    name: str
    response: dict[str, Any]
    scheduling: str = ""
    """interrupt, when_idle, silent, or "" (the model waited)."""
    more: bool = False
    number: int = 0


class Picture(NamedTuple):
    """An image."""

    data: bytes
    mime: str
    keep: bool
    """Somebody showed it, and would miss it; a camera's next one comes anyway."""


class Context(NamedTuple):
    """A new instruction or new functions, in the middle of the session."""

    instruction: str | None
    functions: tuple[Function, ...] | None


Message = Audio | Text | Prompt | StreamEnd | ActivityStart | ActivityEnd | Answer | Picture | Context


def least_bytes(message: Message) -> int:
    """What ``message`` has at least on the wire. Base64 makes four bytes of three; the rest comes on top."""
    match message:
        case Audio(pcm=data) | Picture(data=data):
            return len(data) * 4 // 3
        case Text():
            return len(message.text)
        case _:
            return 1
