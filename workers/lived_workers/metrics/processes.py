"""Memory and CPU time of processes: the one door to psutil."""

from collections.abc import Mapping
from typing import NamedTuple

import psutil

from lived_workers.metrics.climb import Climb


class Use(NamedTuple):
    """What a process uses."""

    memory: int | None
    """Bytes, proportional; None where the kernel does not say."""
    cpu_s: float
    """How much more than at the last look, 0 at the first."""


class Processes:
    """Looks at processes by number."""

    def __init__(self) -> None:
        self._climb = Climb()
        self._lives: dict[str, tuple[int, float]] = {}  # number and start: a process's identity

    def look(self, pids: Mapping[str, int]) -> dict[str, Use]:
        """What each uses now, less those that have just ended."""
        found = {}
        for name, pid in pids.items():
            try:
                process = psutil.Process(pid)
                life, times = (pid, process.create_time()), process.cpu_times()
                if self._lives.setdefault(name, life) != life:  # another process by now, which counts from 0
                    self._lives[name] = life
                    self._climb.fresh(name)
                used = self._climb.rises(name, {"cpu": times.user + times.system})["cpu"]
                found[name] = Use(_memory(process), used)
            except psutil.Error:
                continue
        return found


def _memory(process: psutil.Process) -> int | None:
    try:
        return int(process.memory_full_info().pss)
    except psutil.AccessDenied:
        return None
