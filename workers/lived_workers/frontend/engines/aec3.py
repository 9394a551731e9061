"""WebRTC's AEC3 through pywebrtc-audio. It finds the delay by itself, and bears drift."""

import numpy as np
from pywebrtc_audio import AudioProcessor

from lived.units import MIC_RATE

LATE = 128
"""Frames of 16 kHz (8 ms) by which what it gives is late, by cross-correlation."""


class Aec3:
    """See Canceller."""

    def __init__(self) -> None:
        self._engine = AudioProcessor(sample_rate=MIC_RATE, echo_cancellation=True)

    def process(self, near: bytes, far: bytes) -> bytes:
        """See Canceller."""
        out: bytes = self._engine.process(np.frombuffer(near, np.int16), np.frombuffer(far, np.int16)).tobytes()
        return out

    def reset(self) -> None:
        """See Canceller."""
        self._engine.reset()
