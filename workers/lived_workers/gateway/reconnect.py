"""When to connect again, and with which handle. Pure: chance and time are parameters."""

from collections.abc import Callable
from typing import NamedTuple

from lived.units import SECOND, Ns
from lived_workers.gateway.closing import Action, LinkLostError, Verdict

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
"""Between attempts that a server answered: it is in trouble, and not only ours."""
LONGEST_NETWORK_WAIT_S = 4.0
"""Between attempts that reach nobody. They burden nobody either, and a person stands there and waits for the
network: with this limit the next try falls inside the sound that is kept (live.backlog_s)."""
QUOTA_WAIT_S = (60.0, 600.0)
"""First and longest wait for a quota."""

HANDLE_TRIES = 2
"""A handle that failed so often in a row does not work: the same failure may be stored in the session itself."""

PROVED = Ns(10 * SECOND)
"""A connection that lasted so long was a good one: what went wrong before is forgotten."""


class Plan(NamedTuple):
    """What to do after a connection has ended."""

    dial: bool
    """False: wait for a person."""
    wait_s: float
    resume: bool
    """Whether the handle may be used."""


class Policy:
    """Remembers how the last attempts went."""

    def __init__(self, chance: Callable[[], float]) -> None:
        """``chance`` gives a number from 0 to 1 (``random.random``): devices must not all come back at once."""
        self._chance = chance
        self._failures = {True: 0, False: 0}  # those that reached a server, those that did not
        self._long_waits = 0
        self._handle_failures = 0
        self._fresh_failed = False

    def forget(self) -> None:
        """A person has begun a new conversation."""
        self._failures = {True: 0, False: 0}
        self._long_waits = self._handle_failures = 0
        self._fresh_failed = False

    def after(self, lost: LinkLostError, verdict: Verdict, resumed: bool, lasted: Ns) -> Plan:
        """``resumed``: the connection that ended used the handle. ``lasted``: how long it was open, 0 = never."""
        if lasted >= PROVED:
            self.forget()
        if lost.reached and lasted < PROVED:
            self._handle_failures += resumed
        if verdict.action is Action.STOP or (verdict.action is Action.FRESH and self._fresh_failed):
            return Plan(False, 0.0, False)
        if verdict.action is Action.FRESH:
            return self._fresh(resumed, lasted)
        wait = self._quota_wait() if verdict.action is Action.LONG_WAIT else self._wait(lost)
        resume = self._handle_failures < HANDLE_TRIES
        if not resume:
            self._handle_failures = 0  # the next handle is another one
        return Plan(True, wait, resume)

    def _fresh(self, resumed: bool, lasted: Ns) -> Plan:
        """A fresh session is worth one try, unless a fresh one is what was just refused."""
        if not resumed and not lasted:
            return Plan(False, 0.0, False)
        self._fresh_failed = True
        return Plan(True, self._jittered(FIRST_WAIT_S), False)

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
