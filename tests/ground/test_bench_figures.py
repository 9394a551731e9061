"""The ruler of the bench: what it says about recordings made to order."""

import numpy as np
import pytest
from bench.figures import Lost, Samples, last_audible, lost, pause_after, percentile, pieces, source_of
from bench.judge import HOLE, SPEAKER_RATE, begins
from hypothesis import given
from hypothesis import strategies as st

SOURCE: Samples = np.random.default_rng(7).integers(-3000, 3001, 8_000).astype(np.int16)


def test_a_perfect_copy_is_one_piece() -> None:
    """A stretch of the source is found where it is, whole, with nothing lost."""
    (piece,) = found = pieces(SOURCE[1000:5000], SOURCE)
    assert piece == (0, 1000, 4000)
    assert lost(found, 4000) == Lost(0, 0)


@given(at=st.integers(500, 3000), gone=st.integers(1, 2000))
def test_a_hole_is_counted_to_the_frame(at: int, gone: int) -> None:
    """Frames that are missing in the middle are counted, however many."""
    copy = np.concatenate([SOURCE[:at], SOURCE[at + gone :]])
    assert lost(pieces(copy, SOURCE), len(copy)) == Lost(gone, 0)


@given(at=st.integers(1500, 5000), twice=st.integers(100, 1400))
def test_a_repetition_is_counted_to_the_frame(at: int, twice: int) -> None:
    """Frames that are there twice are counted."""
    copy = np.concatenate([SOURCE[:at], SOURCE[at - twice :]])
    assert lost(pieces(copy, SOURCE), len(copy)) == Lost(0, twice)


@given(at=st.integers(500, 7000), silence=st.integers(64, 3000))
def test_silence_put_in_between_is_too_much_not_a_loss(at: int, silence: int) -> None:
    """An underrun plays zeros: nothing of the source is missing, and the zeros count as extra."""
    copy = np.concatenate([SOURCE[:at], np.zeros(silence, dtype=np.int16), SOURCE[at:]])
    assert lost(pieces(copy, SOURCE), len(copy)) == Lost(0, silence)


def test_digital_silence_is_nowhere() -> None:
    """Zeros look alike everywhere, so they are matched with nothing."""
    assert pieces(np.zeros(5000, dtype=np.int16), np.zeros(5000, dtype=np.int16)) == []


def test_places_are_told_through_a_hole() -> None:
    """Behind a hole, a sample of the copy still knows its place in the source."""
    copy = np.concatenate([SOURCE[100:1000], SOURCE[1500:3000]])
    parts = pieces(copy, SOURCE)
    assert source_of(parts, 0) == 100
    assert source_of(parts, 900) == 1500
    assert source_of(parts, 2400) is None


@pytest.mark.parametrize(("hole", "silent_at"), [(100, 900), (600, 300)])
def test_a_pause_counts_only_when_it_is_long_enough(hole: int, silent_at: int) -> None:
    """Sound with a hole goes silent at its end, unless the hole is as long as the pause asked for."""
    sound = np.zeros(3000, dtype=np.int16)
    sound[:900] = 1000
    sound[300 : 300 + hole] = 0
    assert pause_after(sound, 50, 500) == silent_at


def test_no_pause_is_none() -> None:
    """Sound up to the last sample never goes silent; silence is silent at once."""
    assert pause_after(np.full(1000, 500, dtype=np.int16), 10, 100) is None
    assert pause_after(np.zeros(1000, dtype=np.int16), 10, 100) == 10
    assert last_audible(np.zeros(10, dtype=np.int16)) is None


def test_a_percentile_of_nothing_is_zero() -> None:
    """No values, no crash."""
    assert percentile([], 99) == 0.0
    assert percentile([1.0, 2.0, 3.0], 50) == 2.0


def test_sound_that_goes_on_begins_behind_the_last_hole() -> None:
    """A first piece that is played too early is followed by silence: what counts is the sound that stays."""
    sound = np.full(2_400, 1_000, dtype=np.int16)
    hole = np.zeros(HOLE + 1, dtype=np.int16)
    pause = np.zeros(HOLE // 2, dtype=np.int16)
    assert begins(np.concatenate([hole, sound, pause, sound])) == [len(hole)]
    assert begins(np.concatenate([sound, hole, sound])) == [0, len(sound) + len(hole)]
    late = np.full(SPEAKER_RATE + 1, 1_000, dtype=np.int16)
    assert begins(np.concatenate([late, hole, sound])) == [0]
    assert begins(hole) == []
