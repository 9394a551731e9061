"""What libc and Linux offer and Python does not, in a few calls through ctypes."""

import ctypes
from pathlib import Path

_PR_SET_NAME = 15
_M_ARENA_MAX = -8

_libc = ctypes.CDLL(None)


def limit_arenas(count: int) -> None:
    """As MALLOC_ARENA_MAX does, which is read only at exec: each arena is memory that no other thread uses."""
    _libc.mallopt(_M_ARENA_MAX, count)


def rename_process(name: str, command: list[str]) -> None:
    """Let ``top`` and ``ps`` tell this process from the one that it was forked from.

    ``name`` is what the kernel calls it (15 characters); ``command`` is written over the command line, as far as there
    is room: at least the end of it is seen.
    """
    _libc.prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])  # arg_start, arg_end (proc(5), counted behind the name)
    room = end - start - 1  # the last byte stays 0: else the kernel takes the environment for a part of it
    if start and room > 0:
        line = b"\0".join(word.encode() for word in command)[-room:]
        ctypes.memset(start, 0, room)
        ctypes.memmove(start, line, len(line))
