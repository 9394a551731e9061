"""What processes cost. The only importer of psutil."""

from collections.abc import Collection
from dataclasses import dataclass

import psutil

from lived.units import SECOND, Ns


@dataclass(frozen=True)
class Usage:
    """Of one process and those that it has started, but for those that are listed themselves; None = not known:
    nothing to compare with yet, another user's process, or gone."""

    cpu_percent: float | None
    """Of one core, since the last look."""
    pss_bytes: int | None
    """Proportional: what several processes share is counted once in all."""


class Processes:
    """Looks at the same daemon again and again."""

    def __init__(self) -> None:
        self._cpu_s: dict[psutil.Process, float] = {}
        self._looked_at: Ns | None = None

    def look(self, root: int, pids: Collection[int], now: Ns) -> dict[int, Usage]:
        """``root`` and its descendants, each counted to the nearest of ``pids`` above it."""
        before, self._cpu_s = self._cpu_s, {}
        since, self._looked_at = self._looked_at, now
        busy: dict[int, float | None] = dict.fromkeys(pids)
        memory: dict[int, int | None] = dict.fromkeys(pids)
        for process, owner in _owned(root, pids):
            used = _cpu_s(process)
            if used is not None:
                self._cpu_s[process] = used
                busy[owner] = (busy[owner] or 0.0) + used - before.get(process, 0.0)
            memory[owner] = _sum(memory[owner], _pss(process))
        share = 100 * SECOND / (now - since) if since is not None and now > since else None
        return {
            pid: Usage(round(spent * share, 1) if spent is not None and share else None, memory[pid])
            for pid, spent in busy.items()
        }


def _owned(root: int, pids: Collection[int]) -> list[tuple[psutil.Process, int]]:
    """Each process with the one it is counted to."""
    try:
        top = psutil.Process(root)
        family = {process.pid: process for process in (top, *top.children(recursive=True))}
        parents = {pid: process.ppid() for pid, process in family.items()}
    except psutil.Error:
        return []
    return [(process, owner) for pid, process in family.items() if (owner := _owner(pid, parents, pids)) is not None]


def _owner(pid: int, parents: dict[int, int], pids: Collection[int]) -> int | None:
    while pid in parents and pid not in pids:
        pid = parents[pid]
    return pid if pid in pids else None


def _cpu_s(process: psutil.Process) -> float | None:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return None
    return float(times.user + times.system)


def _pss(process: psutil.Process) -> int | None:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:  # it is another user's, or it has ended
        return None


def _sum(first: int | None, second: int | None) -> int | None:
    return second if first is None else first + (second or 0)
