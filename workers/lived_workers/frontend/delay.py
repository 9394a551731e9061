"""How much later the echo comes than the cards' times tell. Pure.

A driver's buffer, a sound server, a Bluetooth loudspeaker: nobody says how long they keep what was played, and it may
change in the middle of a reply. The microphone's sound tells: the correlation with the reference has its peak there to
a frame, whatever the room is and whoever talks over it (docs/echo.md). So the reference is moved to where the echo is
at the first sound, and again when the echo moves. A canceller that lost its echo lets it pass until it has found it
again: so before a cut the last 0.3 s are looked at too, and nobody interrupts a reply whose echo has just moved.
"""

from lived.units import MIC_RATE
from lived_workers.frontend.correlation import Correlation
from lived_workers.frontend.memory import BLOCK_MS, Memory

_LOOKED_AT_MS = 1000
_EARLIEST_MS, _LATEST_MS = 100, 500
"""An echo is looked for from so long before its reference to so long behind it."""
_CORRELATION = Correlation(
    _LOOKED_AT_MS * MIC_RATE // 1000, before=_LATEST_MS * MIC_RATE // 1000, behind=_EARLIEST_MS * MIC_RATE // 1000
)
LOOK_EVERY = 50
"""Blocks in which something is played: a look takes 1.3 ms, a quarter of a percent of a core."""

SURE = 12.0
"""Peak over RMS. In 21 rooms the highest peak was where the echo is whenever it was above 8; mostly it is 20 to 60."""

_LATELY_MS, _AHEAD_MS = 300, 40
"""Before a cut: so long, and so much before its reference. Of 3449 looks in 21 rooms at an echo alone the highest peak
was where it is, and above ``_LATELY_SURE``, in 96 of 100; 69 peaks above it were elsewhere, and 9 of 1047 where a user
talked as well: they are looked at again. With 500 ms it is 98 of 100 and 3, but what has just moved is found later."""
_LATELY = Correlation(
    _LATELY_MS * MIC_RATE // 1000, before=_LATEST_MS * MIC_RATE // 1000, behind=_AHEAD_MS * MIC_RATE // 1000
)
_LATELY_SURE = 8.0

STEADY = MIC_RATE * 5 // 1000
"""Frames (5 ms): an echo that is further from where it was has moved. What times wander is less, from look to look."""

SOONEST, LATEST = MIC_RATE // 100, MIC_RATE // 10
"""Frames (10 and 100 ms) behind its reference between which an echo is left where it is: cancellers follow that."""
WANTED = MIC_RATE * 8 // 100
"""Frames (80 ms) behind its reference to which a late echo is brought: half way, so that one that moves stays between.
What comes before its reference is not cancelled, and what comes late is outside of a linear filter of 300 ms."""


class Delay:
    """Looks for the echo now and then."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._played = 0  # blocks since the last look

    def look(self, far: bytes) -> int | None:
        """The memory has the next 10 ms, of which ``far`` was played. Where the echo is, when that was looked for and
        found: frames of 16 kHz behind its reference, less than none = before it."""
        self._played += far.count(0) != len(far)
        if self._played < LOOK_EVERY:
            return None
        self._played = 0
        return self._found(_CORRELATION, _LOOKED_AT_MS, _EARLIEST_MS, SURE)

    def look_lately(self) -> int | None:
        """The same at the last 0.3 s, whenever it is asked for. Takes 1 ms."""
        return self._found(_LATELY, _LATELY_MS, _AHEAD_MS, _LATELY_SURE)

    def reset(self) -> None:
        """The memory is empty: half a second has to be played anew."""
        self._played = 0

    def _found(self, correlation: Correlation, looked_at_ms: int, ahead_ms: int, sure: float) -> int | None:
        if self._memory.heard < (ahead_ms + looked_at_ms) // BLOCK_MS:
            return None  # where both begin they are alike
        near = self._memory.near(looked_at_ms // BLOCK_MS, before=ahead_ms // BLOCK_MS)
        far_around = self._memory.far((ahead_ms + looked_at_ms + _LATEST_MS) // BLOCK_MS)
        found = correlation.peak(near, far_around)
        return found.lag if found.height >= sure else None


def moved(delay: float, lag: float, before: float | None = None) -> float:
    """The delay for a reference that has ``delay`` and is followed by its echo after ``lag``: frames of 16 kHz. It is
    such that the echo is where it was ``before``, and 0 where that is enough, since a reference that is earlier has to
    be waited for."""
    if before is not None and delay + lag - before >= 0:
        return delay + lag - before
    if SOONEST <= lag <= LATEST:
        return delay
    heard = delay + lag
    return max(0, heard - WANTED) if heard >= SOONEST else heard - SOONEST
