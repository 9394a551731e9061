"""A reply is known by its waveform, whatever its delay, room and loudness; a stranger and noise are not it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontend.recordings import RATE, recording
from lived_workers.frontend.likeness import ECHO, Likeness

LATEST = 0.38
"""Seconds; 400 ms is the end."""


def samples(name: str) -> np.ndarray:
    """Of a recording."""
    return np.asarray(np.frombuffer(recording(name), np.int16), float)


REPLY, USER = samples("human_f_0870"), samples("human_f_0890")
ROOM = np.random.default_rng(4).normal(0, 0.2, 400) * np.exp(-np.arange(400) / 100)
ROOM[0] = 1
ECHO_OF_REPLY = np.convolve(REPLY, ROOM)[: len(REPLY)]


def likeness(far: np.ndarray, left: np.ndarray, end_s: float = 2.0) -> Likeness:
    """Of all that was heard until then."""
    found = Likeness()
    for n in range(0, round(end_s * RATE), 160):
        found.take(pcm(far[n : n + 160]), pcm(left[n : n + 160]))
    return found


def pcm(block: np.ndarray) -> bytes:
    """16 bits."""
    return bytes(np.clip(np.rint(block), -32_768, 32_767).astype(np.int16))


def delayed(sound: np.ndarray, seconds: float) -> np.ndarray:
    """So much later."""
    late = round(seconds * RATE)
    return np.concatenate([np.zeros(late), sound])[: len(sound)]


@settings(max_examples=20)
@given(st.floats(0, LATEST), st.floats(0.01, 1), st.floats(0.8, 2.2))
def test_a_reply_is_known_at_any_delay_and_loudness(delay_s: float, gain: float, end_s: float) -> None:
    """Through a little room, down to -40 dB, at any moment of the words."""
    assert likeness(REPLY, gain * delayed(ECHO_OF_REPLY, delay_s), end_s + delay_s).echo


@settings(max_examples=20)
@given(st.floats(1, 4))
def test_noise_is_never_it(end_s: float) -> None:
    """Nor is a reply that was never recorded in this room."""
    assert not likeness(REPLY, np.random.default_rng(1).normal(0, 500, len(REPLY)), end_s).echo


def test_another_voice_is_not_it() -> None:
    """The same reader says something else, looked at every 50 ms for four seconds: mistaken in none of 65."""
    found, mistaken = Likeness(), 0
    for n in range(0, 4 * RATE, 160):
        found.take(pcm(REPLY[n : n + 160]), pcm(USER[n : n + 160]))
        mistaken += n % 800 == 0 and found.echo
    assert mistaken == 0


def test_a_louder_user_hides_it() -> None:
    """The echo 20 dB below the user: the user counts."""
    assert not likeness(REPLY, USER + 0.1 * delayed(REPLY, 0.06)[: len(USER)]).echo


@pytest.mark.parametrize(("far", "left"), [(0, 0), (1, 0), (0, 1)])
def test_silence_is_not_it(far: int, left: int) -> None:
    """Nothing is played, or nothing is left, or neither."""
    assert likeness(far * REPLY, left * REPLY).peak == 0


def test_too_little_was_heard() -> None:
    """Until 780 ms are there, and again with another microphone, nothing is said."""
    assert likeness(REPLY, REPLY, 0.77).peak == 0
    found = likeness(REPLY, REPLY)
    assert found.peak > ECHO
    found.reset()
    assert found.peak == 0
