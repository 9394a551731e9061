"""Where sound begins or ends in the middle, and what counts as silence. Pure."""

from lived.pcm import ramped, silence
from lived.units import BYTES_PER_SAMPLE, Hz, Ms, frames_in

FADE = Ms(3)
"""Long enough not to click."""

QUIET = 200
"""Highest sample (of 32,767: -44 dB) of what may be left out or doubled, in time, without being missed."""


def is_quiet(pcm: bytes) -> bool:
    """Whether nobody would miss it."""
    samples = memoryview(pcm).cast("h")
    return not samples or (max(samples) <= QUIET and min(samples) >= -QUIET)


def ended(pcm: bytes, frames: int, rate: Hz) -> bytes:
    """Mono ``pcm``, faded out at its end and filled up with silence to ``frames``."""
    edge = max(0, len(pcm) - frames_in(FADE, rate) * BYTES_PER_SAMPLE)
    return pcm[:edge] + ramped(pcm[edge:], 1.0, 0.0) + silence(frames - len(pcm) // BYTES_PER_SAMPLE)


def begun(pcm: bytes, rate: Hz) -> bytes:
    """Mono ``pcm``, faded in."""
    edge = frames_in(FADE, rate) * BYTES_PER_SAMPLE
    return ramped(pcm[:edge], 0.0, 1.0) + pcm[edge:]
