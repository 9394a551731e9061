"""Events: the device, as everyone is told of it."""

from lived.units import Ns, Turn
from lived.wire.events.base import Event


class FloorChanged(Event, frozen=True, kw_only=True, tag="floor"):
    """Who may be heard: off, nobody, user, model."""

    floor: str
    turn: Turn = Turn(0)


class Health(Event, frozen=True, kw_only=True, tag="health"):
    """How the daemon as a whole is: what ``livectl status`` says first."""

    state: str
    """starting, ready, degraded, off."""
    text: str = ""
    """One sentence for a person where something is amiss or waited for; else empty."""


class MicChanged(Event, frozen=True, kw_only=True, tag="mic"):
    """The microphone was muted or unmuted by somebody."""

    muted: bool


class VolumeChanged(Event, frozen=True, kw_only=True, tag="volume"):
    """The loudness of the model, percent."""

    percent: int


class Image(Event, frozen=True, kw_only=True, tag="image"):
    """A picture for the model: a file, since pictures are too large for this bus. The next one replaces it."""

    path: str
    """JPEG or PNG, inside the runtime directory; replaced as a whole."""
    source: str
    """camera or user (livectl show)."""
    width: int
    height: int
    time: Ns
    """When it was taken."""


class RecordingState(Event, frozen=True, kw_only=True, tag="recording"):
    """The recorder writes what is heard and said, or does not."""

    on: bool
    file: str = ""
    """That is being written; the first one when there are several."""
    text: str = ""
    """One sentence for a person: what is recorded, or why nothing is."""
