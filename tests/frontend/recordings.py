"""The recordings of tests/speech, in blocks of 10 ms, on a floor of noise as a microphone has it."""

import wave
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

SPEECH = Path(__file__).parents[1] / "speech"
BLOCK = 160
RATE = 16_000


@cache
def recording(name: str, before_s: float = 0.0, after_s: float = 0.0) -> bytes:
    """16 kHz mono s16le, with so much near silence (-70 dBFS) around it."""
    with wave.open(str(SPEECH / f"{name}.wav"), "rb") as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    lead, rest = round(before_s * RATE), round(after_s * RATE)
    around = np.random.default_rng(1).normal(0, 10, lead + len(samples) + rest)
    around[lead : lead + len(samples)] += samples
    return np.clip(np.rint(around), -32_768, 32_767).astype(np.int16).tobytes()


def blocks(pcm: bytes) -> Iterator[bytes]:
    """10 ms each; what is left over at the end is left out."""
    size = 2 * BLOCK
    for begin in range(0, len(pcm) - size + 1, size):
        yield pcm[begin : begin + size]


def samples(name: str) -> np.ndarray:
    """The same, to calculate with."""
    return np.asarray(np.frombuffer(recording(name), np.int16), float)


def pcm(block: np.ndarray) -> bytes:
    """16 bits."""
    return bytes(np.clip(np.rint(block), -32_768, 32_767).astype(np.int16))
