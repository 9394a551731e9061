"""The one clock. Pure code takes a time as a parameter; whoever does I/O asks here."""

import time

from lived.units import Ns


def monotonic_ns() -> Ns:
    """CLOCK_MONOTONIC now, in nanoseconds: never jumps, shared by all processes of one machine."""
    return Ns(time.monotonic_ns())
