"""Whether what is left is what a canceller leaves of a reply, by its level. Pure.

Asked only when the ear is about to cut. Three things pass a canceller that have no waveform to be known by
(``likeness``): the last of the reverberation when the reply pauses, what is left of a reply that begins loudly, and the
room's own noise in the reply's rhythm.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lived.units import MIC_RATE
from lived_workers.frontend.memory import BLOCK_MS, Memory

_BLOCKS = 60
"""Looked at: 600 ms, as long as a room reverberates."""
_SMOOTHED = 5
"""Blocks of which a level is taken: 50 ms."""
_AUDIBLE_DB = 40.0
"""Of a reference that can be heard (-50 dBFS), in dB over one step of 16 bits, as all levels here."""
_FALLEN_DB = 12.0
"""Since the reply paused has the microphone's level fallen by so much, and ..."""
_RISEN_DB = 6.0
"""... not risen by so much since: a room does not get louder by itself, a syllable rises by 20 dB."""

_LOOKED_BACK = 20
"""Blocks (200 ms) in which ..."""
_TAKEN_OUT_DB = 14.0
"""... so much was taken out, so that it was nearly all echo: a user who is quieter than the echo by more is not heard
anyway. Or ..."""
_USUAL_DB = 3.0
"""... as much as ever, but for this, in a room in which noise hides the rest, ..."""
_LEAST_DB = 5.0
"""... and so much in any case."""
_PUT_IN_DB = 1.0
"""What is left is louder than what was heard: a linear filter adds its own where an echo was that has just moved."""
_NOISE_DB = 3.0
"""Over the room's noise: a canceller that closes and opens with the reply makes noise sound like speech."""

_Levels = NDArray[np.floating[Any]]


def is_tail(memory: Memory) -> bool:
    """Whether the reply has paused, and what is heard since dies away."""
    audible = np.flatnonzero(_db(_powers(memory.far(_BLOCKS))) >= _AUDIBLE_DB)
    if not len(audible) or audible[-1] > _BLOCKS - _SMOOTHED:
        return False
    powers = np.convolve(_powers(memory.near(_BLOCKS)), np.ones(_SMOOTHED) / _SMOOTHED, "valid")
    levels, paused = _db(powers), int(audible[-1])
    loudest, since = levels[: paused + 1].max(), levels[max(0, paused + 1 - _SMOOTHED) :]
    return bool(levels[-1] <= loudest - _FALLEN_DB and levels[-1] <= since.min() + _RISEN_DB)


def is_remnant(memory: Memory, usual_db: float) -> bool:
    """Whether nearly all that was heard was taken out, or something put in. ``usual_db``: taken out of replies."""
    near, left = memory.near(_LOOKED_BACK), memory.left(_LOOKED_BACK)
    taken_out = _db(np.mean(near**2)) - _db(np.mean(left**2))
    nearly_all = min(_TAKEN_OUT_DB, max(_LEAST_DB, usual_db - _USUAL_DB))
    return bool(taken_out >= nearly_all or taken_out <= -_PUT_IN_DB)


def is_noise(memory: Memory, noise_db: float) -> bool:
    """Whether it is hardly louder than the room, which has ``noise_db`` over one step of 16 bits."""
    return bool(_db(np.mean(memory.left(_LOOKED_BACK) ** 2)) <= noise_db + _NOISE_DB)


def _powers(samples: NDArray[np.floating[Any]]) -> _Levels:
    """Of each block."""
    powers: _Levels = (samples.reshape(-1, BLOCK_MS * MIC_RATE // 1000) ** 2).mean(axis=1)
    return powers


def _db(power: Any) -> Any:
    return 10 * np.log10(power + 1)
