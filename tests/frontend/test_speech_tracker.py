"""Speech begins and ends as its table says, and with the times of the sound, not of the decision."""

from itertools import pairwise, product

from hypothesis import given
from hypothesis import strategies as st

from lived.config.options import Speech
from lived.units import MILLISECOND, Ns
from lived_workers.frontend.speech import TABLE, Change, Input, SpeechTracker, State

TEN = Ns(10 * MILLISECOND)
OPTIONS = Speech(start_percent=50, stop_percent=35, start_ms=90, stop_ms=500)
PROBABILITIES = st.lists(st.sampled_from([0.0, 0.4, 0.5, 1.0]), max_size=200)


def changes(probabilities: list[float], tracker: SpeechTracker | None = None) -> list[tuple[int, Change]]:
    """With the number of the block after which each was told."""
    tracker = tracker or SpeechTracker(OPTIONS)
    told = [(n, tracker.take(p, Ns(n * TEN), TEN)) for n, p in enumerate(probabilities)]
    return [(n, change) for n, change in told if change is not None]


def test_the_table_is_whole() -> None:
    """Every state has a row for every input."""
    assert set(TABLE) == set(product(State, Input))


def test_begin_and_end() -> None:
    """Begun after 90 ms, ended after 500 ms of nothing; the times are those of the first frames."""
    found = changes([0.0] * 5 + [1.0] * 30 + [0.0] * 60)
    assert found == [(13, Change(True, Ns(5 * TEN))), (84, Change(False, Ns(35 * TEN)))]


def test_a_click_is_no_speech() -> None:
    """80 ms, again and again, begin nothing."""
    assert changes(([1.0] * 8 + [0.0] * 3) * 10) == []


def test_a_pause_is_no_end() -> None:
    """490 ms between two words, and what is neither likely nor unlikely, end nothing."""
    assert len(changes([1.0] * 20 + [0.0] * 49 + [1.0] * 20 + [0.4] * 200)) == 1


def test_missing_sound_ends_it_there() -> None:
    """Muted in the middle of a word, or of a pause: the end is where speech was last heard. Then all begins anew."""
    tracker = SpeechTracker(OPTIONS)
    changes([1.0] * 20, tracker)
    assert tracker.gap() == Change(False, Ns(20 * TEN))
    assert tracker.gap() is None
    assert changes([1.0] * 20 + [0.0] * 10, tracker) == [(8, Change(True, Ns(0)))]
    assert tracker.gap() == Change(False, Ns(20 * TEN))


@given(PROBABILITIES)
def test_begins_and_ends_take_turns(probabilities: list[float]) -> None:
    """In any sound: begin, end, begin, in the order of their times, never before they happened."""
    found = changes(probabilities)
    assert [change.on for _, change in found] == [n % 2 == 0 for n in range(len(found))]
    assert all(one.time < other.time for (_, one), (_, other) in pairwise(found))
    assert all(change.time <= n * TEN for n, change in found)


@given(PROBABILITIES)
def test_short_sounds_never_begin_speech(probabilities: list[float]) -> None:
    """Where no run of sound that is not unlikely is 90 ms long, nothing begins."""
    short = [0.0 if n % 9 == 0 else p for n, p in enumerate(probabilities)]
    assert changes(short) == []
