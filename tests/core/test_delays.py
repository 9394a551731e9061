"""How late things are."""

from hypothesis import given
from hypothesis import strategies as st

from lived.delays import KEPT, Delays
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
