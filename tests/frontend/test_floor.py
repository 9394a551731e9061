"""A floor is where a sound falls to between words; it goes down at once, and up slowly."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived_workers.frontend.floor import Floor


def follow(floor: Floor, powers: list[float]) -> float:
    """Through so many blocks of 10 ms."""
    for power in powers:
        floor.take(power)
    return floor.power


@given(st.integers(1, 20), st.lists(st.floats(1, 1e9), max_size=100))
def test_nothing_is_below_it_for_long(blocks: int, powers: list[float]) -> None:
    """Whatever comes: it is no more than the mean of any whole piece, with what it may have risen since."""
    found = follow(Floor(blocks, inf), powers)
    pieces = [sum(powers[n : n + blocks]) / blocks for n in range(0, len(powers) // blocks * blocks, blocks)]
    bounds = [piece * 1.002 ** (blocks * (len(pieces) - 1 - n)) for n, piece in enumerate(pieces)]
    assert found == pytest.approx(min(bounds, default=inf))


def test_words_do_not_raise_it() -> None:
    """A second at 30 dB more, a pause of 100 ms: less than 1 dB above the room."""
    word = [1000.0 * 1000] * 100 + [1000.0] * 10
    assert 1000 <= follow(Floor(10, inf), word * 5) < 1260


def test_a_room_that_gets_louder_is_followed() -> None:
    """By 3 dB in 3.5 s."""
    assert follow(Floor(10, inf), [1000.0] * 10 + [1e6] * 350) == pytest.approx(2000, rel=0.02)


def test_silence_has_a_floor() -> None:
    """One step of 16 bits, so that it can rise again."""
    assert follow(Floor(1, 100.0), [0.0]) == 1.0
