"""How much sound of a reply is kept back before it begins, against a network that is late. Pure.

The Live API sends three to four times faster than real time, in pieces of 160 to 320 ms with 60 to 90 ms between
them; only the first piece may be short (0 to 50 ms). So the one moment at which a reply can run dry is before its
second piece, and what bridges it is the sound at hand *and* the time that has passed since the first piece came:
both together must reach the cushion. A cushion of 90 ms lets a first piece of 50 ms begin after 55 ms (40, and a
block and a fade, which the card is ahead by), and whatever has a second piece at once.
"""

from lived.units import MODEL_RATE, Frames, Ms, frames_in

FIRST = frames_in(Ms(90), MODEL_RATE)
"""The longest regular wait for the second piece."""
LEAST = frames_in(Ms(60), MODEL_RATE)
"""The shortest: with less, every short first piece would run dry."""
STEP = frames_in(Ms(2), MODEL_RATE)
"""Given back by each reply that did not run dry: a network that was bad is trusted again after some dozen."""


class Cushion:
    """Grows to its bound as soon as a reply ran dry, and shrinks slowly. Belongs to the card's thread."""

    def __init__(self, most: Frames) -> None:
        """``most`` is the bound (``audio.prebuffer_ms``)."""
        self._most = most
        self.frames = min(FIRST, most)
        """What a reply waits for now."""

    def ran_dry(self) -> None:
        """Sound came too late."""
        self.frames = self._most

    def went_well(self) -> None:
        """A reply was heard without a hole."""
        self.frames = max(min(LEAST, self._most), Frames(self.frames - STEP))
