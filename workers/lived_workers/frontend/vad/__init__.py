"""Voice activity: how likely a block is speech. Engines behind one interface."""

from lived_workers.frontend.vad.choice import detector
from lived_workers.frontend.vad.detector import Absent, Detector

__all__ = ["Absent", "Detector", "detector"]
