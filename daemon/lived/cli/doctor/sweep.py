"""A sound that is found again in any room: a sweep, and the correlation that finds it. Pure."""

import math
from array import array
from typing import NamedTuple

import numpy as np

from lived import pcm
from lived.units import Hz

LENGTH_S = 1.0
_FROM_HZ, _TO_HZ = 400.0, 4000.0
"""What small loudspeakers play and every rate of ours carries."""
_AMPLITUDE = 8192
"""-12 dBFS: loud enough for a room, and nobody's ears hurt."""
_FADE_S = 0.01
_SURE = 10.0
"""The correlation's peak against its mean: noise alone stays below 6 in so many samples."""


class Found(NamedTuple):
    """Where, and how loud."""

    frame: int
    """Of the recording, where the sweep begins."""
    gain_db: float
    """Against what was played."""


def sound(rate: Hz) -> "array[int]":
    """The sweep, mono, at ``rate`` Hz."""
    time = np.arange(int(LENGTH_S * rate)) / rate
    phase = 2 * math.pi * (_FROM_HZ * time + (_TO_HZ - _FROM_HZ) / (2 * LENGTH_S) * time**2)
    fade = np.clip(np.minimum(time, LENGTH_S - time) / _FADE_S, 0, 1)
    return array("h", (np.sin(phase) * fade * _AMPLITUDE).astype(np.int16).tobytes())


def find(recorded: "array[int]", rate: Hz) -> Found | None:
    """The sweep in what was recorded at ``rate`` Hz; None where it is not."""
    reference = np.frombuffer(sound(rate), np.int16).astype(np.float64)
    heard = np.frombuffer(recorded, np.int16).astype(np.float64)
    if len(heard) < len(reference) or not heard.any():
        return None
    size = 1 << (len(heard) + len(reference) - 1).bit_length()
    spectrum = np.fft.rfft(heard - heard.mean(), size) * np.fft.rfft(reference, size).conj()
    match = np.abs(np.fft.irfft(spectrum, size)[: len(heard) - len(reference) + 1])
    frame = int(match.argmax())
    if match[frame] < _SURE * np.sqrt((match**2).mean()):
        return None
    gain = match[frame] / float(reference @ reference)
    return Found(frame, 20 * math.log10(gain))


def levels(samples: "array[int]") -> tuple[float, float]:
    """(peak, mean) in dBFS; -120 for silence."""
    data = samples.tobytes()
    mean = math.sqrt(pcm.energy(data) / len(samples)) if samples else 0.0
    return _dbfs(pcm.peak(data)), _dbfs(mean)


def _dbfs(value: float) -> float:
    return max(-120.0, 20 * math.log10(value / 32_768)) if value else -120.0
