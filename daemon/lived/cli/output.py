"""Our output, and whether anybody still reads it."""

import errno
import os
import select
import sys


def raise_if_nobody_reads() -> None:
    """For programs that may have nothing to write for a long time.

    Raises:
        BrokenPipeError: the reader of our output has gone.
    """
    try:
        output = sys.stdout.fileno()
    except (OSError, ValueError):
        return  # no file behind it: a test
    watch = select.poll()
    watch.register(output, 0)
    if any(what & select.POLLERR for _, what in watch.poll(0)):
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
