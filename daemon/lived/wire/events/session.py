"""Events: the session with the Live API."""

from lived.units import Epoch, Frames, Ms, Position, Turn
from lived.wire.events.base import Event


class SessionState(Event, frozen=True, kw_only=True, tag="session.state"):
    """The connection to the Live API changed."""

    state: str
    """off, connecting, open, retrying, failed."""
    text: str = ""
    """One sentence for a person."""
    connection: int = 0
    """Counts connections of this session, from 1."""
    resumed: bool = False
    """Opened with a resumption handle: the model remembers."""


class GoAway(Event, frozen=True, kw_only=True, tag="session.goaway"):
    """The server announced that it will close this connection."""

    time_left_ms: int


class Usage(Event, frozen=True, kw_only=True, tag="session.usage"):
    """Tokens of one turn, as the server counted them (not cumulative), and what they cost."""

    turn: Turn
    prompt: int = 0
    response: int = 0
    thoughts: int = 0
    tools: int = 0
    """Of what tools answered."""
    cached: int = 0
    total: int = 0
    prompt_details: dict[str, int] = {}
    """By modality: AUDIO, TEXT, IMAGE ..."""
    response_details: dict[str, int] = {}
    cost: float = 0.0
    """In ``usage.currency``."""


class Caught(Event, frozen=True, kw_only=True, tag="session.caught"):
    """How far the user's sound has been handed to the network; published at most every 500 ms."""

    epoch: Epoch
    position: Position


class SayTaken(Event, frozen=True, kw_only=True, tag="say.taken"):
    """The typed text of the order ``say`` with this number is in the gateway's hands: it outlives its process."""

    number: int


class Swapped(Event, frozen=True, kw_only=True, tag="session.swapped"):
    """One connection was replaced by another; what the microphone heard meanwhile was kept."""

    cause: str
    """goaway, age, hung, lost (it broke), settings (tools or instruction changed)."""
    kept: str
    """How the conversation goes on: resumed (by handle), reseeded (told our own transcript), forgotten."""
    gap_ms: Ms
    """From the old connection's end to the new session's setup."""
    lost: Frames
    """Of the user's sound (16 kHz), given up because the gap was longer than live.backlog_s."""


class Spent(Event, frozen=True, kw_only=True, tag="usage"):
    """What the conversation has cost so far; after each turn."""

    currency: str
    turn: float
    session: float
    day: float
    """Since midnight, local time."""
    budget: float = 0.0
    """Of the day; 0 = no limit."""
    saved: float = 0.0
    """Today, by not sending what was not meant for the model: what that sound would have cost, each second once."""
    tokens: dict[str, int] = {}
    """Of the day, by price: audio_in, audio_out, image_in, text_in, text_out."""


class Budget(Event, frozen=True, kw_only=True, tag="budget"):
    """The day's budget is nearly spent, or spent: then the conversation ends."""

    spent: bool
    text: str


class Idle(Event, frozen=True, kw_only=True, tag="idle"):
    """Nobody has spoken for so long that the gateway hung up; ``awake``: it is back."""

    awake: bool
