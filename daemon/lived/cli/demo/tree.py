"""Memory and CPU time of a process and all its descendants, from /proc."""

import os
from pathlib import Path

_PROC = Path("/proc")
_KB = 1024
_TICKS = os.sysconf("SC_CLK_TCK")


def pids(root: int, proc: Path = _PROC) -> list[int]:
    """``root`` and its descendants, as far as they live."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        try:
            tasks = list((proc / str(pid) / "task").iterdir())
        except OSError:
            continue
        found.append(pid)
        for task in tasks:
            waiting += _children(task)
    return found


def _children(task: Path) -> list[int]:
    try:
        return [int(pid) for pid in (task / "children").read_text().split()]
    except OSError:  # it ended meanwhile
        return []


def pss_bytes(root: int, proc: Path = _PROC) -> int:
    """Proportional memory: what several processes share is counted once in all."""
    total = 0
    for pid in pids(root, proc):
        try:
            rollup = (proc / str(pid) / "smaps_rollup").read_text()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)
    return total * _KB


def cpu_s(root: int, proc: Path = _PROC, *, family: bool = True) -> float:
    """CPU seconds used so far, by user and system; of ``root`` alone without ``family``."""
    total = 0
    for pid in pids(root, proc) if family else [root]:
        try:
            # the name in parentheses may hold spaces
            fields = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def machine_cpu_s(proc: Path = _PROC) -> float:
    """CPU seconds that the whole machine has worked, on all cores, since it booted."""
    user, nice, system, _idle, _iowait, irq, softirq, *_ = (
        int(ticks) for ticks in (proc / "stat").read_text().partition("\n")[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / _TICKS
