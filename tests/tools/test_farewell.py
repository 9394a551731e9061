"""Hanging up: after the farewell was heard, not before, and in any case in the end."""

from hypothesis import given
from hypothesis import strategies as st

from lived.units import SECOND, Ns, Turn
from lived_workers.tools.farewell import PATIENCE, Farewell, State

T = Ns(1_000 * SECOND)


def later(seconds: float) -> Ns:
    """So long after T."""
    return Ns(T + int(seconds * SECOND))


def test_the_farewell_is_heard_first() -> None:
    """Answer, goodbye, played, hang up."""
    farewell = Farewell()
    farewell.asked(T)
    farewell.began(Turn(8), later(1))
    farewell.complete(48_000, later(1.2))
    assert not farewell.over(later(4))
    farewell.played(Turn(7), later(4))  # an older one, late
    assert not farewell.over(later(4))
    farewell.played(Turn(8), later(5))
    assert farewell.over(later(5))


def test_a_farewell_that_was_said_before_the_call_is_heard_too() -> None:
    """The turn that was being played ends it, after a moment in which another may begin."""
    farewell = Farewell()
    farewell.asked(T)
    farewell.played(Turn(7), later(2))
    assert not farewell.over(later(4))
    farewell.began(Turn(8), later(4))
    assert not farewell.over(later(8))
    farewell.played(Turn(8), later(9))
    assert farewell.over(later(9))


def test_a_model_that_says_nothing_is_not_waited_for() -> None:
    """An empty turn hangs up at once; silence after a while."""
    farewell = Farewell()
    farewell.asked(T)
    farewell.complete(0, later(1))
    assert farewell.over(later(1))
    silent = Farewell()
    silent.asked(T)
    assert not silent.over(later(9.9))
    assert silent.over(later(10))


def test_nothing_is_hung_up_that_nobody_asked_for() -> None:
    """Turns come and go."""
    farewell = Farewell()
    farewell.began(Turn(1), T)
    farewell.played(Turn(1), T)
    farewell.complete(0, T)
    assert not farewell.over(later(1_000))


def test_a_conversation_that_has_ended_is_not_ended_again() -> None:
    """The next one must not be cut off."""
    farewell = Farewell()
    farewell.asked(T)
    farewell.hung_up(later(1))
    assert farewell.state is State.OFF
    assert not farewell.over(later(100))


@given(st.lists(st.tuples(st.sampled_from(["began", "played", "complete"]), st.integers(0, 5), st.floats(0, 60))))
def test_it_always_ends(happenings: list[tuple[str, int, float]]) -> None:
    """Whatever comes in whatever order, no patience is longer than all of them together."""
    farewell, now = Farewell(), T
    farewell.asked(now)
    for name, number, wait in happenings:
        now = Ns(now + int(wait * SECOND))
        farewell.over(now)
        getattr(farewell, name)(Turn(number), now)
    assert farewell.over(Ns(now + sum(PATIENCE.values())))
