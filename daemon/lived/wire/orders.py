"""What a worker may be told (docs/protocol.md, "Orders"). Topic: ``order/<worker>/``. All are idempotent:
the supervisor repeats the wanted state to every worker that says hello."""

import msgspec

from lived.units import Epoch, Ns, Position


class Order(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of all orders."""


class Stop(Order, frozen=True, kw_only=True, tag="stop"):
    """Finish, close everything, exit with 0."""


class Introduce(Order, frozen=True, kw_only=True, tag="introduce"):
    """Say hello again, and how everything is: there is a supervisor that does not know it."""


class Converse(Order, frozen=True, kw_only=True, tag="converse"):
    """Open (on) or close (off) the card, the session."""

    on: bool


class Mute(Order, frozen=True, kw_only=True, tag="mute"):
    """Nothing the microphone hears leaves its process while ``on``."""

    on: bool


class SetVolume(Order, frozen=True, kw_only=True, tag="volume"):
    """Loudness of the model."""

    percent: int


class Duck(Order, frozen=True, kw_only=True, tag="duck"):
    """To playback: be quieter until then, because somebody seems to speak. Ends by itself; the next one replaces it."""

    until: Ns
    """CLOCK_MONOTONIC, of the frames that pass the DAC; in the past = loud again."""
    percent: int
    """Of the loudness otherwise."""


class Chime(Order, frozen=True, kw_only=True, tag="chime"):
    """To playback: play this over whatever is heard. It belongs to no turn, and no cut takes it back."""

    pcm: bytes
    """24 kHz, mono, s16le; at most ``MAX_CHIME_BYTES``. In JSON: base64."""


MAX_CHIME_BYTES = 24_000
"""500 ms: a sign, no speech."""


class Say(Order, frozen=True, kw_only=True, tag="say"):
    """Typed input to the model. ``number`` grows, and is told back (``say.taken``) once the text outlives the gateway's
    process; the same one again is the same text. 0 = nobody waits for that."""

    text: str
    number: int = 0


class Again(Order, frozen=True, kw_only=True, tag="again"):
    """Repeat a stream on its again-topic, from ``position`` up to what is in memory."""

    stream: str
    epoch: Epoch
    position: Position


class Talk(Order, frozen=True, kw_only=True, tag="talk"):
    """The button is held (on) or let go: what is said in between is one turn (``live.vad.mode`` manual)."""

    on: bool


class Instruct(Order, frozen=True, kw_only=True, tag="instruct"):
    """A new system instruction, from now on and until the daemon ends; "" = the configured one."""

    text: str


class Show(Order, frozen=True, kw_only=True, tag="show"):
    """Let the model see an image: a file inside the runtime directory, removed by whoever sent it."""

    path: str
    mime: str


class Watch(Order, frozen=True, kw_only=True, tag="watch"):
    """To the camera: take images (on) or none."""

    on: bool


AnyOrder = Stop | Introduce | Converse | Mute | SetVolume | Duck | Chime | Say | Again | Talk | Instruct | Show | Watch


def order_topic(worker: str) -> bytes:
    """The topic one worker listens to."""
    return f"order/{worker}/".encode()
