"""Numbered samples: sound in which every sample says where it belongs.

The encoding, for the frame at position p (mono, signed 16 bit, any rate):

    sample(p) = 2 * ((p * STEP) mod PERIOD) + 1 - PERIOD        with PERIOD = 32768, STEP = 1023

* Every sample is odd, so none is ever 0: silence (and any other even value) is told from a mark by its lowest bit.
* STEP is odd, so the map is a bijection on 0..32767: one sample gives its position modulo 32768 (1.365 s at 24 kHz). A
  loss is missed only if it is an exact multiple of 32768 frames.
* It is a full-scale sawtooth of about 749 Hz at 24 kHz (500 Hz at 16 kHz): audible, and speech for any energy detector.
* No state: any piece of it can be looked at alone. Gain, resampling and mixing destroy it, which is the point.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

PERIOD = 32768
STEP = 1023
_UNSTEP = pow(STEP, -1, PERIOD)
NO_MARK = -1


class Run(NamedTuple):
    """A stretch of consecutive marks: found at frame `at` of the sound, counting up from `first` (mod PERIOD)."""

    at: int
    first: int
    frames: int

    @property
    def end(self) -> int:
        """The mark (mod PERIOD) that would continue this run."""
        return (self.first + self.frames) % PERIOD


def marked(first: int, frames: int) -> bytes:
    """PCM (s16le mono) of `frames` numbered samples, beginning with position `first`."""
    positions = np.arange(first, first + frames, dtype=np.int64)
    samples = 2 * ((positions * STEP) % PERIOD) + 1 - PERIOD
    return samples.astype("<i2").tobytes()


def marks(pcm: bytes) -> npt.NDArray[np.int64]:
    """The position modulo PERIOD of each frame of `pcm` (s16le mono), NO_MARK where a frame carries none."""
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(np.int64)
    positions = ((samples - 1 + PERIOD) // 2 * _UNSTEP) % PERIOD
    return np.where(samples & 1, positions, NO_MARK)


def runs(pcm: bytes, shortest: int = 8) -> list[Run]:
    """Stretches of consecutive marks in `pcm`, in order; those under `shortest` frames are chance and left out.

    One run means: nothing lost, nothing doubled, nothing out of order.
    """
    found = marks(pcm)
    if not len(found):
        return []
    follows = (found[1:] == (found[:-1] + 1) % PERIOD) & (found[1:] != NO_MARK) & (found[:-1] != NO_MARK)
    starts = np.flatnonzero(np.concatenate(([True], ~follows)))
    ends = np.append(starts[1:], len(found))
    return [
        Run(int(a), int(found[a]), int(b - a))
        for a, b in zip(starts, ends, strict=True)
        if found[a] != NO_MARK and b - a >= shortest
    ]
