"""What one passage was worth."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bench.listening_scenes import RATE, Samples
from bench.room.passage import Passed
from bench.room.scene import SETTLED_S, Scene, Stretch

Blocks = npt.NDArray[np.bool_]
"""Of 10 ms."""

LATE_MS = 1500
"""A cut that comes later was for another syllable."""
ECHO_TURN = 1


class Score(NamedTuple):
    """Of one room and one engine."""

    erle_db: float
    """Echo only, five seconds in: noise included, so it ends at the noise."""
    false_cuts: int
    echo_s: float
    echo_speech: float
    """Share of the echo-only time that is speech for the voice activity."""
    kept: float
    """Share of the user's speech in double talk (as found in the user alone) that is found in the cleaned sound."""
    alone_kept: float
    """The same, nothing being played."""
    cut_ms: list[float]
    """First syllable to cut, of those sentences that were cut."""
    missed: int
    """Sentences that cut nothing."""
    drift_ppm: int
    trusted: float
    """Share of the time of replies in which the judge trusts the ear."""
    half_duplex: float
    """Share of the time."""


def _blocks(stretch: Stretch) -> slice:
    return slice(round(stretch.begin * 100), round(stretch.end * 100))


def kept(found: Blocks, clean: Blocks, stretch: Stretch) -> float:
    """Share of the speech in ``clean`` that is speech in ``found`` too."""
    # the canceller's voice is up to 10 ms late: a block either side counts as the same
    near_by = found | np.roll(found, 1) | np.roll(found, -1)
    spoken = clean[_blocks(stretch)]
    return float(near_by[_blocks(stretch)][spoken].mean()) if spoken.any() else 0.0


def power_db(samples: Samples, stretch: Stretch) -> float:
    """Mean power."""
    piece = samples[round(stretch.begin * RATE) : round(stretch.end * RATE)].astype(np.float64)
    return float(10 * np.log10(max(1e-3, (piece**2).mean())))


def score(scene: Scene, passed: Passed, clean: Blocks) -> Score:
    """``clean``: where speech is found in the user alone."""
    begin = scene.echo.begin + min(SETTLED_S, (scene.echo.end - scene.echo.begin) / 2)
    settled = Stretch(begin, scene.echo.end)
    cut_ms = [_first(passed.cuts, onset) for onset in scene.onsets]
    replied = scene.turns[: len(passed.trusted)] > 0
    return Score(
        power_db(scene.near, settled) - power_db(passed.voice, settled),
        sum(turn == ECHO_TURN for turn in passed.turns),
        scene.echo.end - scene.echo.begin,
        float(passed.likely[_blocks(scene.echo)].mean()),
        kept(passed.likely, clean, scene.double),
        kept(passed.likely, clean, scene.alone),
        [ms for ms in cut_ms if ms < LATE_MS],
        sum(ms >= LATE_MS for ms in cut_ms),
        passed.figures["echo_drift_ppm"],
        float(passed.trusted[: len(replied)][replied].mean()),
        passed.half_duplex_share,
    )


def _first(cuts: list[float], onset: float) -> float:
    """Milliseconds from ``onset`` to the first cut behind it."""
    return min((1000 * (cut - onset) for cut in cuts if cut >= onset), default=float("inf"))
