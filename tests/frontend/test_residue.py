"""What a canceller leaves of a reply is known by its level: the end of the reverberation, what is nearly nothing."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lived_workers.frontend.memory import Memory
from lived_workers.frontend.residue import is_noise, is_remnant, is_tail

RNG = np.random.default_rng(3)
NOISE = RNG.normal(0, 1, 32_000)


def level(db: np.ndarray | float, blocks: int) -> np.ndarray:
    """Noise of so many dB over one step."""
    steps = np.repeat(10 ** (np.broadcast_to(db, blocks) / 20), 160)
    return np.asarray(NOISE[: len(steps)] * steps)


def memory(near: np.ndarray, far: np.ndarray, left: np.ndarray) -> Memory:
    """Of these."""
    found = Memory()
    for n in range(0, len(near), 160):
        found.take(*(np.rint(sound[n : n + 160]).astype(np.int16).tobytes() for sound in (near, far, left)))
    return found


def pause(near: np.ndarray) -> Memory:
    """Blocks of the microphone, the last 30 of which nothing was played in."""
    return memory(
        level(near, len(near)),
        level(np.r_[np.full(len(near) - 30, 68.0), np.zeros(30)], len(near)),
        NOISE[: len(near) * 160] * 100,
    )


@settings(max_examples=30)
@given(st.floats(0.25, 0.6), st.floats(58, 75))
def test_what_dies_away_is_the_room(rt60_s: float, loud: float) -> None:
    """Once it has fallen by 12 dB: at 60 dB in ``rt60_s``."""
    fallen = loud - 0.6 / rt60_s * np.arange(30)
    assert is_tail(pause(np.r_[np.full(50, loud), fallen]))


@settings(max_examples=30)
@given(st.floats(0.25, 0.6), st.floats(58, 75), st.integers(6, 20))
def test_whoever_begins_in_it_is_no_tail(rt60_s: float, loud: float, blocks: int) -> None:
    """20 dB above what the room has left then, its own noise at 30 dB included: somebody speaks."""
    fallen = np.maximum(loud - 0.6 / rt60_s * np.arange(30), 30.0)
    fallen[-blocks:] = fallen[-blocks] + 20
    assert not is_tail(pause(np.r_[np.full(50, loud), fallen]))


def test_a_user_who_goes_on_is_no_tail() -> None:
    """As loud as before: nothing has fallen."""
    assert not is_tail(pause(np.full(80, 65.0)))


def test_while_something_is_played_there_is_no_tail() -> None:
    """Nor where nothing was for a while."""
    near = level(np.r_[np.full(50, 68.0), np.linspace(68, 40, 30)], 80)
    assert not is_tail(memory(near, level(68.0, 80), near))
    assert not is_tail(memory(near, 0 * near, near))


@given(st.floats(20, 40))
def test_nearly_all_was_taken_out(taken: float) -> None:
    """14 dB and more over the last 200 ms: whatever it sounds like, it was echo."""
    near = level(70.0, 80)
    assert is_remnant(memory(near, near, level(70.0 - taken, 80)), 40.0)


@given(st.floats(0, 12))
def test_a_user_is_more_than_a_remnant(quieter: float) -> None:
    """Down to 12 dB below the echo."""
    near = level(70.0, 80)
    assert not is_remnant(memory(near, near, level(70.0 - quieter, 80)), 40.0)


@given(st.floats(1.2, 20))
def test_a_filter_that_adds_has_lost_the_echo(louder: float) -> None:
    """Nobody's voice is louder alone than with everything else."""
    near = level(60.0, 80)
    assert is_remnant(memory(near, near, level(60.0 + louder, 80)), 40.0)


@given(st.floats(0, 16), st.floats(0, 16))
def test_where_noise_hides_the_rest_less_is_taken_out(usual: float, taken: float) -> None:
    """As much as of replies alone, but for 3 dB; never less than 5, which a user as loud as the echo is not."""
    near, least = level(70.0, 80), min(14.0, max(5.0, usual - 3.0))
    if abs(taken - least) > 0.2:
        assert is_remnant(memory(near, near, level(70.0 - taken, 80)), usual) == (taken > least)


@given(st.floats(30, 60), st.floats(-20, 20))
def test_noise_is_nobody(noise: float, louder: float) -> None:
    """What is left is no louder than the room, 3 dB included, whatever was taken out."""
    left = level(noise + louder, 80)
    if abs(louder - 3) > 0.2:
        assert is_noise(memory(left, left, left), noise) == (louder < 3)


def test_silence_is_neither() -> None:
    """Nothing was heard yet."""
    assert not is_tail(Memory())
    assert not is_remnant(Memory(), 0.0)
