"""Whether what the canceller left is still the reply, by its waveform. Pure.

Words that are left of a reply are speech, and look like the user's to whoever measures energy. But they begin wherever
the reply's waves begin, a fixed time later: the phase-only cross-correlation with the reference (GCC-PHAT) has a peak
there, and none where somebody else speaks. Asked only when the ear is about to cut; until then blocks are kept.
"""

from collections import deque

import numpy as np

from lived.units import MIC_RATE

_BLOCK_MS = 10
_LOOKED_AT_MS = 380
"""Of what is left: a syllable or two. With 260 some of the reply was not known, 510 were no better (docs/echo.md)."""
_LATEST_MS = 400
"""After its reference can an echo come: a reference is early by 20 ms, and cards keep some 100 ms to themselves."""

_LEFT_BLOCKS = _LOOKED_AT_MS // _BLOCK_MS
_FAR_BLOCKS = (_LOOKED_AT_MS + _LATEST_MS) // _BLOCK_MS
_FRAMES = _FAR_BLOCKS * _BLOCK_MS * MIC_RATE // 1000
"""Enough for a circular correlation: no lag that is looked at wraps around."""
_LAGS = _LATEST_MS * MIC_RATE // 1000

_WINDOW = np.hanning(_LEFT_BLOCKS * _BLOCK_MS * MIC_RATE // 1000)
_HZ = np.fft.rfftfreq(_FRAMES, 1 / MIC_RATE)
_BAND = (_HZ > 200) & (_HZ < 5000)
"""Hz of voices: below is rumble, above little but noise."""
_TINY = 1e-9
"""A phase of nothing is none."""

ECHO = 9.0
"""Peak over RMS from which on it is the reply. Voices that have nothing to do with it have 4 to 7, seldom more."""


class Likeness:
    """Remembers the last blocks: 78 of the reference, 38 of what is left: 41 kB."""

    def __init__(self) -> None:
        self._left: deque[bytes] = deque(maxlen=_LEFT_BLOCKS)
        self._far: deque[bytes] = deque(maxlen=_FAR_BLOCKS)

    def take(self, far: bytes, left: bytes) -> None:
        """10 ms: what was played, what is left; 16 kHz mono s16le."""
        self._far.append(far)
        self._left.append(left)

    def reset(self) -> None:
        """Another microphone."""
        self._far.clear()
        self._left.clear()

    @property
    def peak(self) -> float:
        """Of the correlation over the last 380 ms with the reference up to 400 ms before, over its RMS; about 4 where
        they are strangers, 0 where either is silent or too little was heard."""
        if len(self._far) < _FAR_BLOCKS:
            return 0.0
        left = np.fft.rfft(_samples(self._left) * _WINDOW, _FRAMES)
        far = np.fft.rfft(_samples(self._far))
        cross = np.where(_BAND, left * far.conj(), 0)
        found = np.fft.irfft(cross / np.maximum(np.abs(cross), _TINY), _FRAMES)
        # the reference begins _LATEST_MS before what is left: rolled by it, an index is the delay in frames
        wanted = np.abs(np.roll(found, _LAGS)[: _LAGS + 1])
        rms = float(np.sqrt(np.mean(wanted**2)))
        return float(wanted.max()) / rms if rms > _TINY else 0.0

    @property
    def echo(self) -> bool:
        """Whether it is the reply."""
        return self.peak >= ECHO


def _samples(blocks: deque[bytes]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    samples = np.frombuffer(b"".join(blocks), np.int16)
    return samples.astype(np.float64)
