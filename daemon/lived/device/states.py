"""The life of one device, as a table. All changes of state are here; nothing here knows a device or a clock.

CLOSED: nobody wants it. OPENING: opened, has not moved a frame yet. FLOWING: frames move. WAITING: missing, busy,
gone or stalled; another try is due.
"""

from enum import StrEnum

from lived.units import MILLISECOND, SECOND, Ns

FIRST_RETRY = Ns(250 * MILLISECOND)
LAST_RETRY = Ns(5 * SECOND)
STEADY = Ns(10 * SECOND)
"""A device that flowed for so long was well: its next failure begins with the shortest wait again."""

FIRST_FRAME_PATIENCE = Ns(3 * SECOND)
"""How long an opened device may take to move its first frame: some sound servers need 2 s to wake up."""


class State(StrEnum):
    """The states."""

    CLOSED = "closed"
    OPENING = "opening"
    FLOWING = "flowing"
    WAITING = "waiting"


class Input(StrEnum):
    """What can happen to a device."""

    WANTED = "wanted"
    UNWANTED = "unwanted"
    FLOWS = "flows"
    FAILED = "failed"
    DUE = "due"


TABLE: dict[tuple[State, Input], State] = {
    (State.CLOSED, Input.WANTED): State.OPENING,
    (State.CLOSED, Input.UNWANTED): State.CLOSED,
    (State.OPENING, Input.WANTED): State.OPENING,
    (State.OPENING, Input.UNWANTED): State.CLOSED,
    (State.OPENING, Input.FLOWS): State.FLOWING,
    (State.OPENING, Input.FAILED): State.WAITING,
    (State.FLOWING, Input.WANTED): State.FLOWING,
    (State.FLOWING, Input.UNWANTED): State.CLOSED,
    (State.FLOWING, Input.FAILED): State.WAITING,
    (State.WAITING, Input.WANTED): State.WAITING,
    (State.WAITING, Input.UNWANTED): State.CLOSED,
    (State.WAITING, Input.DUE): State.OPENING,
}
"""A pair that is missing cannot happen: meeting it is a bug, and a KeyError that names both."""

OPEN = frozenset({State.OPENING, State.FLOWING})
"""States in which the device is held open, and its thread may call at any moment."""


class Backoff:
    """How long to wait before the next try: twice as long each time, up to ``LAST_RETRY``."""

    def __init__(self) -> None:
        self._next = FIRST_RETRY

    def failed(self, flowed_for: Ns) -> Ns:
        """The wait after a failure of a device that had worked for ``flowed_for``."""
        if flowed_for >= STEADY:
            self._next = FIRST_RETRY
        wait = self._next
        self._next = min(Ns(2 * wait), LAST_RETRY)
        return wait

    def reset(self) -> None:
        """Begin again with the shortest wait: somebody asked for the device anew."""
        self._next = FIRST_RETRY


class Watch:
    """Tells a stalled device: one that is open and moves no frame, which nothing else reports."""

    def __init__(self, patience: Ns, opened_at: Ns) -> None:
        """Watch a device opened at ``opened_at`` that may stand still for ``patience`` once it has begun."""
        self._patience = patience
        self._frames = 0
        self._moved_at = opened_at
        self._looked_at = opened_at

    def stalled(self, frames: int, now: Ns) -> bool:
        """Whether the device has stood still for too long, given its frames since it was opened.

        To be asked every quarter of the patience: when we have not looked for half of it ourselves (stopped, starved
        of CPU), the device cannot be blamed: the wait begins again.
        """
        unwatched = now - self._looked_at > self._patience // 2
        self._looked_at = now
        if frames != self._frames or unwatched:
            self._frames, self._moved_at = frames, now
        limit = self._patience if self._frames else max(self._patience, FIRST_FRAME_PATIENCE)
        return now - self._moved_at >= limit
