"""How late something is: over the last minute, and counted since the process began. Pure."""

from bisect import bisect_left
from collections import deque

from lived.units import MICROSECOND, Ns

KEPT = 3_000
"""One minute of messages of 20 ms: 3,000 numbers, 100 kB."""

BOUNDS_US = (
    *(1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 22_000, 25_000, 30_000, 40_000, 50_000, 75_000),
    *(100_000, 200_000, 500_000, 1_000_000),
)
"""Upper bounds of the counted ages, included (docs/protocol.md, "Delays"): close together where the budgets are."""


class Delays:
    """The newest ``KEPT`` ages, and a count of all of them by ``BOUNDS_US``."""

    def __init__(self) -> None:
        self._ages: deque[int] = deque(maxlen=KEPT)
        self._counts = [0] * (len(BOUNDS_US) + 1)  # the last: older than every bound
        self._sum_us = 0

    def add(self, age: Ns) -> None:
        """One more. Called by one thread; the figures may be read by another."""
        age_us = age // MICROSECOND
        self._ages.append(age_us)
        self._counts[bisect_left(BOUNDS_US, age_us)] += 1
        self._sum_us += age_us

    @property
    def count(self) -> int:
        """How many messages the quantiles speak of."""
        return len(self._ages)

    @property
    def counts(self) -> list[int]:
        """How many ages fell between each bound and the one before, ever; the last number is what is beyond."""
        return list(self._counts)

    @property
    def sum_us(self) -> int:
        """All ages together, ever."""
        return self._sum_us

    def quantiles_us(self, *shares: float) -> tuple[int, ...]:
        """For each of ``shares`` (0 to 1) the age in microseconds that so many do not exceed; 0 when there is none.

        Sorts once: a third of a millisecond for a full minute, so not to be asked often where a millisecond counts.
        """
        ages = sorted(self._ages) or [0]
        return tuple(ages[min(len(ages) - 1, int(share * len(ages)))] for share in shares)
