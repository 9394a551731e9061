"""Echo cancellers behind one interface."""

from lived_workers.frontend.engines.canceller import Canceller
from lived_workers.frontend.engines.choice import canceller

__all__ = ["Canceller", "canceller"]
