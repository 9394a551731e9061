"""The light engine: earshot (pure Rust, 1 MB). The only importer of earshot. Takes music for speech."""

import earshot
import numpy as np

from lived_workers.frontend.vad.detector import Hops

HOP = 256
"""Frames: 16 ms."""


class Earshot:
    """See Detector."""

    missing = ""

    def __init__(self) -> None:
        self._engine = earshot.Detector()
        self._hops = Hops(HOP)
        self._last = 0.0

    def probability(self, pcm: bytes) -> float:
        """See Detector."""
        for hop in self._hops.push(pcm):
            self._last = self._engine.predict_i16(np.frombuffer(hop, np.int16))
        return self._last

    def reset(self) -> None:
        """See Detector."""
        self._engine.reset()
        self._hops.clear()
        self._last = 0.0
