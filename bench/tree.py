"""What a program and all that it started cost, process by process."""

import psutil


def cpu_s(pid: int) -> dict[str, float]:
    """CPU seconds of each process so far, by what it is."""
    return {_label(p): sum(p.cpu_times()[:2]) for p in _tree(pid)}


def memory(pid: int) -> dict[str, float]:
    """Proportional memory of each process in MB (10^6 bytes), by what it is."""
    return {_label(p): p.memory_full_info().pss / 1e6 for p in _tree(pid)}


def _tree(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def _label(process: psutil.Process) -> str:
    words = [w.rpartition(".")[2] for w in process.cmdline() if w.startswith("lived_workers.")]
    return words[0] if words else "main"
