"""When to start a worker again, when to call it hung, how to end it. Pure: time is a parameter."""

from dataclasses import dataclass
from enum import Enum

from lived.units import SECOND, Ns

DELAYS_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""The first is short, since most deaths are accidents; the last is long, since something is really wrong."""

HEALTHY = Ns(60 * SECOND)
"""A worker that lived for so long had an accident: its next delay is the first one again."""


def restart_delay(deaths: int) -> Ns:
    """How long to wait after the ``deaths``-th death in a row (from 1)."""
    return Ns(int(DELAYS_S[min(deaths, len(DELAYS_S)) - 1] * SECOND))


def deaths_in_a_row(before: int, lived_for: Ns) -> int:
    """The count after one more death."""
    return 1 if lived_for >= HEALTHY else before + 1


class Pulse:
    """Judges from heartbeats whether a worker gets on. Alive means *progresses*, not *exists*."""

    def __init__(self, now: Ns, grace: Ns, limit: Ns) -> None:
        """Before its first heartbeat a worker has ``grace``, later ``limit``."""
        self._changed = now
        self._progress: int | None = None
        self._grace, self._limit = grace, limit

    def beat(self, progress: int, now: Ns) -> None:
        """A heartbeat arrived."""
        if progress != self._progress:
            self._progress, self._changed = progress, now

    def excuse(self, now: Ns) -> None:
        """The judge itself was asleep: begin to count anew."""
        self._changed = now

    def still_for(self, now: Ns) -> Ns:
        """How long there was no progress."""
        return Ns(now - self._changed)

    def hung(self, now: Ns) -> bool:
        """Whether it is time to give the worker up."""
        return self.still_for(now) > (self._grace if self._progress is None else self._limit)


class Rung(Enum):
    """The ladder that ends a process, one rung after the other."""

    ASK = "asked to stop"
    DUMP = "asked for its stacks"
    KILL = "killed"


@dataclass(frozen=True)
class Step:
    """What to do after having waited ``wait`` on the rung before."""

    rung: Rung
    wait: Ns


def ladder(patience: Ns) -> tuple[Step, ...]:
    """Ask; after ``patience`` have it write its stacks to the log; half a second later kill it."""
    return (
        Step(Rung.ASK, Ns(0)),
        Step(Rung.DUMP, patience),
        Step(Rung.KILL, Ns(SECOND // 2)),
    )
