"""WebRTC's noise suppression and gain control, through pywebrtc-audio. An importer of pywebrtc_audio."""

import numpy as np
from pywebrtc_audio import AudioProcessor

from lived.units import MIC_RATE


class WebRtc:
    """See noise.Cleaner."""

    missing = ""

    def __init__(self, suppression: int | None, gain: float | None) -> None:
        """``suppression``: WebRTC's level 0 to 3, None = off. ``gain``: most gain in dB, None = off."""
        self._engine = AudioProcessor(
            sample_rate=MIC_RATE,
            noise_suppression=suppression is not None,
            ns_level=suppression or 0,
            auto_gain_control=gain is not None,
            agc_max_gain_db=gain or 0.0,
        )

    def process(self, pcm: bytes) -> bytes:
        """See noise.Cleaner."""
        out: bytes = self._engine.process(np.frombuffer(pcm, np.int16)).tobytes()
        return out

    def reset(self) -> None:
        """See noise.Cleaner."""
        self._engine.reset()
