"""PCM arithmetic, units and the ledger."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived import pcm
from lived.errors import RuntimeDirError
from lived.ledger import Ledger
from lived.units import MODEL_RATE, SECOND, Hz, Ms, frames_in, span_of

SAMPLES = st.lists(st.integers(-32768, 32767), max_size=200)


def _pcm(samples: list[int]) -> bytes:
    return b"".join(s.to_bytes(2, "little", signed=True) for s in samples)


def _samples(data: bytes) -> list[int]:
    return [int.from_bytes(data[i : i + 2], "little", signed=True) for i in range(0, len(data), 2)]


@given(SAMPLES, st.floats(0, 1))
def test_scaling_never_gets_louder(samples: list[int], gain: float) -> None:
    """A gain of at most one cannot clip or wrap."""
    scaled = _samples(pcm.scaled(_pcm(samples), gain))
    assert len(scaled) == len(samples)
    assert all(abs(a) <= abs(b) + 1 for a, b in zip(scaled, samples, strict=True))


@given(SAMPLES)
def test_full_gain_changes_nothing(samples: list[int]) -> None:
    """Volume 100 is bit-exact."""
    assert _samples(pcm.scaled(_pcm(samples), 1.0)) == samples
    assert _samples(pcm.ramped(_pcm(samples), 1.0, 1.0)) == samples


@given(SAMPLES, st.floats(0, 1), st.floats(0, 1))
def test_a_ramp_stays_between_silence_and_the_sound(samples: list[int], start: float, end: float) -> None:
    """A fade has the length of its sound and never exceeds it."""
    ramped = _samples(pcm.ramped(_pcm(samples), start, end))
    assert len(ramped) == len(samples)
    assert all(abs(a) <= abs(b) for a, b in zip(ramped, samples, strict=True))


@given(st.integers(0, 10**9), st.sampled_from([8000, 16000, 24000, 44100, 48000]))
def test_time_and_frames_agree(frames: int, rate: int) -> None:
    """A span is the frames' length to the nanosecond, rounded down."""
    span = span_of(frames, Hz(rate))
    assert 0 <= frames * SECOND - span * rate < rate
    assert frames_in(Ms(40), MODEL_RATE) == 960


def test_a_ledger_survives_its_process(tmp_path: Path) -> None:
    """What was written is there for the next one that opens the file, without any close or flush."""
    first = Ledger(tmp_path / "x.ledger", ("epoch", "position"))
    first["position"] = 2**63 + 1
    second = Ledger(tmp_path / "x.ledger", ("epoch", "position"))
    assert (second["epoch"], second["position"]) == (0, 2**63 + 1)


def test_a_ledger_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    """A missing directory is one sentence, not a traceback."""
    with pytest.raises(RuntimeDirError, match=r"Cannot keep the ledger .*No such file"):
        Ledger(tmp_path / "none" / "x.ledger", ("epoch",))
