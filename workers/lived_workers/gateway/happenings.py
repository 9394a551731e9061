"""What the server can tell us, as small values: the language between the SDK's messages and the rest of the gateway."""

from typing import Any, NamedTuple


class Sound(NamedTuple):
    """A piece of a reply: 24 kHz mono s16le, whole frames."""

    pcm: bytes


class Interrupted(NamedTuple):
    """The user talked over the reply: nothing of it is to be heard any more."""


class Generated(NamedTuple):
    """The model finished producing this reply."""


class Complete(NamedTuple):
    """The server says the turn is over."""

    reason: str
    """The server's turnCompleteReason; "" = plainly over."""


class Transcript(NamedTuple):
    """A piece of what was said."""

    side: str
    """user or model."""
    text: str


class Usage(NamedTuple):
    """Tokens of one turn, not cumulative."""

    prompt: int
    response: int
    total: int
    prompt_details: dict[str, int]
    """Tokens by modality (AUDIO, TEXT ...); may be less than ``prompt`` in all."""
    response_details: dict[str, int]
    thoughts: int = 0
    tools: int = 0
    """Of what tools answered."""
    cached: int = 0
    """Part of ``prompt``."""


class GoingAway(NamedTuple):
    """The server will close this connection."""

    time_left_ms: int


class Handle(NamedTuple):
    """How to resume this session. A secret: it is as good as the conversation itself."""

    handle: str
    resumable: bool

    def __repr__(self) -> str:
        return f"Handle(resumable={self.resumable})"


class Activity(NamedTuple):
    """The server's voice activity detection: the user began (on) or ended to speak."""

    on: bool


class Call(NamedTuple):
    """The model calls a function, and may wait for the answer."""

    call: str
    """The server's id."""
    name: str
    args: dict[str, Any]


class CallsCancelled(NamedTuple):
    """The server does not wait for these answers any more."""

    calls: list[str]


class Working(NamedTuple):
    """A model that thinks for long: more is to come (on) although the turn is over, or the request is done."""

    on: bool


class Sources(NamedTuple):
    """What an answer rests on."""

    queries: list[str]
    pages: list[tuple[str, str]]
    """(address, title)."""
    suggestions: str
    """HTML."""


Happening = (
    Sound
    | Interrupted
    | Generated
    | Complete
    | Transcript
    | Usage
    | GoingAway
    | Handle
    | Activity
    | Call
    | CallsCancelled
    | Working
    | Sources
)
