"""Counts that begin at 0 again with every process, as one count that never falls. Pure."""

from collections.abc import Hashable, Mapping


class Climb:
    """How much each of an owner's counts has risen since the last look.

    What an owner had counted before we first heard of it is not ours: a Prometheus counter that began there would
    show a jump that nobody saw.
    """

    def __init__(self) -> None:
        self._last: dict[str, dict[Hashable, float]] = {}  # by owner; as many as there are workers

    def fresh(self, owner: str) -> None:
        """It began anew, and counts from 0."""
        self._last[owner] = {}

    def rises(self, owner: str, counts: Mapping[Hashable, float]) -> dict[Hashable, float]:
        """The difference of each count, 0 at the first look at an owner; a count that fell has begun anew at 0."""
        last = self._last.get(owner)
        if last is None:
            self._last[owner] = dict(counts)
            return dict.fromkeys(counts, 0.0)
        found = {}
        for key, count in counts.items():
            before = last.get(key, 0.0)
            found[key] = count - before if count >= before else count
            last[key] = count
        return found
