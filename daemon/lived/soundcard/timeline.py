"""When a frame passes the converter: the card's noisy times as one straight, slowly corrected line. Pure.

A card reports a time with each block; it wanders by milliseconds from block to block while the frames themselves
are evenly spaced. The line follows the reports slowly (1/64 of the error at each block; at first the plain mean),
so it averages the noise out and still follows a clock that drifts by hundreds of ppm.
"""

from lived.units import MILLISECOND, SECOND, Hz, Ns

_SMOOTHING = 64
_FAR = Ns(50 * MILLISECOND)
"""Reports further off than this are not noise ..."""
_FAR_REPORTS = 50
"""... when so many come in a row: half a second at 10 ms blocks. Then the line jumps."""


class Timeline:
    """Frame index to CLOCK_MONOTONIC nanoseconds. Belongs to one thread."""

    def __init__(self, rate: Hz) -> None:
        self._rate = rate
        self._frame = 0
        self._time = 0
        self._reports = 0
        self._far = 0

    def at(self, frame: int) -> Ns:
        """The time of ``frame``; 0 before the first report."""
        return Ns(self._time + (frame - self._frame) * SECOND // self._rate)

    def report(self, frame: int, time: int, jumped: bool = False) -> None:
        """The card says that ``frame`` passes at ``time`` ns; ``jumped``: and that its sound was interrupted."""
        predicted = self.at(frame)
        error = time - predicted if self._reports else 0
        self._far = self._far + 1 if abs(error) > _FAR else 0
        self._frame = frame
        if not self._reports or jumped or self._far >= _FAR_REPORTS:
            self._time, self._reports, self._far = time, 1, 0
        else:
            self._reports += 1
            bounded = max(-_FAR, min(error, _FAR))
            self._time = predicted + bounded // min(self._reports, _SMOOTHING)
