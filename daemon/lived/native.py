"""What libc and Linux offer and Python does not, in a few calls through ctypes."""

import ctypes
from pathlib import Path

_PR_SET_NAME = 15
_M_ARENA_MAX = -8

_libc = ctypes.CDLL(None)


def limit_arenas(count: int) -> None:
    """As MALLOC_ARENA_MAX does, which is read only at exec: each arena is memory that no other thread uses."""
    _libc.mallopt(_M_ARENA_MAX, count)


def name_process(name: str) -> None:
    """What the kernel, ``top`` and ``pgrep`` call this process (15 characters). Only from its main thread."""
    _libc.prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)


def write_command_line(command: list[str]) -> None:
    """Let ``ps`` tell this process from the one that it was forked from: ``command`` is written over the command
    line, as far as there is room: at least the end of it is seen.
    """
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])  # arg_start, arg_end (proc(5), counted behind the name)
    room = end - start - 1  # the last byte stays 0: else the kernel takes the environment for a part of it
    if start and room > 0:
        line = b"\0".join(word.encode() for word in command)[-room:]
        ctypes.memset(start, 0, room)
        ctypes.memmove(start, line, len(line))
