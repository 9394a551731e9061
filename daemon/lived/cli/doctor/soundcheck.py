"""``python -m lived.cli.doctor.soundcheck``: lists the cards, plays a sweep and records meanwhile.

A program of its own, so that a driver that hangs or crashes takes nothing with it. A line of JSON on standard input,
one on standard output.
"""

import sys
import threading
from array import array

import msgspec

from lived.cli.doctor import sweep
from lived.cli.doctor.judge.sound import Heard, Listed
from lived.clock import monotonic_ns
from lived.config import Audio
from lived.errors import DeviceError
from lived.soundcard import CardInput, CardOutput, Wish, devices
from lived.units import BYTES_PER_SAMPLE, MIC_RATE, MODEL_RATE, Hz

BEFORE_S, AFTER_S = 0.3, 0.7
"""Silence before the sweep, and the longest delay after which it is still found."""
PATIENCE_S = 5.0
"""For two seconds of sound; then the card counts as one that does not move."""


class Report(msgspec.Struct, frozen=True):
    """The answer."""

    error: str = ""
    """Why there is nothing at all."""
    devices: tuple[Listed, ...] = ()
    heard: Heard | None = None


class Ear:
    """Keeps what the microphone hears. Written by the card's thread."""

    def __init__(self) -> None:
        self.rate, self.channels = Hz(MIC_RATE), 1
        self.pcm = bytearray()
        self.blocks: list[tuple[int, int]] = []
        """Frames heard so far, and when they were handed over, ns of CLOCK_MONOTONIC."""
        self.overflows = 0

    def opened(self, rate: Hz, channels: int) -> None:
        self.rate, self.channels = rate, channels

    def heard(self, pcm: bytes, adc: int, overflowed: bool) -> None:  # noqa: ARG002  (a Listener's)
        self.pcm += pcm
        self.overflows += overflowed
        self.blocks.append((len(self.pcm) // BYTES_PER_SAMPLE // self.channels, monotonic_ns()))

    def mono(self) -> "array[int]":
        """The first channel."""
        return array("h", bytes(self.pcm[: len(self.pcm) // 2 * 2]))[:: self.channels]


class Mouth:
    """Plays silence, the sweep, silence. Used by the card's thread."""

    def __init__(self) -> None:
        self._pcm = b""
        self._at = 0
        self.begins = 0
        """Byte at which the sweep does."""
        self.handed = 0
        """When the block with the sweep's beginning was handed over, ns of CLOCK_MONOTONIC; 0 = not yet."""
        self.underflows = 0
        self.done = threading.Event()
        self._channels = 1

    def opened(self, rate: Hz, channels: int) -> None:
        self._channels = channels
        quiet, loud = bytes(int(BEFORE_S * rate) * BYTES_PER_SAMPLE), sweep.sound(rate).tobytes()
        self.begins = len(quiet)
        self._pcm = quiet + loud + bytes(int(AFTER_S * rate) * BYTES_PER_SAMPLE)

    def fill(self, frames: int, dac: int, underflowed: bool) -> bytes:  # noqa: ARG002  (a Feeder's)
        size = frames * BYTES_PER_SAMPLE
        piece = self._pcm[self._at : self._at + size]
        if not self.handed and self._at + size > self.begins:
            self.handed = monotonic_ns()
        self.underflows += underflowed and self._at > 0  # the first block of a stream is often late
        self._at += size
        if self._at >= len(self._pcm):
            self.done.set()
        piece += bytes(size - len(piece))
        if self._channels == 1:
            return piece
        return array("h", [s for s in array("h", piece) for _ in range(self._channels)]).tobytes()


def checked(audio: Audio) -> Report:
    """List, then play and record what the configuration names."""
    try:
        listed = tuple(
            Listed(one.name, one.input_rates, one.output_rates, one.inputs, one.outputs) for one in devices()
        )
    except DeviceError as error:
        return Report(str(error))
    real = [place for place in (audio.input, audio.output) if place != "null" and not place.startswith("file:")]
    return Report("", listed, measured(audio) if listed and len(real) == 2 else None)


def measured(audio: Audio) -> Heard:
    """Two seconds."""
    ear, mouth = Ear(), Mouth()
    microphone = CardInput(_wish(audio, audio.input, Hz(audio.input_rate or MIC_RATE)), ear)
    loudspeaker = CardOutput(_wish(audio, audio.output, Hz(audio.output_rate or MODEL_RATE)), mouth)
    names, errors = {}, {"error": "", "output_error": ""}
    for card, name, error in ((microphone, "input", "error"), (loudspeaker, "output", "output_error")):
        try:
            names[name] = card.open()
        except DeviceError as refused:
            errors[error] = str(refused)
    if names:
        flowed = mouth.done.wait(PATIENCE_S) if "output" in names else not mouth.done.wait(2)
        if not flowed:
            errors["output_error"] = "The loudspeaker stalled: it asked for no sound for seconds; plug it in again."
        if "input" in names and not microphone.frames:
            errors["error"] = "The microphone stalled: it gave no sound for seconds; plug it in again."
    microphone.close()
    loudspeaker.close()
    return summed(ear, mouth, names, errors)


def summed(ear: Ear, mouth: Mouth, names: dict[str, str], errors: dict[str, str]) -> Heard:
    """What was recorded, in figures."""
    samples = ear.mono()
    found = sweep.find(samples, ear.rate) if mouth.handed else None
    delay_ms = 0.0
    if found:
        handed_over = next((when for frames, when in ear.blocks if frames > found.frame), mouth.handed)
        delay_ms = (handed_over - mouth.handed) / 1e6
    peak_dbfs, rms_dbfs = sweep.levels(samples)
    return Heard(
        **names,
        **errors,
        seconds=len(samples) / ear.rate,
        peak_dbfs=peak_dbfs,
        rms_dbfs=rms_dbfs,
        overflows=ear.overflows,
        underflows=mouth.underflows,
        echo_db=found.gain_db if found else None,
        delay_ms=delay_ms,
    )


def _wish(audio: Audio, device: str, rate: Hz) -> Wish:
    return Wish(device=device, rates=(rate,), block_ms=audio.block_ms, latency_ms=audio.latency_ms)


if __name__ == "__main__":
    report = checked(msgspec.json.decode(sys.stdin.buffer.readline(), type=Audio))
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
