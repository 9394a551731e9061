"""How late this machine wakes a program that only waits: the part of every delay that no program can help.

Runs beside what is measured, as a process of ordinary priority that wakes a hundred times a second and does nothing.
"""

import subprocess
import sys
import time
from typing import Self

from lived.clock import monotonic_ns
from lived.delays import Delays
from lived.units import MICROSECOND, MILLISECOND, Ns, seconds

PERIOD = Ns(10 * MILLISECOND)
"""As often as a chunk comes."""


class Lateness:
    """Context manager: measures while it is open; ``p99_ms`` afterwards."""

    def __init__(self) -> None:
        self.p99_ms = 0.0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lived.cli.demo.lateness"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            said, _rest = self._process.communicate(timeout=2.0)  # its input ends, so it does
            self.p99_ms = int(said) * MICROSECOND / MILLISECOND
        except (subprocess.TimeoutExpired, ValueError):
            self._process.kill()  # no allowance then: the budget stays as it is
            self._process.communicate()


def main() -> None:
    """Wake, note how late, until standard input ends; then print the p99 in microseconds."""
    import select

    delays = Delays()
    due = Ns(monotonic_ns() + PERIOD)
    while not select.select([sys.stdin], [], [], 0)[0]:
        wait = due - monotonic_ns()
        if wait > 0:
            time.sleep(seconds(Ns(wait)))
        delays.add(Ns(monotonic_ns() - due))
        due = Ns(max(due + PERIOD, monotonic_ns()))
    sys.stdout.write(f"{delays.quantiles_us(0.99)[0]}\n")


if __name__ == "__main__":
    main()
