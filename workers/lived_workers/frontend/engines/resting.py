"""A canceller at rest while there is no echo: a device listens most of the day, and plays little of it. Pure."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from lived_workers.frontend.engines.canceller import Canceller

REST_AFTER = 150
"""Blocks of 10 ms in which nothing was played: longer than an echo's delay (0.3 s) and its reverberation (0.6 s), and
than what a canceller keeps of the reference: it wakes with nothing old in it."""
WARMED_BY = 3
"""Blocks of the microphone that a canceller hears again before it gives sound: more than it holds back."""

_FADE_IN = np.arange(160) / 160


class Resting:
    """See Canceller. At rest the microphone passes, as late as ``inner`` gives it; that keeps what it knows.

    Wakes with the first sound of the reference, which is there before its echo. Both changes are faded over a block: a
    canceller filters what is below speech out, too, so its sound has another level of direct current.
    """

    def __init__(self, inner: Canceller, late: int) -> None:
        """``late``: frames of 16 kHz, at most 160, by which ``inner`` holds sound back."""
        self._inner, self._late = inner, late
        self._heard: deque[bytes] = deque(maxlen=WARMED_BY)  # 30 ms
        self._unplayed = 0
        self.resting = False

    def process(self, near: bytes, far: bytes) -> bytes:
        """See Canceller."""
        self._unplayed = self._unplayed + 1 if far.count(0) == len(far) else 0
        rested, self.resting = self.resting, self._unplayed > REST_AFTER
        passed = self._passed(near) if rested or self.resting else near
        if rested and not self.resting:
            for before in self._heard:
                self._inner.process(before, bytes(len(before)))
        self._heard.append(near)
        if rested and self.resting:
            return passed
        cancelled = self._inner.process(near, far)
        if rested:
            return _faded(passed, cancelled)
        return _faded(cancelled, passed) if self.resting else cancelled

    def reset(self) -> None:
        """See Canceller."""
        self._inner.reset()
        self._heard.clear()
        self._unplayed, self.resting = 0, False

    def _passed(self, near: bytes) -> bytes:
        """``near``, as late as it would be."""
        both = (self._heard[-1] if self._heard else bytes(len(near))) + near
        end = len(both) - 2 * self._late
        return both[end - len(near) : end]


def _faded(first: bytes, second: bytes) -> bytes:
    one, other = _samples(first), _samples(second)
    pcm: bytes = np.rint(one + (other - one) * _FADE_IN).astype(np.int16).tobytes()
    return pcm


def _samples(pcm: bytes) -> NDArray[np.float64]:
    return np.frombuffer(pcm, np.int16).astype(np.float64)
