"""From what was said and what the server heard to a verdict on a soak. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from lived_workers.simulator.marks import PERIOD, Run, runs

MOST_UNACKNOWLEDGED = 4 * 320
"""Frames: messages that the server's machine had received but not acknowledged when a connection broke."""

MOST_TWICE = 12_000
"""Frames that may come twice when a server has stopped reading (0.75 s): those since its last answer to a ping, which
it was asked for every half second. A loss that looks like this is found by its sum."""


class Uplink(NamedTuple):
    """The user's sound, in frames of 16 kHz."""

    said: int
    lost: int
    """Captured, and never heard by the server. Numbers alone tell it only up to a multiple of their period; what all
    jumps together cannot explain is counted too."""
    twice: int
    """Heard a second time, each time behind a broken connection."""
    twice_times: int
    strange: int
    """Jumps that are neither: nothing like it may happen."""


def uplink(said: bytes, heard: bytes) -> Uplink:
    """Compare what was captured with what arrived. Both consist of numbered samples; numbers jump where capture was
    killed, in both alike."""
    own, there = runs(said, shortest=1), runs(heard, shortest=1)
    jumps = [(after.first - before.end) % PERIOD for before, after in pairwise(own)]
    lost = twice = times = strange = 0
    for before, after in pairwise(there):
        jump = (after.first - before.end) % PERIOD
        if jumps and jump == jumps[0]:
            jumps.pop(0)
        elif PERIOD - jump <= MOST_TWICE:
            twice, times = twice + PERIOD - jump, times + 1
        elif jump < PERIOD // 2:
            lost += jump
        else:
            strange += 1
    missing = _frames(own) + twice - _frames(there) - lost  # what no jump explains: multiples of a period, the end
    return Uplink(_frames(own), lost + max(0, missing), twice, times, strange + max(0, -missing))


def _frames(found: Sequence[Run]) -> int:
    return sum(run.frames for run in found)


def growth(samples: Sequence[float]) -> float:
    """How much more the last third needs than the first, by their medians; 0 when there are too few to tell."""
    third = len(samples) // 3
    if not third:
        return 0.0
    return sorted(samples[-third:])[third // 2] - sorted(samples[:third])[third // 2]
