"""A worker that is a unit of its own: it holds both ends of its standard input, since no supervisor has the other.

So such a worker is as every other: it reads its launch from standard input, and ends when that ends. SIGTERM, which is
how systemd stops a unit, ends it.
"""

import fcntl
import os
import signal
from collections.abc import MutableMapping

from lived.errors import ConfigError
from lived.worker.launch import MAX_LAUNCH_BYTES

_VARIABLE = "_LIVED_OWN_UNIT"
"""Tells the program that is executed which descriptor the other end is."""

PIPE_BYTES = 65_536
"""What a pipe takes by itself."""


def prepare(launch: bytes) -> dict[str, str]:
    """Make ``launch`` the beginning of standard input; what the environment of the program to execute has to have.

    Raises:
        ConfigError: it is longer than a pipe can be made.
    """
    theirs, ours = os.pipe()  # both are open in the program that is executed
    try:
        if len(launch) > PIPE_BYTES:
            fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, MAX_LAUNCH_BYTES)
        os.set_blocking(ours, False)
        whole = os.write(ours, launch) == len(launch)
    except (PermissionError, BlockingIOError):
        whole = False
    if not whole:
        raise ConfigError("The configuration is too long for a worker in a unit of its own: shorten live.instruction.")
    os.dup2(theirs, 0)
    os.close(theirs)
    os.set_inheritable(ours, True)
    return {_VARIABLE: str(ours)}


def adopt(environ: MutableMapping[str, str]) -> None:
    """In the program that was executed: SIGTERM ends standard input. Nothing in a child of the supervisor."""
    ours = int(environ.pop(_VARIABLE, "-1"))
    if ours < 0:
        return
    os.set_inheritable(ours, False)  # not for programs that this worker starts

    def end(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.close(ours)

    signal.signal(signal.SIGTERM, end)
