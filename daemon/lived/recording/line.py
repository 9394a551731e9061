"""When the frames of one stream passed their converter, for as long as the stream lives. Pure: time is a parameter.

Every chunk carries the time of its first frame. Single times are wrong by milliseconds, so none of them moves a frame.
What counts is their median over a second (the *level*): the distance between the stream's own count of frames and
CLOCK_MONOTONIC. While the level stays within ``TOLERANCE`` of where frames are being put, they are put one behind the
other and not one bit is changed: a card that is exact is recorded exactly, for ever. A card whose clock drifts leaves
that band (2 ppm: after 17 minutes, 100 ppm: after 20 s); from then on the sound is stretched by the measured drift
(regression over the last five minutes), and a little more or less until it is in its place again.
"""

from collections import deque
from collections.abc import Iterable
from statistics import fmean, median

from lived.units import MILLISECOND, SECOND, Hz, Ns, Position

TOLERANCE = Ns(2 * MILLISECOND)
"""Less than one hears between two channels, more than the median of a second of a bad card's times wanders."""

JUMP = Ns(20 * MILLISECOND)
"""No drift goes so far in a second: the card stood still, or was given nothing. What follows is put anew."""

WINDOW = Ns(SECOND)
_LEVELS = 300
"""Five minutes of seconds. Long enough for 0.1 ppm, short enough to follow a card that gets warm."""
_SETTLE_S = 20.0
"""An error of 2 ms is worked off with 100 ppm at first: nobody hears that pitch."""
_MOST = 1e-3
"""Cards differ by 200 ppm at most; more would be heard."""


class Line:
    """Frame ``position`` of the stream belongs at ``time(position)``. One line for each life of a stream."""

    def __init__(self, rate: Hz) -> None:
        self._rate = rate
        self._base = 0  # ns: integers, since a float does not hold a year of them
        self._offset = 0.0  # ns behind _base: what frames are put by
        self.stretch = 1.0
        """Frames to give out for each that comes in; exactly 1 until the clock has gone astray."""
        self._window: list[int] = []
        self._window_from = 0  # position
        self._levels: deque[tuple[float, float]] = deque(maxlen=_LEVELS)  # (s of stream, ns behind _base)

    def time(self, position: Position) -> Ns:
        """Where ``position`` belongs on CLOCK_MONOTONIC, as far as is decided now."""
        return Ns(self._base + self._nominal(position) + round(self._offset))

    def anchor(self, reports: Iterable[tuple[Position, Ns]]) -> None:
        """Put what comes now by its times; behind a gap, when nothing has to be continuous. Positions count where
        they agree with the times, so that a gap is as long as the positions say."""
        levels = [time - self._nominal(position) for position, time in reports]
        here = int(median(levels))
        if not self._base:
            self._base = here
        elif abs(here - self._base - self._offset) > TOLERANCE:
            self._base, self._offset = here, 0.0
            self._levels.clear()
            self.stretch = 1.0
        self._window.clear()

    def report(self, position: Position, time: Ns) -> bool:
        """Frame ``position`` passed at ``time``; True when the sound is no longer where it belongs: ``anchor``."""
        if not self._window:
            self._window_from = position
        self._window.append(time - self._nominal(position) - self._base)
        if (position - self._window_from) * SECOND < WINDOW * self._rate:
            return False
        level = median(self._window)
        self._window.clear()
        self._levels.append((position / self._rate, level))
        return self._judge(level - self._offset)

    def advance(self, frames: int) -> None:
        """So many frames of the stream were put, at ``stretch``."""
        self._offset += (self.stretch - 1.0) * frames * SECOND / self._rate

    @property
    def drift(self) -> float:
        """How much slower than CLOCK_MONOTONIC the card is, as far as is known: 1e-4 = 100 ppm."""
        if len(self._levels) < 2:
            return 0.0
        middle = fmean(x for x, _ in self._levels)
        level = fmean(y for _, y in self._levels)
        across = sum((x - middle) ** 2 for x, _ in self._levels)
        return sum((x - middle) * (y - level) for x, y in self._levels) / across / SECOND if across else 0.0

    def _judge(self, error: float) -> bool:
        if abs(error) > JUMP:
            return True
        if abs(error) > TOLERANCE or self.stretch != 1.0:
            wanted = self.drift + error / SECOND / _SETTLE_S
            self.stretch = 1.0 + max(-_MOST, min(wanted, _MOST))
        return False

    def _nominal(self, position: int) -> int:
        return position * SECOND // self._rate
