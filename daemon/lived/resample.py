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
        return _rounded(self._soxr.resample_chunk(samples, last=last))


def mixed(pcm: bytes, channels: int) -> bytes:
    """Interleaved s16le to mono: the mean of all channels, which cannot clip."""
    frames = np.frombuffer(pcm, np.int16).reshape(-1, channels)
    out: bytes = (frames.sum(axis=1, dtype=np.int32) // channels).astype(np.int16).tobytes()
    return out


def _rounded(samples: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> bytes:
    # a filter overshoots at full scale
    pcm: bytes = np.clip(np.rint(samples), -32_768, 32_767).astype(np.int16).tobytes()
    return pcm


class Stretcher:
    """Mono s16le made longer or shorter by parts in a million, without a break when that changes.

    soxr's variable rate: within half a frame of its place, noise at -80 dB of the sound.
    """

    _MOST = 1.01
    _DELAY = 2
    """Frames by which it is late at this ratio (1.6, measured)."""

    def __init__(self, rate: Hz, lead: bytes) -> None:
        """``lead``: the sound just before, which was given out already."""
        self._rate = rate
        self.stretch = 1.0
        """Frames given out for each that comes in; between 0.99 and 1.01."""
        self._soxr = soxr.ResampleStream(rate * self._MOST, rate, 1, dtype="float32", quality="HQ", vr=True)
        self._soxr.set_io_ratio(rate, rate)
        self._skip = len(lead) + 2 * self._DELAY  # bytes of what comes out first
        self._through(lead, last=False)

    def push(self, pcm: bytes) -> bytes:
        """What can be given out after ``pcm`` went in; b"" while it is withheld."""
        self._soxr.set_io_ratio(self._rate / self.stretch, self._rate)
        return self._through(pcm, last=False)

    def flush(self) -> bytes:
        """What was withheld, at the end."""
        return self._through(b"", last=True)

    def _through(self, pcm: bytes, last: bool) -> bytes:
        samples = np.frombuffer(pcm, np.int16).astype(np.float32)
        out = _rounded(self._soxr.resample_chunk(samples, last=last))
        skipped = min(self._skip, len(out))
        self._skip -= skipped
        return out[skipped:]
