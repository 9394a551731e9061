"""A reply is known by its waveform, whatever its delay, room and loudness; a stranger and noise are not it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontend.recordings import RATE, pcm, samples
from lived_workers.frontend.likeness import is_reply, peak
from lived_workers.frontend.memory import Memory

LATEST = 0.38
"""Seconds; 400 ms is the end."""


REPLY, USER = samples("human_f_0870"), samples("human_f_0890")
ROOM = np.random.default_rng(4).normal(0, 0.2, 400) * np.exp(-np.arange(400) / 100)
ROOM[0] = 1
ECHO_OF_REPLY = np.convolve(REPLY, ROOM)[: len(REPLY)]


def memory(far: np.ndarray, left: np.ndarray, end_s: float = 2.0) -> Memory:
    """Of all that was heard until then."""
    found = Memory()
    for n in range(0, round(end_s * RATE), 160):
        found.take(bytes(320), pcm(far[n : n + 160]), pcm(left[n : n + 160]))
    return found


def delayed(sound: np.ndarray, seconds: float) -> np.ndarray:
    """So much later."""
    late = round(seconds * RATE)
    return np.concatenate([np.zeros(late), sound])[: len(sound)]


@settings(max_examples=20)
@given(st.floats(0, LATEST), st.floats(0.01, 1), st.floats(0.8, 2.2))
def test_a_reply_is_known_at_any_delay_and_loudness(delay_s: float, gain: float, end_s: float) -> None:
    """Through a little room, down to -40 dB, at any moment of the words."""
    assert is_reply(memory(REPLY, gain * delayed(ECHO_OF_REPLY, delay_s), end_s + delay_s))


@settings(max_examples=20)
@given(st.floats(1, 4))
def test_noise_is_never_it(end_s: float) -> None:
    """Nor is a reply that was never recorded in this room."""
    assert not is_reply(memory(REPLY, np.random.default_rng(1).normal(0, 500, len(REPLY)), end_s))


def test_another_voice_is_not_it() -> None:
    """The same reader says something else, looked at every 50 ms for four seconds: mistaken in none of 65."""
    found, mistaken = Memory(), 0
    for n in range(0, 4 * RATE, 160):
        found.take(bytes(320), pcm(REPLY[n : n + 160]), pcm(USER[n : n + 160]))
        mistaken += n % 800 == 0 and is_reply(found)
    assert mistaken == 0


def test_a_louder_user_hides_it() -> None:
    """The echo 20 dB below the user: the user counts."""
    assert not is_reply(memory(REPLY, USER + 0.1 * delayed(REPLY, 0.06)[: len(USER)]))


@pytest.mark.parametrize(("far", "left"), [(0, 0), (1, 0), (0, 1)])
def test_silence_is_not_it(far: int, left: int) -> None:
    """Nothing is played, or nothing is left, or neither."""
    assert peak(memory(far * REPLY, left * REPLY)) == 0


def test_too_little_was_heard() -> None:
    """Until 780 ms are there, and again with another microphone, nothing is said."""
    assert peak(memory(REPLY, REPLY, 0.77)) == 0
    found = memory(REPLY, REPLY)
    assert is_reply(found)
    found.reset()
    assert peak(found) == 0
