"""The present value of every metric. Pure. What the catalogue does not name cannot be stored: that would be our bug."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

from lived_workers.metrics.catalogue import CATALOGUE, OTHER, Kind, Metric

Labels = tuple[str, ...]


class Histogram:
    """Counts by bucket, and the sum."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def add(self, counts: Sequence[int], total: float) -> None:
        """More of each bucket, and ``total`` seconds."""
        for index, count in enumerate(counts):
            self.counts[index] += max(0, count)
        self.sum += max(0.0, total)


class Sample(NamedTuple):
    """One series."""

    metric: Metric
    labels: Labels
    """Values, in the order of ``metric.labels``."""
    value: float
    histogram: Histogram | None


class Store:
    """Series with a fixed set of labels are there from the beginning, at 0: an increase from nothing is seen too."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, Labels], float] = {}
        self._histograms: dict[tuple[str, Labels], Histogram] = {}
        for metric in CATALOGUE.values():
            for labels in product(*metric.labels.values()):
                self._make(metric, labels)

    def add(self, name: str, amount: float, *labels: str) -> None:
        """A counter goes up; whatever is said, it never falls."""
        self._values[self._key(name, Kind.COUNTER, labels)] += max(0.0, amount)

    def set(self, name: str, value: float, *labels: str) -> None:
        """A gauge is so now."""
        self._values[self._key(name, Kind.GAUGE, labels)] = value

    def choose(self, name: str, state: str, *labels: str) -> None:
        """A gauge whose last label is a state: 1 for this one, 0 for the others."""
        *_, states = CATALOGUE[name].labels.values()
        for each in states:
            self.set(name, float(each == state), *labels, each)

    def observe(self, name: str, seconds: float, *labels: str) -> None:
        """One more of a histogram."""
        histogram = self.histogram(name, *labels)
        histogram.counts[bisect_left(histogram.bounds, seconds)] += 1
        histogram.sum += seconds

    def histogram(self, name: str, *labels: str) -> Histogram:
        """The histogram itself, to add to."""
        return self._histograms[self._key(name, Kind.HISTOGRAM, labels)]

    def forget(self, name: str, *labels: str) -> None:
        """This series has no value now."""
        self._values.pop(self._key(name, Kind.GAUGE, labels), None)

    def samples(self) -> Iterator[Sample]:
        """Everything, the series of one metric together."""
        for (name, labels), value in sorted(self._values.items()):
            yield Sample(CATALOGUE[name], labels, value, None)
        for (name, labels), histogram in sorted(self._histograms.items()):
            yield Sample(CATALOGUE[name], labels, 0.0, histogram)

    def _key(self, name: str, kind: Kind, labels: Labels) -> tuple[str, Labels]:
        metric = CATALOGUE[name]
        assert metric.kind is kind, name  # noqa: S101
        known = tuple(_known(allowed, v) for allowed, v in zip(metric.labels.values(), labels, strict=True))
        if (name, known) not in self._values and (name, known) not in self._histograms:
            self._make(metric, known)
        return name, known

    def _make(self, metric: Metric, labels: Labels) -> None:
        if metric.kind is Kind.HISTOGRAM:
            self._histograms[metric.name, labels] = Histogram(metric.bounds)
        else:
            self._values[metric.name, labels] = 0.0


def _known(allowed: tuple[str, ...], value: str) -> str:
    return value if not allowed or value in allowed else OTHER
