"""How one stream arrives: how old its chunks are, and what of it is missing. Pure: time is a parameter."""

from collections import deque
from dataclasses import dataclass

from lived.units import MILLISECOND, Epoch, Ns, Position
from lived.wire import FLAG_MUTED, FLAG_OVERFLOW, Chunk, Stream

_MOST = 10_000
"""Ages kept between two pictures: 100 s of ``mic``. Of a longer time the newest count."""


@dataclass(frozen=True)
class Arrivals:
    """Since the last picture, but for the frames that are missing: those since the beginning."""

    stream: Stream
    chunks: int
    age_p50_ms: float | None
    """From the time in the header (its first frame at the ADC, at the DAC, or received) to here; negative = not
    heard yet. None = nothing came."""
    age_p99_ms: float | None
    age_max_ms: float | None
    lost_frames: int
    """At the card, as the publisher says."""
    missed_frames: int
    """On the way to here."""
    intended_frames: int
    """Muted or closed: nobody's loss."""


class Flow:
    """One stream, through all its epochs."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._epoch, self._next = Epoch(0), Position(0)
        self._ages: deque[int] = deque(maxlen=_MOST)
        self._lost = self._missed = self._intended = 0

    def take(self, chunk: Chunk, now: Ns) -> None:
        """A chunk that came at ``now``."""
        self._ages.append(now - chunk.time)
        if chunk.epoch == self._epoch and chunk.position > self._next:
            self._gap(chunk.position - self._next, chunk.flags)
        self._epoch, self._next = chunk.epoch, chunk.end

    def arrivals(self) -> Arrivals:
        """And begin anew with the ages."""
        ages = sorted(self._ages)
        self._ages.clear()

        def age(share: float) -> float | None:
            return round(ages[min(len(ages) - 1, int(share * len(ages)))] / MILLISECOND, 1) if ages else None

        return Arrivals(
            stream=self._stream,
            chunks=len(ages),
            age_p50_ms=age(0.5),
            age_p99_ms=age(0.99),
            age_max_ms=age(1.0),
            lost_frames=self._lost,
            missed_frames=self._missed,
            intended_frames=self._intended,
        )

    def _gap(self, frames: int, flags: int) -> None:
        if flags & FLAG_MUTED:
            self._intended += frames
        elif flags & FLAG_OVERFLOW:
            self._lost += frames
        else:
            self._missed += frames
