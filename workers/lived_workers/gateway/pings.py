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


class Ping(NamedTuple):
    """One that was sent."""

    answered: Answered
    """Tells whether its answer has come."""
    behind: int
    """Number of the message before it."""
    mark: int
    """Bytes of the connection up to and with it."""
    caught_up: bool
    """Nothing else waited to be sent."""
    sent: Ns


class Pings:
    """Of one connection after the other."""

    def __init__(self) -> None:
        self._unanswered: deque[Ping] = deque()  # at most MOST_PINGS and the last one of a connection
        self._known = False  # this server answers pings: only then does the lack of an answer mean anything
        self.closed()

    def closed(self) -> None:
        """The connection has ended."""
        self._unanswered.clear()
        self._asked = Ns(0)
        self._arrived = 0
        self.fell_behind()

    def fell_behind(self) -> None:
        """Sound is sent faster than it is spoken: more of it is under way than a server reads at once."""
        self._asked_behind_all = self._read_all = False

    def due(self, now: Ns, caught_up: bool) -> bool:
        """Whether it is time to ask; ``caught_up``: nothing waits to be sent."""
        first = caught_up and not self._asked_behind_all
        return (first or now - self._asked >= PING_EVERY) and len(self._unanswered) < MOST_PINGS

    def asked(self, ping: Ping) -> None:
        """It was sent."""
        self._unanswered.append(ping)
        self._asked = ping.sent
        self._asked_behind_all |= ping.caught_up

    def read(self, acknowledged: int) -> int:
        """The number of the last message that was certainly read, as far as answers have come since; 0 = none did.
        ``acknowledged``: bytes that the server's machine has."""
        behind, self._arrived = 0, acknowledged
        while self._unanswered and self._unanswered[0].answered():
            ping = self._unanswered.popleft()
            behind = ping.behind
            self._known = True
            self._read_all |= ping.caught_up and self._asked_behind_all
        return behind

    def late(self, now: Ns) -> bool:
        """Whether an answer is overdue: what was sent since the last one may never be read."""
        return self.owed and now - self._unanswered[0].sent >= LATE

    @property
    def owed(self) -> bool:
        """Whether an answer is missing to a ping that has arrived, however late: to be asked when no more can come. One
        that has not arrived says nothing: that is the network, and TCP's figures are exact."""
        return self._known and bool(self._unanswered) and self._unanswered[0].mark <= self._arrived

    def unread(self, now: Ns) -> bool:
        """The server has ended the connection: whether it may have left much unread. Not while it has caught up and
        answers in time; what is under way in a burst it need not have seen."""
        return self.late(now) or (self.owed and not self._read_all)
