"""How late things are."""

import re
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lived.delays import BOUNDS_US, KEPT, Delays
from lived.units import Ns


def test_nothing_yet() -> None:
    """No message, no delay."""
    assert (Delays().quantiles_us(0.5, 0.99), Delays().count) == ((0, 0), 0)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=300))
def test_quantiles_are_measured_values_in_order(ages: list[int]) -> None:
    """Each quantile is one of the ages, and a larger share is never younger."""
    delays = Delays()
    for age in ages:
        delays.add(Ns(age))
    p50, p99 = delays.quantiles_us(0.5, 0.99)
    assert {p50, p99} <= {age // 1000 for age in ages}
    assert p50 <= p99


def test_the_oldest_are_forgotten() -> None:
    """A bad hour does not show for ever."""
    delays = Delays()
    delays.add(Ns(10**9))
    for _ in range(KEPT):
        delays.add(Ns(21_000_000))
    assert delays.quantiles_us(1.0) == (21_000,)
    assert delays.count == KEPT


@given(st.lists(st.integers(0, 3 * 10**9), max_size=300))
def test_all_of_them_are_counted(ages: list[int]) -> None:
    """Each in the first bucket whose bound it does not exceed; and the sum, in whole microseconds."""
    delays = Delays()
    for age in ages:
        delays.add(Ns(age))
    bounds = [*BOUNDS_US, float("inf")]
    assert delays.counts == [sum(low < age // 1000 <= high for age in ages) for low, high in pairwise([-1.0, *bounds])]
    assert delays.sum_us == sum(age // 1000 for age in ages)


def test_the_bounds_are_those_of_the_protocol() -> None:
    """docs/protocol.md names them, in milliseconds; other programs have them from there."""
    page = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
    (told,) = re.findall(r"The bounds are ([\d,\s]+)\s+and ([\d,]+) ms", page)
    numbers = [*re.split(r",\s+", told[0].strip()), told[1]]
    assert [int(number.replace(",", "")) * 1000 for number in numbers] == list(BOUNDS_US)
