"""Whether the server's program reads what its machine acknowledges. Pure: time is a parameter.

TCP acknowledges also for a program that has stopped reading. A ping is answered by the program, in order: its answer
says that everything sent before it was read. So pings go out between messages; what was sent since the last one that
was answered counts as read only while answers come in time.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from lived.units import MILLISECOND, Ns

PING_EVERY = Ns(500 * MILLISECOND)
"""While something is sent. So much may come twice when a server stops reading: it had read it, and could not say so."""

LATE = Ns(1_000 * MILLISECOND)
"""An answer that takes longer than any round trip: nobody reads there, for now or for good."""

MOST_PINGS = 128
"""Unanswered at a time: a minute of them. Then none is added until one is answered."""

Answered = Callable[[], bool]


class _Ping(NamedTuple):
    answered: Answered
    behind: int
    sent: Ns


class Pings:
    """Of one connection after the other."""

    def __init__(self) -> None:
        self._unanswered: deque[_Ping] = deque()  # at most MOST_PINGS and the last one of a connection
        self._asked = Ns(0)
        self._known = False  # this server answers pings: only then does the lack of an answer mean anything

    def due(self, now: Ns) -> bool:
        """Whether it is time to ask."""
        return now - self._asked >= PING_EVERY and len(self._unanswered) < MOST_PINGS

    def asked(self, answered: Answered, behind: int, now: Ns) -> None:
        """A ping was sent behind message number ``behind``; ``answered()`` tells whether its answer has come."""
        self._unanswered.append(_Ping(answered, behind, now))
        self._asked = now

    def read(self) -> int:
        """The number of the last message that was certainly read, as far as answers have come since; 0 = none did."""
        behind = 0
        while self._unanswered and self._unanswered[0].answered():
            behind = self._unanswered.popleft().behind
            self._known = True
        return behind

    def late(self, now: Ns) -> bool:
        """Whether an answer is overdue: what was sent since the last one may never be read."""
        return self._known and bool(self._unanswered) and now - self._unanswered[0].sent >= LATE

    @property
    def owed(self) -> bool:
        """Whether an answer is missing, however late: to be asked when nothing more can come."""
        return self._known and bool(self._unanswered)

    def closed(self) -> None:
        """The connection has ended."""
        self._unanswered.clear()
        self._asked = Ns(0)
