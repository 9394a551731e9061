"""How the sounds of attention are made: two soft notes, up for "awake", down for "done". Pure."""

import array
import math

from lived.units import MODEL_RATE

NOTES: dict[str, tuple[float, float]] = {"awake": (587.33, 880.0), "done": (880.0, 587.33)}
"""Hz: a fifth, D5 and A5; small loudspeakers have them."""

NOTE_FRAMES = MODEL_RATE * 120 // 1000
PEAK = 4100.0
"""-18 dBFS: quieter than speech."""


def tune(name: str) -> bytes:
    """s16le, mono, MODEL_RATE; begins and ends in silence."""
    return b"".join(_note(frequency) for frequency in NOTES[name])


def _note(frequency: float) -> bytes:
    samples = array.array("h")
    for frame in range(NOTE_FRAMES):
        envelope = math.sin(math.pi * frame / NOTE_FRAMES) ** 2
        phase = 2 * math.pi * frequency * frame / MODEL_RATE
        samples.append(round(PEAK * envelope * (math.sin(phase) + 0.2 * math.sin(2 * phase)) / 1.2))
    return samples.tobytes()
