"""Real-time priority for the one thread that needs it."""

import os

PRIORITY = 15
"""Below the sound servers' own (20) and the kernel's threads, above everything ordinary."""


def ask() -> str:
    """Ask for SCHED_FIFO for the calling thread; empty when granted, else why not.

    Only ever for a sound thread: a whole process at SCHED_FIFO livelocks with its sound server's library. For the
    same reason nothing is asked for on a single processor.
    """
    if len(os.sched_getaffinity(0)) < 2:
        return "only one processor may be used"
    try:
        # 0 is the calling thread; children must not inherit it
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))
    except OSError as error:
        return error.strerror or str(error)
    return ""
