"""Events: turns, what was said, and cuts."""

import msgspec

from lived.units import Epoch, Frames, Ns, Position, Turn
from lived.wire.events.base import Event


class Speech(Event, frozen=True, kw_only=True, tag="speech"):
    """Somebody judged that the user began or ended to speak."""

    on: bool
    source: str
    """server (its voice activity) or local."""


class Wake(Event, frozen=True, kw_only=True, tag="wake"):
    """The front end heard a wake word: from now on it is meant for the model."""

    word: str
    time: Ns
    """When the end of the word passed the ADC."""


class TurnBegan(Event, frozen=True, kw_only=True, tag="turn.began"):
    """First sound of a reply; its first chunk has this position on stream ``model``."""

    turn: Turn
    epoch: Epoch
    position: Position
    time: Ns = Ns(0)
    """When that sound was received; 0 = not told."""


class TurnGenerated(Event, frozen=True, kw_only=True, tag="turn.generated"):
    """The model finished producing; ``frames`` of stream ``model`` belong to the turn so far."""

    turn: Turn
    frames: Frames


class TurnComplete(Event, frozen=True, kw_only=True, tag="turn.complete"):
    """The server said the turn is over (not: it was heard). ``reason`` is why, when that was not plain."""

    turn: Turn
    frames: Frames
    reason: str = ""
    """"" = turnComplete; lost = the connection ended first; missing = the server never said it;
    or the server's own turnCompleteReason."""


class TurnPlayed(Event, frozen=True, kw_only=True, tag="turn.played"):
    """Playback is done with a turn: everything received was heard, or it was cut."""

    turn: Turn
    frames: Frames
    """How much of it was heard, in frames of 24 kHz."""
    cut: bool = False


class TurnHeard(Event, frozen=True, kw_only=True, tag="turn.heard"):
    """The first sound of a turn passes the DAC at ``time``."""

    turn: Turn
    time: Ns


class Cut(Event, frozen=True, kw_only=True, tag="cut"):
    """Nothing of this turn or an older one is to be heard any more. Idempotent, monotone; anyone inside may."""

    turn: Turn
    cause: str
    """server, user (livectl, a button), stop, mute, local (voice heard by the front end)."""
    time: Ns
    """When it was ordered."""


class CutDone(Event, frozen=True, kw_only=True, tag="cut.done"):
    """Playback obeyed a cut."""

    turn: Turn
    """The highest turn cut."""
    heard_turn: Turn
    """The turn that was being heard, 0 if none."""
    heard_frames: Frames
    """How much of ``heard_turn`` was heard in all (24 kHz frames), the fade included."""
    silent_at: Ns
    """When the first silent frame passes the DAC."""


class Underrun(Event, frozen=True, kw_only=True, tag="playback.underrun"):
    """Sound of a turn came too late; playback waits for its prebuffer again."""

    turn: Turn
    frames: Frames
    """Heard of the turn so far."""


class Loss(Event, frozen=True, kw_only=True, tag="stream.loss"):
    """A reader found frames missing that nobody could repeat."""

    worker: str
    stream: str
    epoch: Epoch
    position: Position
    frames: Frames


class Transcript(Event, frozen=True, kw_only=True, tag="transcript"):
    """A piece of what was said; pieces of one turn and side are concatenated as they are."""

    side: str
    """user or model."""
    turn: Turn
    """The model's turn it belongs to, or the one it will be answered by."""
    text: str


class Said(Event, frozen=True, kw_only=True, tag="said"):
    """A whole sentence. Of a model's turn that was cut, only what was really heard."""

    side: str
    """user or model."""
    turn: Turn
    text: str
    cut: bool = False
    """The sentence ends where the user talked over it, or where somebody silenced it."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A page that the model has used."""

    uri: str
    title: str = ""


class Grounding(Event, frozen=True, kw_only=True, tag="grounding"):
    """Where an answer comes from; who shows the answer must show ``suggestions`` (HTML) too."""

    turn: Turn
    queries: list[str] = []
    sources: list[Source] = []
    suggestions: str = ""
