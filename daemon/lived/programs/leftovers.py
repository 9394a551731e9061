"""Programs that run, on record: a worker that was killed leaves them behind, and its successor ends them."""

import contextlib
import logging
import os
import signal
from pathlib import Path

log = logging.getLogger("lived.programs")


class Running:
    """Process groups of ours that run now, in a small file in the runtime directory (memory, not disk)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._began: dict[int, str] = {}

    def add(self, pid: int) -> None:
        """A group leader that runs."""
        began = _began(pid)
        if began:
            self._began[pid] = began
            self._write()

    def remove(self, pid: int) -> None:
        """It has ended."""
        if self._began.pop(pid, None):
            self._write()

    def end_leftovers(self) -> None:
        """Kill the groups that a predecessor left behind, where they still are what they were."""
        try:
            lines = self._path.read_text().splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            number, _, began = line.partition(" ")
            if began and number.isdigit() and _began(int(number)) == began:
                log.warning("ended process %s, which a killed predecessor had left behind", number)
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(int(number), signal.SIGKILL)
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        self._path.write_text("".join(f"{pid} {began}\n" for pid, began in self._began.items()))


def _began(pid: int) -> str:
    """When a process began, in clock ticks since the machine did: with its number that is its identity. "" = none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return stat.rpartition(")")[2].split()[19]
