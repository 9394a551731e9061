"""Frames to bytes of a WAV, FLAC or Ogg Opus file: the one door to soundfile (libsndfile).

At any moment what is in the file can be read. WAV: libsndfile brings the header up to date with every write. FLAC: a
frame is in the file as soon as it is whole (0.3 s); libsndfile knows the length only at the end, and readers that trust
the header would find none, so the length is put there with every write. Opus: a page is written every 200 ms.
"""

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from lived.units import BYTES_PER_SAMPLE, Hz

_FORMATS = {"wav": ("WAV", "PCM_16"), "flac": ("FLAC", "PCM_16"), "opus": ("OGG", "OPUS")}

PAGE_MS = 200
"""libsndfile's own 1,000 would lose a second to SIGKILL."""
_SET_OGG_PAGE_LATENCY_MS = 0x1302
"""SFC_SET_OGG_PAGE_LATENCY_MS of sndfile.h; soundfile has no name for it."""

_FLAC_BLOCKSIZE = slice(8, 10)
_FLAC_LENGTH_AT = 22
"""STREAMINFO: the lower 32 bits of the number of frames."""
_FLAC_LONGEST = 2**32 - 1
"""Frames: 49 h at 24 kHz, more than any file of ours has."""


def missing() -> str:
    """What has to be installed before a file can be written, in a sentence; empty when it is there."""
    return "" if find_spec("soundfile") else f"Recording needs the package soundfile; {INSTALL}."


INSTALL = "install it with pip install 'lived[record]'"


class _Store:
    """The file as libsndfile sees it: never fails, so that libsndfile stays whole; ``error`` is the first failure."""

    def __init__(self, fd: int) -> None:
        self._fd: int | None = fd
        self.error: OSError | None = None

    def let_go(self) -> None:
        """Touch the descriptor no more: it will be somebody else's, and libsndfile writes when it is freed."""
        self._fd = None

    def write(self, data: bytes) -> int:
        """All of ``data``, or none as soon as something has failed."""
        try:
            view = memoryview(data)
            while view and self._fd is not None and self.error is None:
                view = view[os.write(self._fd, view) :]
        except OSError as error:
            self.error = error
        return len(data)

    def seek(self, offset: int, whence: int) -> int:
        """As of files."""
        return 0 if self._fd is None else os.lseek(self._fd, offset, whence)

    def tell(self) -> int:
        """As of files."""
        return self.seek(0, os.SEEK_CUR)

    def read(self, size: int) -> bytes:
        """libsndfile does not read what it writes."""
        raise io.UnsupportedOperation(f"{size} bytes of a file that is being written")


class Encoder:
    """Writes one file, open for reading and writing as ``fd``, which stays the caller's."""

    def __init__(self, fd: int, kind: str, rate: Hz, channels: int) -> None:
        """``kind``: wav, flac or opus.

        Raises OSError: the header could not be written.
        """
        import soundfile  # late: numpy and libsndfile are paid for by who writes files

        self._fd, self._kind = fd, kind
        self._bytes_per_frame = BYTES_PER_SAMPLE * channels
        self._frames = 0
        self._store = _Store(fd)
        self._failure = soundfile.SoundFileError
        container, coding = _FORMATS[kind]
        try:
            with self._as_os_error():
                self._file: Any = soundfile.SoundFile(self._store, "w", rate, channels, coding, format=container)
        except OSError:
            self.abandon()
            raise
        if kind == "opus":
            latency = soundfile._ffi.new("double *", PAGE_MS)
            soundfile._snd.sf_command(self._file._file, _SET_OGG_PAGE_LATENCY_MS, latency, 8)

    def write(self, pcm: bytes) -> None:
        """Interleaved s16le, whole frames. Raises OSError."""
        with self._as_os_error():
            self._file.buffer_write(pcm, "int16")
        self._frames += len(pcm) // self._bytes_per_frame
        if self._kind == "flac":
            self._tell_length()

    def close(self) -> None:
        """Write the rest. Raises OSError."""
        try:
            with self._as_os_error():
                self._file.close()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Write nothing more, whatever is not written; before the descriptor is closed."""
        self._store.let_go()

    @contextmanager
    def _as_os_error(self) -> Iterator[None]:
        try:
            yield
        except self._failure as error:
            raise OSError(errno.EIO, str(error)) from error
        if self._store.error:
            raise self._store.error

    def _tell_length(self) -> None:
        """As many frames as are in the file for certain: libFLAC writes a block when it has one frame more."""
        blocksize = int.from_bytes(os.pread(self._fd, 10, 0)[_FLAC_BLOCKSIZE], "big")
        if blocksize:
            whole = min((self._frames - 1) // blocksize * blocksize, _FLAC_LONGEST)
            os.pwrite(self._fd, whole.to_bytes(4, "big"), _FLAC_LENGTH_AT)
