"""WAV files in the microphone's place."""

import wave
from pathlib import Path

import pytest

from lived.errors import InputError
from lived_workers.capture.back_file import Tape


def wav(path: Path, frames: bytes, channels: int = 1, width: int = 2, rate: int = 16_000) -> Path:
    """Write a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(frames)
    return path


def test_silence_behind_the_end(tmp_path: Path) -> None:
    """Reading over the end gives the rest and then zeros, for ever."""
    tape = Tape(wav(tmp_path / "a.wav", b"\1\0\2\0\3\0"), loop=False)

    assert tape.read(1, 4) == b"\2\0\3\0" + bytes(4)
    assert tape.read(10**9, 2) == bytes(4)


def test_loop(tmp_path: Path) -> None:
    """A looping tape has no end, not even one longer than itself at once."""
    tape = Tape(wav(tmp_path / "a.wav", b"\1\0\2\0\3\0"), loop=True)

    assert tape.read(2, 8) == b"\3\0\1\0\2\0\3\0\1\0\2\0\3\0\1\0"
    assert tape.read(3_000_001, 1) == b"\2\0"


def test_stereo(tmp_path: Path) -> None:
    """Frames, not samples, are counted."""
    tape = Tape(wav(tmp_path / "a.wav", bytes(range(16)), channels=2, rate=48_000), loop=False)

    assert (tape.rate, tape.channels) == (48_000, 2)
    assert tape.read(1, 2) == bytes(range(4, 12))


def test_missing(tmp_path: Path) -> None:
    """A missing file: its name and what to do, in one sentence, and exit code 66."""
    with pytest.raises(InputError, match=r"audio.input: cannot read .*none.wav: No such file.*16-bit PCM") as error:
        Tape(tmp_path / "none.wav", loop=False)

    assert error.value.exit_code == 66


@pytest.mark.parametrize("content", [b"", b"RIFF", b"ID3 an mp3", bytes(1_000)])
def test_not_a_wav(tmp_path: Path, content: bytes) -> None:
    """Anything but a WAV file is refused with a sentence."""
    path = tmp_path / "a.wav"
    path.write_bytes(content)

    with pytest.raises(InputError, match=r"cannot read .*a.wav"):
        Tape(path, loop=False)


@pytest.mark.parametrize("width", [1, 3, 4])
def test_not_16_bit(tmp_path: Path, width: int) -> None:
    """Another sample width is refused, and the sentence says which it has."""
    path = wav(tmp_path / "a.wav", bytes(12), width=width)

    with pytest.raises(InputError, match=f"of {8 * width} bits; 16 are needed"):
        Tape(path, loop=False)


def test_empty_wav(tmp_path: Path) -> None:
    """A WAV file without a frame is refused: nobody means that, and it cannot loop."""
    with pytest.raises(InputError, match="has 0 frames"):
        Tape(wav(tmp_path / "a.wav", b""), loop=True)
