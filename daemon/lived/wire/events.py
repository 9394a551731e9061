"""Everything that is said on the event bus: one frozen struct for each message (docs/protocol.md, "Events").

The topic of an event is its type and a slash. Unknown fields are ignored, so a newer sender is understood.
"""

import msgspec

from lived.units import Epoch, Frames, Ns, Position, Turn


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of all events; ``type`` in the JSON is the topic without its slash."""


class Hello(Event, frozen=True, kw_only=True, tag="worker.hello"):
    """A worker is up and its subscriptions are in effect: it can be given orders."""

    worker: str
    pid: int


class Ready(Event, frozen=True, kw_only=True, tag="worker.ready"):
    """A worker does its job: sound flows, the session is open, the port listens."""

    worker: str
    text: str = ""


class Unready(Event, frozen=True, kw_only=True, tag="worker.unready"):
    """A worker lives but cannot do its job; it says why, and keeps trying by itself."""

    worker: str
    text: str
    """One sentence: what happened, what it waits for or what to do."""


class Heartbeat(Event, frozen=True, kw_only=True, tag="worker.heartbeat"):
    """Twice a second. A worker whose ``progress`` stands still is hung, though its process lives."""

    worker: str
    progress: int
    """Any number that changes whenever the worker's real work gets on."""
    counters: dict[str, int] = {}
    """Since the process began: losses, overflows, bad messages ... names end in their unit."""


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
    """Tokens of one turn, as the server counted them (not cumulative)."""

    turn: Turn
    prompt: int = 0
    response: int = 0
    total: int = 0
    prompt_details: dict[str, int] = {}
    response_details: dict[str, int] = {}


class Caught(Event, frozen=True, kw_only=True, tag="session.caught"):
    """How far the user's sound has been handed to the network; published at most every 500 ms."""

    epoch: Epoch
    position: Position


class Speech(Event, frozen=True, kw_only=True, tag="speech"):
    """Somebody judged that the user began or ended to speak."""

    on: bool
    source: str
    """server (its voice activity) or local."""


class TurnBegan(Event, frozen=True, kw_only=True, tag="turn.began"):
    """First sound of a reply; its first chunk has this position on stream ``model``."""

    turn: Turn
    epoch: Epoch
    position: Position


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


class FloorChanged(Event, frozen=True, kw_only=True, tag="floor"):
    """Who may be heard: off, nobody, user, model."""

    floor: str
    turn: Turn = Turn(0)


class MicChanged(Event, frozen=True, kw_only=True, tag="mic"):
    """The microphone was muted or unmuted by somebody."""

    muted: bool


class VolumeChanged(Event, frozen=True, kw_only=True, tag="volume"):
    """The loudness of the model, percent."""

    percent: int


class WorkerState(Event, frozen=True, kw_only=True, tag="worker.state"):
    """The supervisor's view of one worker changed."""

    worker: str
    state: str
    """starting, running, backoff, stopping, exited, fatal."""
    text: str = ""


AnyEvent = (
    Hello
    | Ready
    | Unready
    | Heartbeat
    | SessionState
    | GoAway
    | Usage
    | Caught
    | Speech
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
    | FloorChanged
    | MicChanged
    | VolumeChanged
    | WorkerState
)
"""The union that decoding chooses from by ``type``."""


def topic_of(event: type[Event] | Event) -> bytes:
    """The topic of an event class: its tag and a slash."""
    cls = event if isinstance(event, type) else type(event)
    return f"{cls.__struct_config__.tag}/".encode()
