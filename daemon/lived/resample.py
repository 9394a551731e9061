"""Resampling and mixing: the only importer of soxr. Import it only when samples must be computed: numpy costs 12 MB.

Live sound wants short blocks back: soxr's default (HQ) withholds 30 ms. LQ withholds 6 ms from 48 to 16 kHz and has
an anti-alias filter; QQ withholds nothing and has none, which does for going up.
"""

from typing import Literal

import numpy as np
import soxr

from lived.units import Hz


class Resampler:
    """A stream of mono s16le from one rate to another. Blocks come out uneven: re-block behind it.

    Computed in float: soxr would dither 16-bit sound, and silence has to stay silence.
    """

    def __init__(self, source: Hz, target: Hz, quality: Literal["QQ", "LQ", "MQ", "HQ"] = "LQ") -> None:
        self._soxr = soxr.ResampleStream(source, target, 1, dtype="float32", quality=quality)

    def push(self, pcm: bytes) -> bytes:
        """What can be given out after ``pcm`` went in; b"" while it is withheld."""
        return self._through(np.frombuffer(pcm, np.int16).astype(np.float32), last=False)

    def flush(self) -> bytes:
        """What was withheld, at the stream's end."""
        return self._through(np.empty(0, np.float32), last=True)

    def _through(self, samples: "np.ndarray[tuple[int], np.dtype[np.float32]]", last: bool) -> bytes:
        out = self._soxr.resample_chunk(samples, last=last)
        # a filter overshoots at full scale
        pcm: bytes = np.clip(np.rint(out), -32_768, 32_767).astype(np.int16).tobytes()
        return pcm


def mixed(pcm: bytes, channels: int) -> bytes:
    """Interleaved s16le to mono: the mean of all channels, which cannot clip."""
    frames = np.frombuffer(pcm, np.int16).reshape(-1, channels)
    out: bytes = (frames.sum(axis=1, dtype=np.int32) // channels).astype(np.int16).tobytes()
    return out
