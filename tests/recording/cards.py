"""Sound cards as they are: a clock that drifts, times that jitter."""

import random
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from lived.units import SECOND, Epoch, Hz, Ns, Position, Turn
from lived.wire import Chunk, Stream

BEGIN = Ns(25_000 * SECOND)
SLOW = Hz(1000)
FIRST = Epoch(BEGIN)


@dataclass
class Card:
    """A stream of numbered samples. ``ppm`` > 0: the card is slow."""

    rate: Hz = SLOW
    ppm: float = 0.0
    jitter_ms: float = 0.0
    outliers: float = 0.0
    """Share of the times that are wrong by up to 30 ms."""
    stream: Stream = Stream.MIC
    epoch: Epoch = FIRST
    position: int = 0
    late_ns: int = 0
    """The card stood still for so long."""
    rng: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311

    def true_time(self, position: int) -> int:
        """When the frame really passed."""
        return BEGIN + self.late_ns + round(position * SECOND / self.rate * (1 + self.ppm * 1e-6))

    def chunk(self, frames: int, flags: int = 0) -> Chunk:
        """The next one."""
        spread = 30.0 if self.rng.random() < self.outliers else self.jitter_ms
        time = self.true_time(self.position) + int(self.rng.uniform(-spread, spread) * 1e6)
        pcm = array("h", (p % 30_000 + 1 for p in range(self.position, self.position + frames))).tobytes()
        made = Chunk(self.stream, self.epoch, Position(self.position), Ns(time), Turn(0), self.rate, pcm, flags=flags)
        self.position += frames
        return made

    def chunks(self, seconds: float, frames: int = 100) -> Iterator[Chunk]:
        """So much sound."""
        for _ in range(int(seconds * self.rate / frames)):
            yield self.chunk(frames)
