"""Short fades: a loudspeaker clicks when sound begins or ends in the middle of a wave. Pure."""

from lived.pcm import ramped
from lived.units import BYTES_PER_SAMPLE, MODEL_RATE, Ms, frames_in

FADE = frames_in(Ms(3), MODEL_RATE)
"""72 frames: long enough not to click; every cut is later by it."""


class FadeIn:
    """A fade over the next ``FADE`` frames, however they are cut into blocks. Belongs to one thread."""

    def __init__(self) -> None:
        self._left = 0

    def begin(self) -> None:
        """The next frame is the first of a fade."""
        self._left = FADE

    @property
    def gain(self) -> float:
        """Of the next frame."""
        return 1 - self._left / FADE

    def over(self, pcm: bytes) -> bytes:
        """``pcm`` with what is left of the fade."""
        if not self._left:
            return pcm
        start = self.gain
        faded = min(self._left, len(pcm) // BYTES_PER_SAMPLE)
        self._left -= faded
        edge = faded * BYTES_PER_SAMPLE
        return ramped(pcm[:edge], start, self.gain) + pcm[edge:]


def faded_out(pcm: bytes, start: float = 1.0) -> bytes:
    """``pcm`` with its last ``FADE`` frames, or all of it, going from ``start`` to nothing."""
    edge = max(0, len(pcm) - FADE * BYTES_PER_SAMPLE)
    return pcm[:edge] + ramped(pcm[edge:], start, 0.0)
