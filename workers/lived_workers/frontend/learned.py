"""What was learned of the two cards, from one start of the front end to the next."""

import contextlib
from pathlib import Path
from typing import NamedTuple

import msgspec

from lived.units import MIC_RATE
from lived_workers.frontend.reference import EARLIEST, LATEST, MOST_DRIFT


class Learned(NamedTuple):
    """Of the loudspeaker's and the microphone's."""

    drift: float
    """How much faster the loudspeaker's clock is: 1e-4 = 100 ppm."""
    delay: int
    """Frames of 16 kHz by which the echo comes later than both cards' times tell."""


NOTHING = Learned(0.0, 0)


class _File(msgspec.Struct):
    drift: float = 0.0
    delay_ms: float = 0.0


def load(file: Path) -> Learned:
    """By a former process; ``NOTHING`` without one, or when the file cannot be understood."""
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=_File)
    except (OSError, msgspec.DecodeError):
        return NOTHING
    delay = round(kept.delay_ms * MIC_RATE / 1000)
    return Learned(max(-MOST_DRIFT, min(kept.drift, MOST_DRIFT)), max(EARLIEST, min(delay, LATEST)))


def save(file: Path, learned: Learned) -> None:
    """For the next one. A disk that is full is no matter: it is learned again within a minute."""
    kept = _File(round(learned.drift, 7), round(learned.delay * 1000 / MIC_RATE, 1))
    with contextlib.suppress(OSError):
        file.write_bytes(msgspec.json.encode(kept))
