"""Sounds for bench.listening: phrases with known beginnings, and noises. 16 kHz mono s16le."""

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

RATE = 16_000
BLOCK = 160
SPEECH = Path(__file__).parents[1] / "tests/speech"
SEED = 6
FLOOR = 10.0
"""RMS of the noise of a quiet room's microphone: -70 dBFS."""
BREATH = 10 ** (-26 / 20)
"""Under the loud blocks of its recording: what is quieter is a pause."""
SYLLABLE = 10 ** (-16 / 20)
"""Under the same: the first syllable begins here. What is between is breath: up to 280 ms before this reader speaks."""
PAUSE_BLOCKS = 20
SHORTEST_BLOCKS = 40


class Phrase(NamedTuple):
    """One phrase after a second of near silence."""

    name: str
    samples: Samples
    begin: int
    """Frame at which its first syllable begins."""


def load(path: Path) -> Samples:
    """A recording of tests/speech."""
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def clipped(samples: npt.NDArray[np.float64]) -> Samples:
    """As 16-bit sound."""
    return np.clip(np.rint(samples), -32_768, 32_767).astype(np.int16)


def _loudness(samples: Samples) -> npt.NDArray[np.float64]:
    whole = samples[: len(samples) // BLOCK * BLOCK].astype(np.float64).reshape(-1, BLOCK)
    loudness: npt.NDArray[np.float64] = np.sqrt((whole**2).mean(axis=1))
    return loudness


def phrases() -> Iterator[Phrase]:
    """Every recording cut at its pauses (200 ms), each piece at three places relative to the engines' hops."""
    random = np.random.default_rng(SEED)
    for path in sorted([*SPEECH.glob("human_*.wav"), *SPEECH.glob("wake_*.wav")]):
        samples = load(path)
        loudness = _loudness(samples)
        full = np.percentile(loudness, 90)
        loud = np.flatnonzero(loudness > full * BREATH)
        for piece in np.split(loud, np.flatnonzero(np.diff(loud) > PAUSE_BLOCKS) + 1):
            if piece[-1] - piece[0] < SHORTEST_BLOCKS:
                continue
            breath = int(np.argmax(loudness[piece[0] :] > full * SYLLABLE)) * BLOCK
            words = samples[piece[0] * BLOCK : (piece[-1] + 1) * BLOCK]
            for shift in (0, 170, 340):
                lead = RATE + shift
                whole = np.concatenate([np.zeros(lead), words.astype(np.float64), np.zeros(RATE // 2)])
                yield Phrase(path.stem, clipped(whole + random.normal(0, FLOOR, len(whole))), lead + breath)


def pink(frames: int, rms: float, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Noise with as much power in every octave."""
    spectrum = np.fft.rfft(random.normal(size=frames))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    noise = np.fft.irfft(spectrum, frames)
    scaled: npt.NDArray[np.float64] = noise * rms / noise.std()
    return scaled


def noises(seconds: int) -> dict[str, Samples]:
    """What is not speech, each so long. Keyboard, music and fan are repeated."""
    random = np.random.default_rng(SEED)
    frames = seconds * RATE
    found = {"quiet": clipped(random.normal(0, FLOOR, frames))}
    for level in (-45, -30):
        found[f"pink {level} dBFS"] = clipped(pink(frames, 32_768 * 10 ** (level / 20), random))
    for name in ("keys", "fan", "music"):
        found[name] = np.resize(load(SPEECH / f"noise_{name}.wav"), frames)
    found["coughs"] = coughs(frames, random)
    return found


def coughs(frames: int, random: np.random.Generator) -> Samples:
    """Synthetic: every two seconds a burst of noise of 60 to 140 ms with a sharp beginning, at -20 dBFS."""
    out = random.normal(0, FLOOR, frames)
    for begin in range(RATE, frames - RATE, 2 * RATE):
        length = int(random.integers(960, 2240))
        burst = pink(length, 3276.0, random) * np.exp(-3 * np.arange(length) / length)
        out[begin : begin + length] += burst
    return clipped(out)


def talk() -> Samples:
    """All that the reader says, with pauses of half a second."""
    pause = np.zeros(RATE // 2)
    parts = [part for path in sorted(SPEECH.glob("human_*.wav")) for part in (pause, load(path).astype(np.float64))]
    return clipped(np.concatenate([*parts, pause]))


def mixed(voice: Samples, noise: Samples, decibels: float) -> Samples:
    """The voice with the noise so far below it."""
    under = np.resize(noise, len(voice)).astype(np.float64)
    clean = voice.astype(np.float64)
    wanted = clean.std() * 10 ** (-decibels / 20)
    return clipped(clean + under * wanted / under.std())
