"""What is to happen when: a heap of entries with a due time, each possibly part of a turn that may be cut."""

import heapq
import itertools
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Entry(NamedTuple, Generic[T]):
    """`item` is due at `at` (the caller's clock, s); `serial` keeps the order of entries due together."""

    at: float
    serial: int
    turn: int | None
    item: T


class Agenda(Generic[T]):
    """Entries by due time. Bounded by its use: one reply at a time, of at most some ten frames per second of speech."""

    def __init__(self) -> None:
        self._heap: list[Entry[T]] = []
        self._serials = itertools.count()

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, at: float, item: T, turn: int | None = None) -> None:
        """Plan `item` for `at`."""
        heapq.heappush(self._heap, Entry(at, next(self._serials), turn, item))

    def next_at(self) -> float | None:
        """When the earliest entry is due."""
        return self._heap[0].at if self._heap else None

    def pop(self, now: float) -> T | None:
        """The earliest entry that is due, taken out."""
        if self._heap and self._heap[0].at <= now:
            return heapq.heappop(self._heap).item
        return None

    def cancel(self, turn: int) -> list[T]:
        """Take out all entries of `turn`; returns them in their order."""
        gone = sorted(entry for entry in self._heap if entry.turn == turn)
        self._rebuild([entry for entry in self._heap if entry.turn != turn])
        return [entry.item for entry in gone]

    def move(self, turn: int, to: Callable[[float, T], float]) -> None:
        """Give each entry of `turn` the time that `to(time, item)` says; the order of those due together stays."""
        self._rebuild([e._replace(at=to(e.at, e.item)) if e.turn == turn else e for e in self._heap])

    def clear(self) -> None:
        """Forget everything."""
        self._heap.clear()

    def _rebuild(self, entries: list[Entry[T]]) -> None:
        self._heap = entries
        heapq.heapify(self._heap)
