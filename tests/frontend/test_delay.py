"""The echo is found to a frame wherever it is, and the reference is moved so that it stays where cancellers want it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontend.recordings import pcm, samples
from lived_workers.frontend.delay import LATEST, LOOK_EVERY, SOONEST, Delay, moved
from lived_workers.frontend.memory import Memory

REPLY, USER = samples("human_f_0870"), samples("human_f_0890")
ROOM = np.random.default_rng(4).normal(0, 0.2, 1600) * np.exp(-np.arange(1600) / 300)
ROOM[0] = 1
ECHO = np.convolve(REPLY, ROOM)[: len(REPLY)]


def looks(near: np.ndarray, far: np.ndarray) -> list[int]:
    """All that was found."""
    memory = Memory()
    delay, found = Delay(memory), []
    for n in range(0, min(len(near), len(far)) // 160 * 160, 160):
        played = pcm(far[n : n + 160])
        memory.take(pcm(near[n : n + 160]), played, bytes(320))
        lag = delay.look(played)
        if lag is not None:
            found.append(lag)
    return found


@settings(max_examples=15, deadline=None)
@given(st.integers(-90 * 16, 490 * 16), st.floats(0.02, 1))
def test_it_is_found_to_the_frame(lag: int, gain: float) -> None:
    """Through a room, 90 ms before its reference to 490 ms behind it, down to -34 dB, also while somebody talks."""
    length = min(len(REPLY), len(USER)) - 8000
    echo = gain * np.concatenate([np.zeros(8000), ECHO])[8000 - lag : 8000 - lag + length]
    found = looks(echo, REPLY[:length])
    assert len(found) >= 3
    assert all(abs(one - lag) <= 1 for one in found)


def test_a_user_who_talks_over_it_hides_it_or_not_but_moves_nothing() -> None:
    """As loud as the echo: it is found now and then, and never anywhere else."""
    length = min(len(REPLY), len(USER)) - 1000
    found = looks(ECHO[:length] + USER[:length], np.concatenate([REPLY[1000:], np.zeros(1000)])[:length])
    assert found
    assert all(abs(one - 1000) <= 1 for one in found)


@pytest.mark.parametrize("near", [USER, np.random.default_rng(1).normal(0, 500, len(REPLY)), 0 * REPLY])
def test_nothing_is_found_where_no_echo_is(near: np.ndarray) -> None:
    """A voice, noise, silence."""
    assert looks(near, REPLY) == []


def test_it_looks_only_while_something_is_played() -> None:
    """And then every half second."""
    memory = Memory()
    delay = Delay(memory)
    tone = pcm(REPLY[16_000:16_160])
    memory.take(tone, tone, tone)
    assert [delay.look(bytes(320)) for _ in range(2 * LOOK_EVERY)] == [None] * (2 * LOOK_EVERY)
    for _ in range(LOOK_EVERY - 1):
        delay.look(tone)
    assert delay._played == LOOK_EVERY - 1
    delay.look(tone)
    assert delay._played == 0


@given(st.integers(-480, 16_000), st.integers(-1_600, 8_000))
def test_the_reference_moves_once(delay: int, lag: int) -> None:
    """Behind a move the echo is where it is left alone; one that was there is left alone; and a reference is earlier
    than the times say only where the echo is, too."""
    after = moved(delay, lag)
    left = delay + lag - after
    assert SOONEST <= left <= LATEST
    assert moved(after, left) == after
    if SOONEST <= lag <= LATEST:
        assert after == delay
    elif delay + lag >= SOONEST:
        assert after >= 0
