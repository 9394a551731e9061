"""Resampling and mixing."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived.resample import Resampler, mixed
from lived.units import Hz


def tone(rate: int, frames: int) -> bytes:
    """A loud square wave of 100 Hz."""
    return struct.pack(f"<{frames}h", *(32_767 if n * 200 // rate % 2 else -32_768 for n in range(frames)))


@pytest.mark.parametrize(("source", "target"), [(48_000, 16_000), (44_100, 16_000), (24_000, 48_000), (8_000, 16_000)])
@pytest.mark.parametrize("quality", ["QQ", "LQ"])
def test_length_and_pitch(source: int, target: int, quality: str) -> None:
    """A second stays a second at its pitch; full scale does not wrap around."""
    resampler = Resampler(Hz(source), Hz(target), quality)  # type: ignore[arg-type]
    pcm = tone(source, source)
    step = 2 * source // 100
    out = b"".join(resampler.push(pcm[at : at + step]) for at in range(0, len(pcm), step)) + resampler.flush()

    samples = struct.unpack(f"<{len(out) // 2}h", out)
    assert abs(len(samples) - target) <= 2
    assert 195 <= sum((a < 0) != (b < 0) for a, b in pairwise(samples)) <= 201


def test_silence_stays_silence() -> None:
    """No dither: zeros in, zeros out."""
    resampler = Resampler(Hz(24_000), Hz(48_000), "QQ")

    assert not any(resampler.push(bytes(4_800)))


@given(st.integers(1, 8), st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=50))
def test_mixing_equal_channels_changes_nothing(channels: int, frames: list[int]) -> None:
    """The mean of equal channels is the channel, full scale included."""
    pcm = struct.pack(f"<{len(frames) * channels}h", *(f for f in frames for _ in range(channels)))

    assert mixed(pcm, channels) == struct.pack(f"<{len(frames)}h", *frames)
