"""Comparing two recordings: every loss and every double is found, to the frame."""

import random
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lived.cli.demo.align import STRIDE, WINDOW, Break, align


def noise(frames: int, seed: int = 1, above: int = 0) -> bytes:
    """Frames that are each one of their kind, as in a room."""
    values = random.Random(seed).randbytes(frames)  # noqa: S311
    return array("h", (value % 17 - 8 + above for value in values)).tobytes()


SENT = noise(16_000)


def test_the_same_is_one_run() -> None:
    """Nothing is missing between equal recordings."""
    found = align(SENT, SENT)
    assert found.runs == ((0, 0, 16_000),)
    assert (found.breaks, found.lead, found.tail) == ((), 0, 0)


@settings(deadline=None, max_examples=60)
@given(st.integers(WINDOW + STRIDE, 14_000), st.integers(1, 1_000))
def test_a_lost_stretch_is_found_to_the_frame(at: int, frames: int) -> None:
    """Whatever its place and length, a loss is exactly one break of that length."""
    received = SENT[: 2 * at] + SENT[2 * (at + frames) :]
    found = align(SENT, received)
    skipped = sum(gap.skipped for gap in found.breaks)
    assert skipped == frames
    assert sum(gap.again for gap in found.breaks) == 0
    assert found.found == 16_000 - frames


@settings(deadline=None, max_examples=60)
@given(st.integers(WINDOW + STRIDE, 14_000), st.integers(WINDOW + STRIDE, 1_000))
def test_a_doubled_stretch_is_found_to_the_frame(at: int, frames: int) -> None:
    """A stretch that comes twice is counted once more, and nothing is lost."""
    begin = max(0, at - frames)
    received = SENT[: 2 * at] + SENT[2 * begin : 2 * at] + SENT[2 * at :]
    found = align(SENT, received)
    assert sum(gap.again for gap in found.breaks) == at - begin
    assert sum(gap.skipped for gap in found.breaks) == 0


def test_silence_in_between_is_strange_and_nothing_is_lost() -> None:
    """An underrun puts silence between two halves that are both there."""
    received = SENT[:8_000] + bytes(2 * 500) + SENT[8_000:]
    found = align(SENT, received)
    assert sum(gap.skipped for gap in found.breaks) == 0
    assert sum(gap.strange for gap in found.breaks) == 500


def test_a_fade_is_skipped_and_strange_alike() -> None:
    """Altered frames are neither found nor lost: as many skipped as strange."""
    received = SENT[:8_000] + noise(120, seed=2, above=40) + SENT[8_240:]
    assert align(SENT, received).breaks == (Break(120, 120, 0),)


def test_edges() -> None:
    """What is missing before and after is told apart from what is missing in between."""
    found = align(SENT, SENT[2 * 300 : 2 * 15_000])
    assert (found.lead, found.tail, found.breaks) == (300, 1_000, ())
    found = align(SENT, noise(200, seed=3, above=40) + SENT + noise(200, seed=4, above=40))
    assert (found.strange_lead, found.strange_tail) == (200, 200)


def test_nothing_in_common() -> None:
    """Two strangers have no run, and nothing is said to be found."""
    found = align(SENT, noise(2_000, seed=9))
    assert found.runs == ()
    assert (found.tail, found.strange_tail) == (16_000, 2_000)


@pytest.mark.parametrize(("one", "other"), [(b"", b""), (SENT, b""), (b"", SENT), (bytes(2_000), bytes(2_000))])
def test_emptiness_and_silence(one: bytes, other: bytes) -> None:
    """Neither is an error; silence finds nothing."""
    assert align(one, other).found == 0


def test_places() -> None:
    """Each received frame is told where it stood."""
    found = align(SENT, SENT[:8_000] + SENT[8_320:])
    assert found.sent_at(0) == 0
    assert found.sent_at(3_999) == 3_999
    assert found.sent_at(4_000) == 4_160
    assert found.sent_at(15_839) == 15_999
    assert found.sent_at(15_840) is None
