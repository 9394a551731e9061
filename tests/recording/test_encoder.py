"""Files that can be read at any moment."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lived.recording.encoder import Encoder
from lived.units import MODEL_RATE

RATE = MODEL_RATE
BLOCK = 2400
MOST_MISSING = {"wav": 0, "flac": 4096 + 1, "opus": RATE * 3 // 10}
"""Frames that an encoder may still hold: a block of FLAC, a page of Opus and what its codec looks ahead."""

FIRST = 3 * BLOCK
"""Until the first page there is nothing to read."""


def noise(frames: int) -> "np.ndarray[tuple[int, int], np.dtype[np.int16]]":
    """Stereo in which every frame is another."""
    return np.random.default_rng(1).integers(-3000, 3000, (frames, 2)).astype("<i2")


@pytest.mark.parametrize("kind", ["wav", "flac", "opus"])
def test_readable_before_it_is_closed(tmp_path: Path, kind: str) -> None:
    """After every write, by a reader that trusts the header; WAV and FLAC bit by bit, then whole when closed."""
    path, sound = tmp_path / f"x.{kind}", noise(BLOCK * 30)
    fd = os.open(path, os.O_RDWR | os.O_CREAT)
    encoder = Encoder(fd, kind, RATE, 2)
    for first in range(0, len(sound), BLOCK):
        encoder.write(sound[first : first + BLOCK].tobytes())
        if first < FIRST:
            continue
        found, rate = soundfile.read(path, dtype="int16")
        assert rate == RATE
        assert first + BLOCK - len(found) <= MOST_MISSING[kind]
        if kind != "opus":
            assert np.array_equal(found, sound[: len(found)])
    encoder.close()
    os.close(fd)
    found, _ = soundfile.read(path, dtype="int16")
    assert len(found) == len(sound)
    assert kind == "opus" or np.array_equal(found, sound)


KILLED = """
import os, sys, time
from lived.recording.encoder import Encoder
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
encoder = Encoder(fd, sys.argv[2], 24000, 2)
pcm = sys.stdin.buffer.read()
for first in range(0, len(pcm), 9600):
    encoder.write(pcm[first : first + 9600])
print("written", flush=True)
time.sleep(60)
"""


@pytest.mark.processes
@pytest.mark.parametrize("kind", ["wav", "flac", "opus"])
def test_readable_after_sigkill(tmp_path: Path, kind: str) -> None:
    """All but what the encoder held: less than a third of a second."""
    path, sound = tmp_path / f"x.{kind}", noise(BLOCK * 50)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path), kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(sound.tobytes())
        process.stdin.close()
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    found, _ = soundfile.read(path, dtype="int16")
    assert len(sound) - len(found) <= MOST_MISSING[kind]
    assert kind == "opus" or np.array_equal(found, sound[: len(found)])


@pytest.mark.parametrize("kind", ["wav", "flac", "opus"])
def test_a_disk_that_refuses_is_told(tmp_path: Path, kind: str) -> None:
    """As the OSError that it was, at the write or at the end; never anything else."""
    full = os.open("/dev/full", os.O_RDWR)
    encoder: Encoder | None = None
    try:
        with pytest.raises(OSError, match="No space left"):
            encoder = Encoder(full, kind, RATE, 2)
            for _ in range(20):
                encoder.write(noise(BLOCK).tobytes())
    finally:
        if encoder:
            encoder.abandon()
        os.close(full)


def test_a_descriptor_is_let_go(tmp_path: Path) -> None:
    """What was abandoned writes nothing into a file that got its descriptor's number."""
    fd = os.open(tmp_path / "x.flac", os.O_RDWR | os.O_CREAT)
    encoder = Encoder(fd, "flac", RATE, 2)
    encoder.write(noise(BLOCK).tobytes())
    encoder.abandon()
    other = os.open(tmp_path / "other", os.O_RDWR | os.O_CREAT)
    os.dup2(other, fd)
    del encoder  # libsndfile completes its file now
    os.close(fd)
    os.close(other)
    assert (tmp_path / "other").read_bytes() == b""
