"""Wake words: which one was just said. Engines behind one interface."""

from lived_workers.frontend.wake.choice import spotter
from lived_workers.frontend.wake.spotter import Absent, Spotter

__all__ = ["Absent", "Spotter", "spotter"]
