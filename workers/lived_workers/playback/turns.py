"""One turn's sound on its way from the bus to the card, and what the card's thread has to say about it. Pure."""

from collections import deque
from typing import NamedTuple

from lived.units import BYTES_PER_SAMPLE, Epoch, Frames, Position, Turn


class Place(NamedTuple):
    """A frame of stream ``model``: where a restarted playback goes on."""

    epoch: Epoch
    position: Position


NOWHERE = Place(Epoch(0), Position(0))


class Heard(NamedTuple):
    """The first sound of ``turn`` is output frame ``at``."""

    turn: Turn
    at: Position


class Played(NamedTuple):
    """Done with ``turn``: ``frames`` of it were heard in all."""

    turn: Turn
    frames: Frames
    cut: bool


class Silenced(NamedTuple):
    """The cut up to ``turn`` is obeyed; output frame ``at`` is the first without the old sound."""

    turn: Turn
    heard_turn: Turn
    heard_frames: Frames
    at: Position


class Starved(NamedTuple):
    """Sound of ``turn`` did not come in time, after ``frames`` of it."""

    turn: Turn
    frames: Frames


Notice = Heard | Played | Silenced | Starved


class TurnSound:
    """The sound of one turn that waits to be heard. "Writer" is the main thread, "reader" the card's."""

    def __init__(self, turn: Turn, heard: int) -> None:
        """``heard`` frames of the turn were heard before: by the process that died, or before it fell silent."""
        self.turn = turn
        self.pieces: deque[tuple[bytes, Place]] = deque()
        """PCM and the place behind it. The writer appends, and clears after a cut; the reader takes from the left."""
        self.arrived = heard
        """Frames; written by the writer, after the piece is in ``pieces``."""
        self.heard = heard
        """Frames; written by the reader."""
        self.total: int | None = None
        """Frames the whole turn has, once the gateway has said so; written by the writer."""
        self.over = False
        """Written by the reader: it will not look at ``pieces`` again."""

    @property
    def has_all(self) -> bool:
        """Whether every frame of the turn has arrived, as far as anybody said."""
        return self.total is not None and self.arrived >= self.total

    @property
    def waiting(self) -> int:
        """Frames that arrived and have not been heard."""
        return self.arrived - self.heard

    def append(self, pcm: bytes, behind: Place) -> None:
        """Writer: more sound."""
        self.pieces.append((pcm, behind))
        self.arrived += len(pcm) // BYTES_PER_SAMPLE
