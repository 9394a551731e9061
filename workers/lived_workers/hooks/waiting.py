"""What one hook still has to be told. Pure.

Of a state only the newest counts: one that is out of date is forgotten, also when what came after it does not match.
Happenings wait in their order, up to a bound, and the oldest are forgotten first.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any

import msgspec

from lived.wire.events import STATES, Event

MOST = 32
"""Happenings that may wait. A hook that is so far behind is told of things that nobody remembers."""

Key = tuple[type[Event], str]


def key_of(event: Event) -> Key | None:
    """What a state is the state of: its type, and the worker where there is one for each; None for a happening."""
    return (type(event), str(getattr(event, "worker", ""))) if type(event) in STATES else None


class Waiting:
    """One hook's queue."""

    def __init__(self, match: Mapping[str, Any]) -> None:
        """``match``: fields that an event has to have, with these values."""
        self._match = match
        self._newest: dict[Key, Event] = {}  # bounded: one of each state, and of each worker's
        self._queue: deque[Event] = deque()  # at most MOST happenings, and one of each state
        self.dropped = 0
        """Happenings that the hook was too slow for."""

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, event: Event) -> None:
        """Something of the hook's kind; nothing when it does not match, or says what was said already."""
        key = key_of(event)
        if key is not None:
            if self._newest.get(key) == event:
                return
            self._newest[key] = event
            self._forget(key)
        if not self._fits(event):
            return
        self._queue.append(event)
        if key is None:
            self._keep_bounded()

    def next(self) -> Event | None:
        """The oldest that is still worth telling."""
        return self._queue.popleft() if self._queue else None

    def _fits(self, event: Event) -> bool:
        fields = msgspec.to_builtins(event)
        return all(name in fields and fields[name] == value for name, value in self._match.items())

    def _forget(self, key: Key) -> None:
        for old in [waiting for waiting in self._queue if key_of(waiting) == key]:
            self._queue.remove(old)

    def _keep_bounded(self) -> None:
        happenings = [waiting for waiting in self._queue if key_of(waiting) is None]
        if len(happenings) > MOST:
            self._queue.remove(happenings[0])
            self.dropped += 1
