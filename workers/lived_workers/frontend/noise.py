"""Noise suppression and gain control of WebRTC (pywebrtc-audio, extra lived[echo]). Both are off by default.

The model hears well in noise: what is taken out with it is missing in the voice.
"""

from typing import Protocol

from lived.config.options import Frontend

_LEVELS = {"low": 0, "moderate": 1, "high": 2}
"""WebRTC's: 6, 12, 18 dB."""

MOST_GAIN_DB = 18.0
"""WebRTC would go to 50 dB, and make a quiet room loud."""


class Cleaner(Protocol):
    """Makes the voice better."""

    missing: str
    """What is not there, and what that means: one sentence; "" = all is there."""

    def process(self, pcm: bytes) -> bytes:
        """10 ms of 16 kHz mono s16le, as much back; the voice comes out up to 6 ms late."""
        ...

    def reset(self) -> None:
        """Forget the noise: another source."""
        ...


class Unchanged:
    """Leaves the sound alone."""

    def __init__(self, missing: str = "") -> None:
        self.missing = missing

    def process(self, pcm: bytes) -> bytes:
        """The same."""
        return pcm

    def reset(self) -> None:
        """Nothing to forget."""


def cleaner(options: Frontend) -> Cleaner:
    """What the options ask for; where the package is missing, the sound is left alone, and ``missing`` says so."""
    if options.noise_suppression == "off" and not options.gain_control:
        return Unchanged()
    try:
        from lived_workers.frontend.webrtc_noise import WebRtc
    except ImportError:
        return Unchanged("Noise suppression and gain control are off: install lived[echo].")
    return WebRtc(_LEVELS.get(options.noise_suppression), gain=MOST_GAIN_DB if options.gain_control else None)
