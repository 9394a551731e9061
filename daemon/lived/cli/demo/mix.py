"""A stereo WAV of the whole conversation: left what the user said, right what was heard. Aligned by device time."""

import wave
from array import array
from collections.abc import Sequence
from pathlib import Path

from lived.cli.demo.measure import stretch
from lived.units import MODEL_RATE, SECOND, Ns
from lived.wire.chunk import Chunk


def write(path: Path, mic: Sequence[Chunk], speaker: Sequence[Chunk]) -> None:
    """Write it at 24 kHz. Each stream of one epoch, in order; streams may begin at different times.

    Raises OSError: it cannot be written.
    """
    began = min((chunks[0].time for chunks in (mic, speaker) if chunks), default=Ns(0))
    left, right = _track(mic, began), _track(speaker, began)
    both = array("h", bytes(2 * 2 * max(len(left), len(right))))
    both[0 : 2 * len(left) : 2] = left
    both[1 : 2 * len(right) : 2] = right
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(MODEL_RATE)
        file.writeframes(both.tobytes())


def _track(chunks: Sequence[Chunk], began: Ns) -> "array[int]":
    """One stream at 24 kHz, behind as much silence as lies between ``began`` and its first frame."""
    if not chunks:
        return array("h")
    silence = (chunks[0].time - began) * MODEL_RATE // SECOND
    return array("h", bytes(2 * silence) + _at_model_rate(chunks))


def _at_model_rate(chunks: Sequence[Chunk]) -> bytes:
    pcm, rate = stretch(chunks), chunks[0].rate
    if rate == MODEL_RATE:
        return pcm
    from lived.resample import Resampler

    resampler = Resampler(rate, MODEL_RATE, "MQ")
    return resampler.push(pcm) + resampler.flush()
