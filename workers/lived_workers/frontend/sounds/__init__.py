"""The two sounds of attention, 24 kHz mono, 240 ms: awake.wav (speak now), done.wav (it does not listen any more)."""

import wave
from pathlib import Path
from typing import Literal

FOLDER = Path(__file__).parent


def sound(name: Literal["awake", "done"]) -> bytes:
    """The sound as s16le, mono, MODEL_RATE: to be played as a reply is."""
    with wave.open(str(FOLDER / f"{name}.wav"), "rb") as file:
        return file.readframes(file.getnframes())
