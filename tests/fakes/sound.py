"""Sound whose every frame can be recognised."""

import itertools
import struct
import wave
from collections.abc import Sequence
from pathlib import Path

PERIOD = 30_000


def numbered(begin: int, frames: int) -> bytes:
    """Frames ``begin`` ... of a sound that counts from 1 to 30,000 and again: no frame is silent."""
    return struct.pack(f"<{frames}h", *((begin + i) % PERIOD + 1 for i in range(frames)))


def samples_of(pcm: bytes) -> tuple[int, ...]:
    """s16le as numbers."""
    return struct.unpack(f"<{len(pcm) // 2}h", pcm)


def is_run(samples: Sequence[int]) -> bool:
    """Whether every sample follows the one before: nothing lost, doubled or changed."""
    return all(b == a % PERIOD + 1 for a, b in itertools.pairwise(samples))


def write_wav(path: Path, pcm: bytes, rate: int = 16_000, channels: int = 1) -> Path:
    """A 16-bit PCM WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return path


def read_wav(path: Path) -> tuple[int, ...]:
    """The samples of a 16-bit PCM WAV file."""
    with wave.open(str(path), "rb") as file:
        return samples_of(file.readframes(file.getnframes()))
