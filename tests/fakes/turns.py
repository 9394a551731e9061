"""Who may run beside whom: a test that wants the machine for itself gets it, though others run in other processes."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

GATE, ROOM = Path(__file__), Path(__file__).with_name("__init__.py")
"""Only locked, never written: they are the same for all processes of a test run, and nothing is left behind."""


@contextmanager
def room(alone: bool) -> Iterator[None]:
    """Inside there are any number who do not mind each other, or one who is ``alone``. Nobody overtakes at the gate:
    who wants to be alone would else wait until all others are through."""
    with GATE.open() as gate, ROOM.open() as place:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(place, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield
