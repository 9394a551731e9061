"""A WAV file, or silence, in the microphone's place: real time, 10 ms blocks, and silence for ever when it ends."""

import wave
from pathlib import Path

from lived.clock import monotonic_ns
from lived.errors import InputError
from lived.soundcard import Pace, PacedThread
from lived.units import MIC_RATE, SECOND, Hz, Ns, ms
from lived_workers.capture.microphone import Microphone


class Tape:
    """The frames of a 16-bit PCM WAV file by their index; silence behind its end, or the beginning again."""

    def __init__(self, path: Path, loop: bool) -> None:
        """Open the file.

        Raises:
            InputError: missing, unreadable, not a WAV file, or not 16-bit PCM.
        """
        try:
            # held open for the life of the process: the conversation must not depend on the file's name
            self._wav = wave.open(str(path), "rb")  # noqa: SIM115
        except (OSError, EOFError, wave.Error) as error:
            why = error.strerror if isinstance(error, OSError) else str(error) or "it ends too early"
            raise InputError(f"audio.input: cannot read {path}: {why}; name a 16-bit PCM WAV file.") from error
        if self._wav.getsampwidth() != 2 or not self._wav.getnframes():
            bits = 8 * self._wav.getsampwidth()
            raise InputError(f"audio.input: {path} has {self._wav.getnframes()} frames of {bits} bits; 16 are needed.")
        self.rate = Hz(self._wav.getframerate())
        self.channels = self._wav.getnchannels()
        self._frames = self._wav.getnframes()
        self._loop = loop

    def read(self, frame: int, frames: int) -> bytes:
        """``frames`` from ``frame`` on, interleaved s16le."""
        if self._loop:
            frame %= self._frames
        pcm = b""
        if frame < self._frames:
            if self._wav.tell() != frame:
                self._wav.setpos(frame)
            pcm = self._wav.readframes(frames)
        missing = frames - len(pcm) // (2 * self.channels)
        if not missing:
            return pcm
        if self._loop and pcm:
            return pcm + self.read(0, missing)
        return pcm + bytes(2 * self.channels * missing)


class Silence:
    """What ``null`` hears."""

    rate = MIC_RATE
    channels = 1

    def read(self, frame: int, frames: int) -> bytes:  # noqa: ARG002
        """Digital zero."""
        return bytes(2 * frames)


class PacedInput:
    """Plays a tape to the microphone. Frame 0 passes at ``origin``, whenever the device is opened."""

    def __init__(self, tape: Tape | Silence, name: str, microphone: Microphone, realtime: bool) -> None:
        self._realtime = realtime
        self._tape = tape
        self._name = name
        self._microphone = microphone
        self._thread: PacedThread | None = None
        self._skip = 0
        self._block = max(1, tape.rate // 100)
        self.origin = Ns(0)
        self.frames = 0
        self.ended = ""
        self.trouble = ""

    def open(self) -> str:
        """Begin at the frame that is due now."""
        tape = self._tape
        self._skip = max(0, monotonic_ns() - self.origin) * tape.rate // (SECOND * self._block)
        start = Ns(self.origin + self._skip * self._block * SECOND // tape.rate)
        self.frames = 0
        self._microphone.opened(tape.rate, tape.channels)
        pace = Pace(tape.rate, self._block, start)
        self._thread = PacedThread(pace, self._give, recorded=True, name="microphone", realtime=self._realtime)
        self._thread.start()
        channels = "1 channel" if tape.channels == 1 else f"{tape.channels} channels"
        return f"{self._name} at {tape.rate} Hz, {channels}, {ms(Ns(self._block * SECOND // tape.rate)):g} ms blocks"

    def close(self) -> None:
        """Stop."""
        if self._thread:
            self._thread.close()
            self._thread = None

    def _give(self, n: int, begins: Ns) -> None:
        pcm = self._tape.read((self._skip + n) * self._block, self._block)
        self._microphone.heard(pcm, begins, False)
        self.frames += self._block
