"""Two recordings of the same sound, compared frame by frame by content. Pure.

Counting messages proves nothing: a lost and a doubled one cancel out. Here every frame of what was received is looked
for in what was sent. s16le mono; lengths and places are in frames.
"""

from bisect import bisect_right
from typing import NamedTuple

from lived.units import BYTES_PER_SAMPLE

WINDOW = 64
"""Frames that are looked up together: with 4 bits of noise in each they occur nowhere else in an hour."""

STRIDE = 32
"""Distance between look-ups after a break; a run of WINDOW + STRIDE frames is always found (6 ms at 16 kHz)."""

_DISTINCT = 6
"""Different values a window must have: silence is everywhere and finds nothing."""


class Run(NamedTuple):
    """``frames`` equal frames: at ``sent`` in one recording, at ``received`` in the other."""

    sent: int
    received: int
    frames: int


class Break(NamedTuple):
    """What lies between two runs."""

    skipped: int
    """Frames sent, but not found among those received."""
    strange: int
    """Frames received that are not those sent here: silence, a fade, something else."""
    again: int
    """Frames that were received before."""


class Alignment(NamedTuple):
    """All of what was received, explained by what was sent."""

    runs: tuple[Run, ...]
    breaks: tuple[Break, ...]
    """Between runs: one fewer than those."""
    lead: int
    """Frames sent before the first one found."""
    strange_lead: int
    """Frames received before the first one found."""
    tail: int
    """Frames sent after the last one found."""
    strange_tail: int
    """Frames received after the last one found."""

    @property
    def found(self) -> int:
        """Frames received that are as they were sent."""
        return sum(run.frames for run in self.runs)

    def sent_at(self, received: int) -> int | None:
        """Where the frame at ``received`` stood in what was sent; None for a strange one."""
        index = bisect_right(self.runs, received, key=lambda run: run.received) - 1
        if index < 0 or received >= self.runs[index].received + self.runs[index].frames:
            return None
        return self.runs[index].sent + received - self.runs[index].received


def align(sent: bytes, received: bytes) -> Alignment:
    """Explain ``received`` as pieces of ``sent``, in the order in which they were received."""
    runs: list[Run] = []
    breaks: list[Break] = []
    at_sent, at_received, before = 0, 0, 0
    end = len(received) // BYTES_PER_SAMPLE
    lead = strange_lead = 0
    while (found := _find(sent, received, at_sent, at_received)) is not None:
        run = _run(sent, received, found, (at_sent, at_received))
        if runs:
            gap = run.sent - before
            breaks.append(Break(max(0, gap), run.received - at_received, max(0, -gap)))
        else:
            lead, strange_lead = run.sent, run.received
        runs.append(run)
        at_sent = before = run.sent + run.frames
        at_received = run.received + run.frames
    reached = max((run.sent + run.frames for run in runs), default=0)
    tail = len(sent) // BYTES_PER_SAMPLE - reached
    return Alignment(tuple(runs), tuple(breaks), lead, strange_lead, tail, end - at_received)


def _find(sent: bytes, received: bytes, at_sent: int, at_received: int) -> tuple[int, int] | None:
    """The next place in ``received`` that is found in ``sent``, and where: ahead if possible, else behind."""
    end = len(received) // BYTES_PER_SAMPLE - WINDOW
    for place in range(at_received, end + 1, STRIDE):
        window = _cut(received, place, WINDOW)
        if len(set(memoryview(window).cast("h"))) < _DISTINCT:
            continue
        where = _search(sent, window, at_sent)
        if where is None and at_sent:
            where = _search(sent, window, 0)
        if where is not None:
            return where, place
    return None


def _search(sent: bytes, window: bytes, start: int) -> int | None:
    at = sent.find(window, start * BYTES_PER_SAMPLE)
    while at != -1 and at % BYTES_PER_SAMPLE:
        at = sent.find(window, at + 1)
    return None if at == -1 else at // BYTES_PER_SAMPLE


def _run(sent: bytes, received: bytes, found: tuple[int, int], before: tuple[int, int]) -> Run:
    """The longest run through ``found``, a place where both are equal, that leaves what was ``before`` alone."""
    (at_sent, at_received), (sent_before, received_before) = found, before
    free = at_sent - sent_before if at_sent >= sent_before else at_sent
    room = min(free, at_received - received_before)
    back = _equal(_cut(sent, at_sent - room, room)[::-1], _cut(received, at_received - room, room)[::-1])
    ahead = _equal(sent[at_sent * BYTES_PER_SAMPLE :], received[at_received * BYTES_PER_SAMPLE :])
    return Run(at_sent - back, at_received - back, back + ahead)


def _equal(one: bytes, other: bytes) -> int:
    """How many whole frames both have in common from their beginning."""
    length = min(len(one), len(other))
    low, high = 0, length
    while low < high:  # the longest common prefix, halved down to: slices are compared in C
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low // BYTES_PER_SAMPLE


def _cut(pcm: bytes, at: int, frames: int) -> bytes:
    return pcm[at * BYTES_PER_SAMPLE : (at + frames) * BYTES_PER_SAMPLE]
