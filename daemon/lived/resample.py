"""Resampling and mixing: the only importer of soxr. Import it only when samples must be computed: numpy costs 12 MB.

Live sound wants short blocks back: soxr's default (HQ) withholds 30 ms. LQ withholds 6 ms from 48 to 16 kHz and has
an anti-alias filter; QQ withholds nothing and has none, which does for going up.
"""

from typing import Literal

import numpy as np
import soxr

from lived.units import Hz


class Resampler:
    """A stream of mono s16le from one rate to another. Blocks come out uneven: re-block behind it."""

    def __init__(self, source: Hz, target: Hz, quality: Literal["QQ", "LQ", "MQ", "HQ"] = "LQ") -> None:
        self._soxr = soxr.ResampleStream(source, target, 1, dtype="int16", quality=quality)

    def push(self, pcm: bytes) -> bytes:
        """What can be given out after ``pcm`` went in; b"" while it is withheld."""
        out: bytes = self._soxr.resample_chunk(np.frombuffer(pcm, np.int16)).tobytes()
        return out

    def flush(self) -> bytes:
        """What was withheld, at the stream's end."""
        out: bytes = self._soxr.resample_chunk(np.empty(0, np.int16), last=True).tobytes()
        return out


def mixed(pcm: bytes, channels: int) -> bytes:
    """Interleaved s16le to mono: the mean of all channels, which cannot clip."""
    frames = np.frombuffer(pcm, np.int16).reshape(-1, channels)
    out: bytes = (frames.sum(axis=1, dtype=np.int32) // channels).astype(np.int16).tobytes()
    return out
