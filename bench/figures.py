"""What recordings and journals say, as figures. Pure: no device, no clock, no process."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

AUDIBLE = 32
"""Of 32,768: -60 dB. Below it nobody hears anything, and no mark of the stand-in is so small for two samples."""

PATTERN = 64
"""Samples that identify a place in the user's sound: its noise repeats 64 samples nowhere."""


class Piece(NamedTuple):
    """``frames`` samples that stand at ``at`` in one recording and at ``source`` in another."""

    at: int
    source: int
    frames: int


class Lost(NamedTuple):
    """Frames of the source that are missing, and frames that are there twice or belong nowhere."""

    missing: int
    extra: int


def percentile(values: list[float], percent: float) -> float:
    """The value below or at which ``percent`` of ``values`` lie; 0 when there are none."""
    return float(np.percentile(values, percent)) if values else 0.0


def pieces(copy: Samples, source: Samples) -> list[Piece]:
    """Where the parts of ``copy`` come from in ``source``: in order of ``copy``, each as long as possible.

    A perfect copy is one piece.
    """
    haystack = source.tobytes()
    found: list[Piece] = []
    at = 0
    while at + PATTERN <= len(copy):
        quiet = np.flatnonzero(copy[at : at + PATTERN] == 0)
        if len(quiet) > PATTERN // 2:
            at += int(quiet[0]) + 1  # digital silence is the same everywhere: it identifies nothing
            continue
        begin = _find(haystack, copy[at : at + PATTERN].tobytes(), found[-1] if found else None)
        if begin < 0:
            at += 1
            continue
        length = _same(copy[at:], source[begin:])
        found.append(Piece(at, begin, length))
        at += length
    return found


def _find(haystack: bytes, pattern: bytes, last: Piece | None) -> int:
    """Frame at which ``pattern`` stands, looked for behind the last piece first; -1 when nowhere."""
    start = 2 * (last.source + last.frames) if last else 0
    for begin, end in ((start, len(haystack)), (0, start + len(pattern))):
        at = haystack.find(pattern, begin, end)
        while at % 2 and at >= 0:
            at = haystack.find(pattern, at + 1, end)
        if at >= 0:
            return at // 2
    return -1


def _same(a: Samples, b: Samples) -> int:
    """How many samples at the beginning are equal."""
    length = min(len(a), len(b))
    differ = np.flatnonzero(a[:length] != b[:length])
    return int(differ[0]) if len(differ) else length


def lost(parts: list[Piece], copied: int) -> Lost:
    """What is missing between the first and the last of ``parts``, and what of ``copied`` frames is too much."""
    missing = 0
    extra = copied - sum(p.frames for p in parts)
    for before, after in pairwise(parts):
        step = after.source - (before.source + before.frames)
        missing += max(0, step)
        extra += max(0, -step)
    return Lost(missing, extra)


def source_of(parts: list[Piece], at: int) -> int | None:
    """The place in the source of sample ``at`` of the copy."""
    for piece in parts:
        if piece.at <= at < piece.at + piece.frames:
            return piece.source + at - piece.at
    return None


def last_audible(sound: Samples) -> int | None:
    """Index of the last sample that can be heard."""
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > AUDIBLE)
    return int(loud[-1]) if len(loud) else None


def first_audible(sound: Samples) -> int | None:
    """Index of the first sample that can be heard."""
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > AUDIBLE)
    return int(loud[0]) if len(loud) else None


def pause_after(sound: Samples, start: int, silence: int) -> int | None:
    """Index of the first sample, at or after ``start``, of ``silence`` samples that nobody can hear.

    None when the sound never pauses for so long.
    """
    loud = np.flatnonzero(np.abs(sound[start:].astype(np.int32)) > AUDIBLE)
    if not len(loud):
        return start
    ends = np.flatnonzero(np.diff(np.append(loud, len(sound) - start)) > silence)
    return start + int(loud[ends[0]]) + 1 if len(ends) else None
