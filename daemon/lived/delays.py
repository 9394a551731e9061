"""How late something is, over the last minute. Pure."""

from collections import deque

from lived.units import MICROSECOND, Ns

KEPT = 3_000
"""One minute of messages of 20 ms: 3,000 numbers, 100 kB."""


class Delays:
    """The newest ``KEPT`` ages."""

    def __init__(self) -> None:
        self._ages: deque[int] = deque(maxlen=KEPT)

    def add(self, age: Ns) -> None:
        """One more. Appended to by one thread; the quantiles may be read by another."""
        self._ages.append(age // MICROSECOND)

    @property
    def count(self) -> int:
        """How many messages the quantiles speak of."""
        return len(self._ages)

    def quantiles_us(self, *shares: float) -> tuple[int, ...]:
        """For each of ``shares`` (0 to 1) the age in microseconds that so many do not exceed; 0 when there is none.

        Sorts once: a third of a millisecond for a full minute, so not to be asked often where a millisecond counts.
        """
        ages = sorted(self._ages) or [0]
        return tuple(ages[min(len(ages) - 1, int(share * len(ages)))] for share in shares)
