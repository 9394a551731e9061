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

    def quantile_us(self, share: float) -> int:
        """The age in microseconds that ``share`` (0 to 1) of them do not exceed; 0 when there is none."""
        if not self._ages:
            return 0
        ages = sorted(self._ages)
        return ages[min(len(ages) - 1, int(share * len(ages)))]
