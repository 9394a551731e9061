"""A light detector before a good one: the good one costs fifty times as much, and most of the day nobody speaks. Pure.

The gate opens far below what the light one itself calls speech, and what was heard just before is made up for then: so
the good one misses no beginning.
"""

from collections import deque

from lived_workers.frontend.vad.detector import Detector

OPENS_AT = 0.3
"""Likelihood for the light one. Its floor is 0.1 to 0.2; of noise at -30 dBFS 2 to 15 % pass (bench.listening)."""

KEPT_BLOCKS = 16
"""Blocks of 10 ms (160 ms, five hops of the good one) that it hears when the gate opens: its warm-up."""

HELD_BLOCKS = 50
"""Blocks (500 ms) for which the gate stays open: pauses between words."""


class Gated:
    """See Detector."""

    def __init__(self, gate: Detector, good: Detector) -> None:
        self._gate, self._good = gate, good
        self._kept: deque[bytes] = deque(maxlen=KEPT_BLOCKS)
        self._held = 0
        self.missing = ""

    @property
    def open(self) -> bool:
        """Whether the good one runs."""
        return self._held > 0

    def probability(self, pcm: bytes) -> float:
        """See Detector."""
        if self._gate.probability(pcm) >= OPENS_AT:
            if not self.open:
                self._catch_up()
            self._held = HELD_BLOCKS
        elif self.open:
            self._held -= 1
        if self.open:
            return self._good.probability(pcm)
        self._kept.append(pcm)
        return 0.0

    def reset(self) -> None:
        """See Detector."""
        self._gate.reset()
        self._good.reset()
        self._kept.clear()
        self._held = 0

    def _catch_up(self) -> None:
        self._good.reset()
        for pcm in self._kept:
            self._good.probability(pcm)
        self._kept.clear()
