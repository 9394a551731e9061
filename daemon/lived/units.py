"""Units as types, and the only conversions between them.

Time is CLOCK_MONOTONIC in nanoseconds unless a name says otherwise. A *frame* is one sample of every
channel; everything on the audio bus is counted in frames, because a count of frames cannot drift.
"""

from typing import NewType

Ns = NewType("Ns", int)
"""Nanoseconds on CLOCK_MONOTONIC (a point) or between two such points (a span)."""

Ms = NewType("Ms", int)
"""Milliseconds, always a span."""

Hz = NewType("Hz", int)
"""Sample rate: frames in one second."""

Frames = NewType("Frames", int)
"""A number of frames."""

Position = NewType("Position", int)
"""Index of a frame in its stream, counted from the stream's beginning (its epoch)."""

Epoch = NewType("Epoch", int)
"""Names one life of a stream: CLOCK_MONOTONIC ns at which its publisher began it at position 0."""

Turn = NewType("Turn", int)
"""One reply of the model. Only grows, on one device, across restarts of any process. 0 = no turn."""

NO_TURN = Turn(0)

MICROSECOND = Ns(1_000)
MILLISECOND = Ns(1_000_000)
SECOND = Ns(1_000_000_000)

MIC_RATE = Hz(16_000)
"""What the Live API hears: 16-bit PCM, mono (live protocol, "Input")."""

MODEL_RATE = Hz(24_000)
"""What the Live API speaks: 16-bit PCM, mono (live protocol, "Output")."""

BYTES_PER_SAMPLE = 2
"""s16le, the only sample format on the bus."""


def frames_in(span: Ms, rate: Hz) -> Frames:
    """Frames that fit into ``span`` at ``rate``, rounded down."""
    return Frames(span * rate // 1000)


def span_of(frames: int, rate: Hz) -> Ns:
    """How long ``frames`` last at ``rate``, rounded down to the nanosecond."""
    return Ns(frames * SECOND // rate)


def ms(span: Ns) -> float:
    """``span`` in milliseconds, for people and for JSON."""
    return span / MILLISECOND


def seconds(span: Ns) -> float:
    """``span`` in seconds, for timeouts of the standard library."""
    return span / SECOND
