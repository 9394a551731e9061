"""What processes cost: CPU and memory, each process counted to the nearest one that is listed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from lived.cli.watch.processes import Processes
from lived.units import SECOND, Ns

CHILD = """
import subprocess, sys
process = subprocess.Popen([sys.executable, "-c", "print(flush=True); input()"], stdout=subprocess.PIPE)
process.stdout.readline()
print(process.pid, flush=True)
process.wait()
"""


@contextmanager
def family() -> Iterator[tuple[int, int]]:
    """A child of ours and its own child, both done with starting."""
    with subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        yield process.pid, int(process.stdout.readline())


def burn(seconds: float) -> None:
    """Use the processor for so long."""
    until = os.times().user + seconds
    while os.times().user < until:
        sum(range(1_000))


def test_cpu_is_that_between_two_looks() -> None:
    """None at first, then what was used by the time that passed."""
    processes, me = Processes(), os.getpid()
    assert processes.look(me, [me], Ns(0))[me].cpu_percent is None
    burn(0.3)
    used = processes.look(me, [me], SECOND)[me].cpu_percent
    assert used is not None
    assert 25 <= used <= 120
    idle = processes.look(me, [me], Ns(1_001 * SECOND))[me].cpu_percent
    assert idle is not None
    assert idle < 1


def test_a_process_is_counted_to_the_nearest_that_is_listed() -> None:
    """A worker's programs are its own cost, and nobody is counted twice."""
    processes, me = Processes(), os.getpid()
    with family() as (child, grandchild):
        apart = processes.look(me, [me, child, grandchild], Ns(0))
        together = processes.look(me, [me, child], Ns(1))
        one, two, both = apart[child].pss_bytes, apart[grandchild].pss_bytes, together[child].pss_bytes
        assert one and two and both
        assert one > 1_000_000
        assert abs(both - one - two) < 0.2 * both


def test_one_that_is_not_ours_or_is_gone_is_unknown() -> None:
    """No figures, no error."""
    nobody = 2**22 + 1
    found = Processes().look(nobody, [nobody], Ns(0))[nobody]
    assert (found.cpu_percent, found.pss_bytes) == (None, None)
