"""Arithmetic on 16-bit little-endian PCM, without numpy: an audio process must not pay 12 MB for a fade.

A ``pcm`` argument is interleaved s16le; its length is a multiple of ``2 * channels`` bytes. Functions
that change samples take the machine to be little-endian, as every supported one is (checked at import).
"""

import sys
from array import array
from operator import mul

from lived.units import BYTES_PER_SAMPLE

if sys.byteorder != "little":  # pragma: no cover
    raise ImportError("lived handles s16le as native shorts: a little-endian machine is needed")


def silence(frames: int, channels: int = 1) -> bytes:
    """``frames`` of digital zero."""
    return bytes(frames * channels * BYTES_PER_SAMPLE)


def scaled(pcm: bytes, gain: float) -> bytes:
    """``pcm`` times ``gain`` (0.0 to 1.0: it cannot clip), rounded towards zero."""
    factor = int(gain * 65536)
    return array("h", [(s * factor) >> 16 for s in memoryview(pcm).cast("h")]).tobytes()


def ramped(pcm: bytes, start: float, end: float) -> bytes:
    """Mono ``pcm`` with a gain that goes in a straight line from ``start`` towards ``end``: a fade without a click."""
    samples = memoryview(pcm).cast("h")
    if not samples:
        return pcm
    step = (end - start) / len(samples)
    return array("h", [int(s * (start + step * i)) for i, s in enumerate(samples)]).tobytes()


def added(pcm: bytes, other: bytes) -> bytes:
    """Mono ``pcm`` with ``other`` (no longer than it) over its beginning; what is too loud is clipped."""
    samples = array("h", pcm)
    for i, sample in enumerate(memoryview(other).cast("h")):
        samples[i] = max(-32_768, min(32_767, samples[i] + sample))
    return samples.tobytes()


def peak(pcm: bytes) -> int:
    """The largest distance from zero, 0 to 32,768; 0 of nothing."""
    samples = memoryview(pcm).cast("h")
    return max(abs(min(samples)), abs(max(samples))) if samples else 0


def energy(pcm: bytes) -> int:
    """The sum of the squares of all samples."""
    samples = memoryview(pcm).cast("h")
    return sum(map(mul, samples, samples))
