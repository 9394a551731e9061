"""Where frames are put: exact clocks exactly, wrong clocks within a few milliseconds, for hours."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lived.recording.line import TOLERANCE, Line
from lived.units import MILLISECOND, SECOND, Hz, Ns, Position

RATE = Hz(1000)
STEP = 200
"""Frames of a chunk: 0.2 s, so that an hour takes milliseconds."""


def drive(hours: float, ppm: float, jitter_ms: float, seed: int) -> tuple[list[int], set[float]]:
    """(how far from the truth each chunk was put, ns; the stretches that were used)."""
    rng, line = random.Random(seed), Line(RATE)  # noqa: S311

    def true(position: int) -> int:
        return 7 * SECOND + round(position * SECOND / RATE * (1 + ppm * 1e-6))

    def told(position: int) -> Ns:
        return Ns(true(position) + int(rng.gauss(0, jitter_ms / 2) * MILLISECOND))

    line.anchor((Position(p), told(p)) for p in range(0, 300, 10))
    errors: list[int] = []
    stretches: set[float] = set()
    for position in range(0, int(hours * 3600 * RATE), STEP):
        assert not line.report(Position(position), told(position))
        errors.append(line.time(Position(position)) - true(position))
        stretches.add(line.stretch)
        line.advance(STEP)
    return errors, stretches


@settings(max_examples=8)
@given(jitter_ms=st.floats(0, 1.5), seed=st.integers(0, 1000))
def test_an_exact_clock_is_never_corrected(jitter_ms: float, seed: int) -> None:
    """However its times jitter: an hour later the sound is where it was in the first second, to the nanosecond."""
    errors, stretches = drive(1.0, 0.0, jitter_ms, seed)
    assert stretches == {1.0}
    assert set(errors) == {errors[0]}, "one frame a minute would be allowed; none is moved"
    assert abs(errors[0]) < jitter_ms * MILLISECOND / 2 + 1


@settings(max_examples=10)
@given(ppm=st.floats(-300, 300), jitter_ms=st.floats(0, 1.5), seed=st.integers(0, 1000))
def test_a_drifting_clock_stays_within_three_ms(ppm: float, jitter_ms: float, seed: int) -> None:
    """At any moment of an hour; so two cards are never further apart than twice that."""
    errors, _ = drive(1.0, ppm, jitter_ms, seed)
    assert max(map(abs, errors)) < 3.5 * MILLISECOND
    if abs(ppm) > 50:  # and once the drift is known
        assert max(map(abs, errors[len(errors) // 2 :])) < 1.5 * MILLISECOND


def test_the_drift_is_measured() -> None:
    """To a part in a million, within five minutes."""
    line = Line(RATE)
    line.anchor([(Position(0), Ns(SECOND))])
    for position in range(0, 600 * RATE, STEP):
        line.report(Position(position), Ns(SECOND + round(position * SECOND / RATE * 1.000123)))
        line.advance(STEP)
    assert line.drift == pytest.approx(123e-6, abs=1e-6)


@given(away=st.integers(-TOLERANCE, TOLERANCE))
def test_behind_a_gap_positions_count(away: int) -> None:
    """As long as they agree with the times, the silence is as long as the positions say."""
    line = Line(RATE)
    line.anchor([(Position(0), Ns(SECOND))])
    line.anchor([(Position(5000), Ns(6 * SECOND + away))])
    assert line.time(Position(5000)) == 6 * SECOND


@given(away=st.integers(5, 10_000))
def test_behind_a_gap_times_count_when_positions_are_wrong(away: int) -> None:
    """A device that was opened anew need not have counted right."""
    line = Line(RATE)
    line.anchor([(Position(0), Ns(SECOND))])
    line.anchor([(Position(5000), Ns(6 * SECOND + away * MILLISECOND))])
    assert line.time(Position(5000)) == 6 * SECOND + away * MILLISECOND


def test_a_jump_is_seen_within_a_second() -> None:
    """A card that stood still for 50 ms is no drift."""
    line = Line(RATE)
    line.anchor([(Position(0), Ns(0 + SECOND))])
    late = 50 * MILLISECOND
    jumped = [
        position
        for position in range(0, 5000, 100)
        if line.report(Position(position), Ns(SECOND + position * MILLISECOND + late * (position >= 2000)))
    ]
    assert jumped
    assert 2000 < jumped[0] <= 4000
