"""The line through a card's noisy times."""

import random

from hypothesis import given
from hypothesis import strategies as st

from lived.soundcard import Pace, Timeline
from lived.units import MILLISECOND, SECOND, Hz, Ns

RATE = Hz(16_000)
BLOCK = 160


def test_noise_is_averaged_out_and_drift_followed() -> None:
    """With ±5 ms of noise and a clock 200 ppm fast, the line stays within 1.5 ms after a second."""
    noise = random.Random(1)  # noqa: S311
    line, worst = Timeline(RATE), 0
    for n in range(1_000):
        true = SECOND + int(n * 10 * MILLISECOND * 1.0002)
        line.report(n * BLOCK, true + noise.randint(-5 * MILLISECOND, 5 * MILLISECOND))
        if n > 100:
            worst = max(worst, abs(line.at(n * BLOCK) - true))

    assert worst < 1.5 * MILLISECOND


def test_jump_that_the_card_explains_is_taken_at_once() -> None:
    """After an overflow the line is where the card says."""
    line = Timeline(RATE)
    line.report(0, SECOND)
    line.report(BLOCK, 2 * SECOND, jumped=True)

    assert line.at(BLOCK) == 2 * SECOND


def test_jump_that_lasts_is_taken_after_half_a_second() -> None:
    """One wild report moves the line by under a millisecond; fifty of them move it for good."""
    line = Timeline(RATE)
    for n in range(200):
        line.report(n * BLOCK, n * 10 * MILLISECOND)
    line.report(200 * BLOCK, 200 * 10 * MILLISECOND + SECOND)
    assert line.at(200 * BLOCK) - 200 * 10 * MILLISECOND < MILLISECOND

    for n in range(201, 260):
        line.report(n * BLOCK, n * 10 * MILLISECOND + SECOND)

    assert abs(line.at(259 * BLOCK) - 259 * 10 * MILLISECOND - SECOND) < MILLISECOND


@given(st.integers(1, 192_000), st.integers(1, 4_000), st.integers(0, 10**15), st.integers(0, 10**7))
def test_pace_does_not_drift(rate: int, block: int, start: int, n: int) -> None:
    """The n-th deadline is exactly n blocks after the first one, however many there were."""
    pace = Pace(Hz(rate), block, Ns(start))

    assert pace.begins(0) == start
    assert (pace.begins(n) - start) * rate // SECOND in (n * block - 1, n * block)
