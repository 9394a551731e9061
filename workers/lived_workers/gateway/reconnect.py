"""When to connect again, and on which rung of the ladder. Pure: chance and time are parameters.

The ladder: resume the session by its handle; a fresh session that is told our own transcript; a fresh session that
says that it lost the thread. One goes down when a rung has failed, and never further than that needs.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from lived.units import SECOND, Ns
from lived_workers.gateway.closing import Action, Cause, LinkLostError, Verdict

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
"""Between attempts that a server answered: it is in trouble, and not only ours."""
LONGEST_NETWORK_WAIT_S = 4.0
"""Between attempts that reach nobody. They burden nobody either, and a person stands there and waits for the
network: with this limit the next try falls inside the sound that is kept (live.backlog_s)."""
QUOTA_WAIT_S = (60.0, 600.0)
"""First and longest wait for a quota."""

RUNG_TRIES = 2
"""A rung that failed so often in a row does not bear: the same failure may be stored in the session itself."""
LINGERING_TRIES = 4
"""The handle's tries when the connection broke and nobody told the server. It refuses to resume what it believes to
be connected still; the waits between them (0.5, 1, 2 s, less chance) give it two to four seconds to notice. More would
be a silence that is worse than what the next rung has forgotten."""

MOST_REFUSALS = 3
"""Sessions that were opened and then broken off as not to be repeated, in a row: the whole ladder was tried."""

PROVED = Ns(10 * SECOND)
"""A connection that lasted so long was a good one: what went wrong before is forgotten."""


class Rung(StrEnum):
    """How a session begins; the values are those of ``session.swapped``."""

    RESUMED = "resumed"
    """By its handle: the server remembers."""
    RESEEDED = "reseeded"
    """Told our own transcript."""
    FORGOTTEN = "forgotten"
    """Knows nothing."""


BELOW: dict[Rung, Rung] = {
    Rung.RESUMED: Rung.RESEEDED,
    Rung.RESEEDED: Rung.FORGOTTEN,
    # a server that refuses even this has a problem of its own: the transcript is kept, and tried again
    Rung.FORGOTTEN: Rung.RESEEDED,
}


class Plan(NamedTuple):
    """What to do after a connection has ended."""

    dial: bool
    """False: wait for a person."""
    wait_s: float
    rung: Rung
    """The best that may be tried; what there is no handle or transcript for falls to the next one."""


class Policy:
    """Remembers how the last attempts went."""

    def __init__(self, chance: Callable[[], float]) -> None:
        """``chance`` gives a number from 0 to 1 (``random.random``): devices must not all come back at once."""
        self._chance = chance
        self.forget()

    def forget(self) -> None:
        """A person has begun a new conversation, or a connection has proved good."""
        self._failures = {True: 0, False: 0}  # those that reached a server, those that did not
        self._long_waits = self._refusals = 0
        self._failed = dict.fromkeys(Rung, 0)
        self._lingers = False

    def given_up(self) -> None:
        """A connection on which nothing came any more was left by us: the server may still believe in it."""
        self._lingers = True

    def after(self, lost: LinkLostError, verdict: Verdict, rung: Rung, lasted: Ns) -> Plan:
        """``rung``: how the connection that ended began. ``lasted``: how long it was open, 0 = never."""
        if lasted >= PROVED:
            self.forget()
        if lasted:
            self._lingers = not lost.reached
        if verdict.action is Action.STOP:
            return Plan(False, 0.0, rung)
        if verdict.action is Action.FRESH:
            return self._lower(rung, lasted)
        wait = self._quota_wait() if verdict.action is Action.LONG_WAIT else self._wait(lost)
        return Plan(True, wait, self._same_or_lower(lost, verdict, rung, lasted))

    def _lower(self, rung: Rung, lasted: Ns) -> Plan:
        """The same would be refused again: something else is worth a try, unless nothing else is left."""
        self._refusals += 1
        if rung is Rung.FORGOTTEN and (not lasted or self._refusals >= MOST_REFUSALS):
            return Plan(False, 0.0, rung)
        return Plan(True, self._jittered(FIRST_WAIT_S), BELOW[rung])

    def _same_or_lower(self, lost: LinkLostError, verdict: Verdict, rung: Rung, lasted: Ns) -> Rung:
        """A session that was good is resumed; one that never opened has to show that this was not the handle's fault,
        or the transcript's. A status in place of a connection, a used-up quota or token is nobody's fault here."""
        blameless = verdict.action in (Action.LONG_WAIT, Action.MINT)
        blamed = lost.reached and lost.cause not in (Cause.HTTP, Cause.TOKEN) and not blameless
        if lasted >= PROVED or not blamed:
            return rung if not lasted else Rung.RESUMED
        self._failed[rung] += 1
        if self._failed[rung] < (LINGERING_TRIES if rung is Rung.RESUMED and self._lingers else RUNG_TRIES):
            return rung if not lasted else Rung.RESUMED
        self._failed[rung] = 0  # the next handle, the next seed is another one
        return BELOW[rung]

    def _wait(self, lost: LinkLostError) -> float:
        longest = LONGEST_WAIT_S if lost.reached else LONGEST_NETWORK_WAIT_S
        wait = min(longest, FIRST_WAIT_S * 2 ** min(self._failures[lost.reached], 10))
        self._failures[lost.reached] += 1
        return self._jittered(wait)

    def _quota_wait(self) -> float:
        first, longest = QUOTA_WAIT_S
        wait = min(longest, first * 2 ** min(self._long_waits, 10))
        self._long_waits += 1
        return self._jittered(wait)

    def _jittered(self, wait: float) -> float:
        return wait * (0.5 + 0.5 * self._chance())
