"""The account of swaps: what one connection's end and the next one's beginning come to. Pure: time is a parameter."""

from typing import NamedTuple

from lived.units import MILLISECOND, Frames, Ms, Ns
from lived.wire.events import Swapped
from lived_workers.gateway.reconnect import Rung


class _End(NamedTuple):
    cause: str
    at: Ns
    given_up: Frames


class Swaps:
    """One conversation's."""

    def __init__(self) -> None:
        self._end: _End | None = None

    def ended(self, cause: str, now: Ns, given_up: Frames) -> None:
        """A connection that had been open ended. ``given_up``: frames that were ever given up, up to here."""
        if self._end is None:
            self._end = _End(cause, now, given_up)

    def opened(self, rung: Rung, now: Ns, given_up: Frames) -> Swapped | None:
        """Another one is open: what became of it; None for the first one."""
        if self._end is None:
            return None
        (cause, at, before), self._end = self._end, None
        gap = Ms(round((now - at) / MILLISECOND))
        return Swapped(cause=cause, kept=rung.value, gap_ms=gap, lost=Frames(given_up - before))

    def forget(self) -> None:
        """The conversation is over."""
        self._end = None
