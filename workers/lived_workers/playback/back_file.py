"""A WAV file, or nothing, in the loudspeaker's place: takes blocks in real time, as a card would."""

import os
import struct
from pathlib import Path

from lived.clock import monotonic_ns
from lived.errors import DeviceError, InputError
from lived.ledger import Ledger
from lived.soundcard import Pace, PacedThread
from lived.units import BYTES_PER_SAMPLE, MODEL_RATE, SECOND, Ns
from lived_workers.playback.player import Player

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_MOST_BYTES = 0xFFFF_FFFF - _HEADER.size
"""A WAV file counts its bytes in 32 bits: 24.8 hours."""


def wav_header(data_bytes: int) -> bytes:
    """The 44 bytes before ``data_bytes`` of 24 kHz mono s16le."""
    width = BYTES_PER_SAMPLE
    form = (b"fmt ", 16, 1, 1, MODEL_RATE, MODEL_RATE * width, width, 8 * width)
    return _HEADER.pack(b"RIFF", 36 + data_bytes, b"WAVE", *form, b"data", data_bytes)


class Tape:
    """A WAV file that is valid at every moment: samples first, then, once a second, the header that counts them."""

    def __init__(self, path: Path, fresh: bool) -> None:
        """Open the file; ``fresh``: as an empty one.

        Raises:
            InputError: the path cannot be written to by anybody's patience (no such folder, no permission).
            DeviceError: not now (disk full).
        """
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | (os.O_TRUNC if fresh else 0), 0o644)
        except OSError as error:
            kind = DeviceError if error.errno in (28, 122) else InputError  # ENOSPC, EDQUOT
            raise kind(f"audio.output: cannot write {path}: {error.strerror}.") from error

    def write(self, frame: int, pcm: bytes) -> None:
        """Put ``pcm`` at ``frame``; what was skipped before it is silence. Raises OSError."""
        at = frame * BYTES_PER_SAMPLE
        if at + len(pcm) > _MOST_BYTES:
            raise OSError(27, os.strerror(27))  # EFBIG
        os.pwrite(self._fd, pcm, _HEADER.size + at)

    def seal(self, frames: int) -> None:
        """Let the header say that there are ``frames``. Raises OSError."""
        os.pwrite(self._fd, wav_header(frames * BYTES_PER_SAMPLE), 0)

    def close(self) -> None:
        """Close."""
        os.close(self._fd)


class PacedOutput:
    """Takes the player's blocks in real time, onto a tape or into nothing."""

    def __init__(self, path: Path | None, player: Player, ledger: Ledger, origin: Ns, block_ms: int) -> None:
        """``origin`` names the daemon's life: its file is begun once, and gone on with by every later process."""
        self._path = path
        self._player = player
        self._ledger = ledger
        self._origin = origin
        self._block = MODEL_RATE * block_ms // 1000
        self._each_second = max(1, 1000 // block_ms)
        self._tape: Tape | None = None
        self._thread: PacedThread | None = None
        self._first = 0  # frame of the tape that the first block since open() goes to
        self.frames = 0
        self.ended = ""
        self.trouble = ""

    def check(self) -> None:
        """Find out now whether the file can be written.

        Raises:
            InputError: it never can.
        """
        try:
            self._reel()
        except DeviceError:
            return  # open() says so, and tries again
        self._unreel()

    def open(self) -> str:
        """Begin; a file begun before gets silence for the time in between.

        Raises:
            DeviceError: disk full.
            InputError: the file cannot be written.
        """
        self._reel()
        start = monotonic_ns()
        self._first = max(0, start - self._ledger["file_began"]) * MODEL_RATE // SECOND
        self.frames, self.trouble = 0, ""
        self._player.opened(MODEL_RATE, 1)
        self._thread = PacedThread(Pace(MODEL_RATE, self._block, start), self._take, recorded=False, name="speaker")
        self._thread.start()
        return f"{self._path or 'nothing'} at {MODEL_RATE} Hz"

    def close(self) -> None:
        """Stop; the file is complete."""
        if self._thread:
            self._thread.close()
            self._thread = None
            self._seal()
        self._unreel()

    def _reel(self) -> None:
        if self._path is None or self._tape:
            return
        known = self._ledger["file_origin"] == self._origin
        self._tape = Tape(self._path, fresh=not known)
        if not known:
            self._ledger["file_began"] = monotonic_ns()
            self._ledger["file_origin"] = self._origin

    def _unreel(self) -> None:
        if self._tape:
            self._tape.close()
            self._tape = None

    def _take(self, n: int, begins: Ns) -> None:
        pcm = self._player.fill(self._block, begins, False)
        self.frames += self._block
        due = n % self._each_second == 0
        if self._tape and (due or not self.trouble):  # in trouble, look once a second whether it has passed
            try:
                self._tape.write(self._first + n * self._block, pcm)
                self.trouble = ""
            except OSError as error:
                self.trouble = f"Cannot write {self._path}: {error.strerror}; the conversation goes on unrecorded."
        if due:
            self._seal()

    def _seal(self) -> None:
        if self._tape and not self.trouble:
            try:
                self._tape.seal(self._first + self.frames)
            except OSError as error:
                self.trouble = f"Cannot write {self._path}: {error.strerror}; the conversation goes on unrecorded."
