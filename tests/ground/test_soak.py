"""What a soak is judged by, and what goes wrong in it."""

from itertools import pairwise

import pytest
from bench.troubles import EVERY_S, QUOTAS, WORKERS, plan
from bench.verdict import MOST_TWICE, growth, uplink
from hypothesis import given
from hypothesis import strategies as st

from lived_workers.simulator.marks import marked


@given(st.integers(0, 1000), st.floats(0, 5000))
def test_a_plan_is_repeatable_and_in_order(seed: int, seconds: float) -> None:
    """The same seed, the same troubles; none at the end; a quota seldom."""
    troubles = plan(seed, seconds)
    assert troubles == plan(seed, seconds)
    assert all(a.at < b.at for a, b in pairwise(troubles))
    assert all(trouble.at < seconds - 30 for trouble in troubles)
    assert len(troubles) <= seconds / (0.4 * EVERY_S)
    assert sum(trouble.fault.get("do") == "quota" for trouble in troubles) <= QUOTAS
    assert {trouble.worker for trouble in troubles} <= {"", *WORKERS}


@given(st.integers(2_000, 60_000), st.integers(1, 10_000))
def test_a_loss_is_counted_to_the_frame(before: int, lost: int) -> None:
    """In the middle."""
    said = marked(0, before + lost + 5_000)
    heard = said[: before * 2] + said[(before + lost) * 2 :]
    found = uplink(said, heard)
    assert (found.lost, found.twice, found.strange) == (lost, 0, 0)


@given(st.integers(MOST_TWICE, 60_000), st.integers(1, MOST_TWICE))
def test_what_comes_twice_is_counted_to_the_frame(before: int, twice: int) -> None:
    """And how often that was."""
    said = marked(0, before + 5_000)
    heard = said[: before * 2] + said[(before - twice) * 2 :]
    found = uplink(said, heard)
    assert (found.lost, found.twice, found.twice_times, found.strange) == (0, twice, 1, 0)


def test_the_end_that_never_came_is_lost() -> None:
    """As is a whole period of the numbers, which no jump shows."""
    said = marked(0, 100_000)
    assert uplink(said, said[:180_000]).lost == 10_000
    assert uplink(said, said[:100_000] + said[100_000 + 2 * 32_768 :]).lost == 32_768


def test_more_than_may_come_twice_is_not_explained() -> None:
    """By its jump it looks like a loss; the sum says that it is none. A loss that looks like a repetition is one."""
    said = marked(0, 100_000)
    found = uplink(said, said[:160_000] + said[160_000 - 2 * (MOST_TWICE + 5_000) :])
    assert found.lost == found.strange - (MOST_TWICE + 5_000) == 32_768 - (MOST_TWICE + 5_000)
    assert uplink(said, said[:100_000] + said[100_000 + 2 * (32_768 - MOST_TWICE) :]).lost == 32_768


def test_a_killed_capture_is_nobodys_loss() -> None:
    """Its sound jumps at the source already."""
    said = marked(0, 20_000) + marked(27_000, 20_000)
    assert uplink(said, said) == (40_000, 0, 0, 0, 0)


@pytest.mark.parametrize(("samples", "more"), [([], 0), ([5, 5], 0), ([1, 9, 1, 5, 5, 5, 3, 3, 9], 2)])
def test_growth(samples: list[float], more: float) -> None:
    """Medians of first and last third."""
    assert growth(samples) == more
