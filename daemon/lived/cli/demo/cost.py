"""What the daemon costs while it converses, and what the rest of the machine does meanwhile."""

import os
from collections.abc import Sequence
from typing import NamedTuple

from lived.cli.demo import tree
from lived.units import SECOND, Ns


class Share(NamedTuple):
    """In percent of one core."""

    daemon: float
    others: float
    """Programs that have nothing to do with the demo: they lengthen every time that is measured."""


class Meter:
    """Reads the counters of the kernel. Times are given."""

    def __init__(self, daemon: int, stand_in: int) -> None:
        self._daemon, self._demo = daemon, (stand_in, os.getpid())
        self._began: tuple[Ns, float, float] | None = None

    @property
    def running(self) -> bool:
        """Whether ``begin`` was called."""
        return self._began is not None

    def begin(self, now: Ns) -> None:
        """CPU counts from here on: starting up is another matter."""
        self._began = (now, *self._used())

    def memory_bytes(self) -> int:
        """What the daemon has now. Each look stops its processes for a millisecond: not while times are measured."""
        return tree.pss_bytes(self._daemon)

    def share(self, now: Ns) -> Share:
        """Since ``begin``; zero when that was never reached."""
        if self._began is None or now <= self._began[0]:
            return Share(0.0, 0.0)
        began, daemon, others = self._began
        daemon_now, others_now = self._used()
        percent = 100 * SECOND / (now - began)
        return Share((daemon_now - daemon) * percent, max(0.0, (others_now - others) * percent))

    def _used(self) -> tuple[float, float]:
        daemon = tree.cpu_s(self._daemon)
        return daemon, tree.machine_cpu_s() - daemon - _sum(self._demo)


def _sum(pids: Sequence[int]) -> float:
    return sum(tree.cpu_s(pid, family=False) for pid in pids)
