"""How loud a stream is now. Pure: time is a parameter.

dBFS: 0 is the loudest sample there is (32,768), so a sine that reaches it has an RMS of -3.
"""

from collections import deque
from dataclasses import dataclass
from math import log10
from typing import NamedTuple

from lived.pcm import energy, peak
from lived.units import BYTES_PER_SAMPLE, MILLISECOND, SECOND, Ns

WINDOW = Ns(300 * MILLISECOND)
"""What peak and RMS speak of: as long as a VU meter takes."""

HOLD = Ns(2 * SECOND)
"""How long the highest peak stays."""

_MOST = 1_000
"""Chunks of ``HOLD``: 2 s * 100 = 200; of a reply that comes four times as fast 800."""

_FULL_SCALE = 32_768.0


@dataclass(frozen=True, slots=True)
class Level:
    """In dBFS; None = digital silence."""

    flowing: bool
    """Sound came within ``WINDOW``, silence too."""
    peak: float | None
    rms: float | None
    hold: float | None
    """The highest peak of the last ``HOLD``."""


NOTHING = Level(flowing=False, peak=None, rms=None, hold=None)


class _Piece(NamedTuple):
    at: Ns
    peak: int
    energy: int
    samples: int


class Meter:
    """One stream's."""

    def __init__(self) -> None:
        self._pieces: deque[_Piece] = deque(maxlen=_MOST)

    def take(self, pcm: bytes, now: Ns) -> None:
        """s16le of any number of channels, which came at ``now``."""
        self._pieces.append(_Piece(now, peak(pcm), energy(pcm), len(pcm) // BYTES_PER_SAMPLE))

    def level(self, now: Ns) -> Level:
        """How loud it is."""
        while self._pieces and now - self._pieces[0].at > HOLD:
            self._pieces.popleft()
        new = [piece for piece in self._pieces if now - piece.at <= WINDOW]
        samples = sum(piece.samples for piece in new)
        return Level(
            flowing=bool(new),
            peak=dbfs(max((piece.peak for piece in new), default=0)),
            rms=dbfs((sum(piece.energy for piece in new) / samples) ** 0.5) if samples else None,
            hold=dbfs(max((piece.peak for piece in self._pieces), default=0)),
        )


def dbfs(sample: float) -> float | None:
    """A distance from zero in decibels below the loudest sample, to a tenth; None of zero."""
    return round(20 * log10(sample / _FULL_SCALE), 1) if sample > 0 else None
