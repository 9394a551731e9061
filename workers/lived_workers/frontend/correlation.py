"""Where one sound lies in another: the phase-only cross-correlation (GCC-PHAT). Pure.

It looks at when waves begin and not at how loud they are, so a room, a loudspeaker and a much louder voice leave its
peak where it is.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lived.units import MIC_RATE

Samples = NDArray[np.floating[Any]]

LOWEST_HZ, HIGHEST_HZ = 200, 5000
"""Of voices: below is rumble, above little but noise."""
_TINY = 1e-9
"""A phase of nothing is none."""


class Peak(NamedTuple):
    """Of a correlation."""

    lag: int
    """Frames of 16 kHz."""
    height: float
    """Over the RMS; about 4 where both are strangers, 0 where either is silent."""


class Correlation:
    """Of ``frames`` of a sound with a longer one that begins ``before`` frames earlier and ends ``behind`` later: three
    FFTs of all of it."""

    def __init__(self, frames: int, before: int, behind: int = 0) -> None:
        """Frames of 16 kHz. No lag from ``-behind`` to ``before`` wraps around."""
        self._before, self._behind, self._frames = before, behind, before + frames + behind
        self._window = np.hanning(frames)
        hz = np.fft.rfftfreq(self._frames, 1 / MIC_RATE)
        self._band = (hz > LOWEST_HZ) & (hz < HIGHEST_HZ)

    def peak(self, sound: Samples, other: Samples) -> Peak:
        """The highest: at lag n, ``sound`` is as ``other`` was n frames before."""
        padded = np.zeros(self._frames)
        padded[self._before : self._before + len(sound)] = sound * self._window
        cross = np.where(self._band, np.fft.rfft(padded) * np.fft.rfft(other).conj(), 0)
        found = np.fft.irfft(cross / np.maximum(np.abs(cross), _TINY), self._frames)
        wanted = np.abs(np.roll(found, self._behind)[: self._behind + self._before + 1])
        rms = float(np.sqrt(np.mean(wanted**2)))
        highest = int(wanted.argmax())
        return Peak(highest - self._behind, float(wanted[highest]) / rms if rms > _TINY else 0.0)
