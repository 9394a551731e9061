"""``python -m lived.cli.setup.sound``: lists the cards, plays a test sound, or tells how loud a microphone is.

A program of its own, so that a driver that hangs or crashes takes nothing with it. A line of JSON on standard input;
lines of JSON on standard output, while they are new.
"""

import queue
import sys
import threading
from array import array
from math import exp, pi, sin
from typing import Literal

import msgspec

from lived.cli.watch.levels import Meter
from lived.clock import monotonic_ns
from lived.config import Audio
from lived.errors import DeviceError
from lived.soundcard import CardInput, CardOutput, Wish, devices, hush
from lived.units import BYTES_PER_SAMPLE, MIC_RATE, MODEL_RATE, SECOND, Hz

NOTES_HZ = (523.25, 659.25, 783.99)
NOTE_S = 0.4
LOUDNESS = 0.3
"""Of full scale: heard across a room, and nobody jumps."""
PATIENCE_S = 5.0
"""For the test sound of 1.6 s; then the card counts as one that does not move."""
EVERY_S = 0.1


class Job(msgspec.Struct, frozen=True):
    """What to do. Written by ``trial``."""

    do: Literal["list", "play", "listen"]
    audio: Audio = Audio()
    seconds: float = 0.0
    """How long to listen."""


class Chime:
    """A ``Feeder``: three notes, and silence behind them."""

    def __init__(self) -> None:
        self._pcm, self._at, self._channels = b"", 0, 1
        self.done = threading.Event()

    def opened(self, rate: Hz, channels: int) -> None:
        self._channels = channels
        length = int(NOTE_S * rate)
        samples = [
            int(32_767 * LOUDNESS * exp(-6 * i / length) * min(1.0, i / 100) * sin(2 * pi * note * i / rate))
            for note in NOTES_HZ
            for i in range(length)
        ]
        pcm = array("h", (sample for sample in samples for _ in range(channels))).tobytes()
        self._pcm = pcm + bytes(length * channels * BYTES_PER_SAMPLE)

    def fill(self, frames: int, dac: int, underflowed: bool) -> bytes:  # noqa: ARG002  (a Feeder's)
        size = frames * BYTES_PER_SAMPLE * self._channels
        piece = self._pcm[self._at : self._at + size]
        self._at += size
        if self._at >= len(self._pcm):
            self.done.set()
        return piece + bytes(size - len(piece))


class Ear:
    """A ``Listener``. Its queue is emptied ten times a second: ten blocks of 10 ms, and never longer than the job."""

    def __init__(self) -> None:
        self.blocks: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def opened(self, rate: Hz, channels: int) -> None:
        """Any rate and number of channels will do."""

    def heard(self, pcm: bytes, adc: int, overflowed: bool) -> None:  # noqa: ARG002  (a Listener's)
        self.blocks.put(pcm)


def play(audio: Audio) -> None:
    """The test sound. Raises DeviceError."""
    chime = Chime()
    card = CardOutput(_wish(audio, audio.output, Hz(audio.output_rate or MODEL_RATE)), chime)
    card.open()
    flowed = chime.done.wait(PATIENCE_S)
    card.close()
    if not flowed:
        raise DeviceError("The loudspeaker asked for no sound for seconds; plug it in again, or take another.")


def listen(audio: Audio, seconds: float) -> None:
    """Tell the highest peak of the last 300 ms, dBFS, ten times a second. Raises DeviceError."""
    ear, meter = Ear(), Meter()
    card = CardInput(_wish(audio, audio.input, Hz(audio.input_rate or MIC_RATE)), ear)
    card.open()
    until, pause = monotonic_ns() + int(seconds * SECOND), threading.Event()
    flowed = False
    while monotonic_ns() < until:
        pause.wait(EVERY_S)
        while not ear.blocks.empty():
            meter.take(ear.blocks.get(), monotonic_ns())
            flowed = True
        _tell({"peak": meter.level(monotonic_ns()).peak})
    card.close()
    if not flowed:
        raise DeviceError("The microphone gave no sound for seconds; plug it in again, or take another.")


def work(job: Job) -> None:
    """Do it; what goes wrong is the last line."""
    try:
        match job.do:
            case "list":
                _tell({"devices": devices()})
            case "play":
                play(job.audio)
            case "listen":
                listen(job.audio, job.seconds)
    except DeviceError as error:
        _tell({"error": str(error)})


def _wish(audio: Audio, device: str, rate: Hz) -> Wish:
    return Wish(device=device, rates=(rate,), block_ms=audio.block_ms, latency_ms=audio.latency_ms)


def _tell(what: dict[str, object]) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(what) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    hush()
    work(msgspec.json.decode(sys.stdin.buffer.readline(), type=Job))
