"""Restart delays, hangs, the ladder, the table of states."""

from hypothesis import given
from hypothesis import strategies as st

from lived.supervisor.child import Child
from lived.supervisor.member import Limits, Spec
from lived.supervisor.policy import DELAYS_S, HEALTHY, Pulse, Rung, deaths_in_a_row, ladder, restart_delay
from lived.supervisor.process import Process
from lived.supervisor.states import ALIVE, TABLE, Happening, State, after
from lived.units import SECOND, Ns


@given(st.integers(1, 1000))
def test_delays_grow_and_are_bounded(deaths: int) -> None:
    """Never faster than before, never slower than the last."""
    assert restart_delay(deaths) <= restart_delay(deaths + 1) <= DELAYS_S[-1] * SECOND


def test_the_first_restart_is_quick() -> None:
    """A single accident costs a tenth of a second, so that a worker is back within two."""
    assert restart_delay(1) == SECOND // 10


def test_a_healthy_life_forgives() -> None:
    """The back-off falls back after a healthy run."""
    assert deaths_in_a_row(7, HEALTHY) == 1
    assert deaths_in_a_row(7, Ns(HEALTHY - 1)) == 8


def test_progress_keeps_a_worker_alive_and_mere_beats_do_not() -> None:
    """Alive means progresses, not exists."""
    pulse = Pulse(Ns(0), grace=Ns(100), limit=Ns(10))
    assert not pulse.hung(Ns(100))
    assert pulse.hung(Ns(101))
    pulse.beat(1, Ns(200))
    assert not pulse.hung(Ns(210))
    pulse.beat(1, Ns(209))
    assert pulse.hung(Ns(211))
    pulse.beat(2, Ns(211))
    assert not pulse.hung(Ns(221))


def test_a_sleeping_judge_excuses() -> None:
    """After a suspend nobody is killed for the time that passed."""
    pulse = Pulse(Ns(0), grace=Ns(100), limit=Ns(10))
    pulse.beat(1, Ns(0))
    pulse.excuse(Ns(5000))
    assert not pulse.hung(Ns(5010))


def test_the_ladder_asks_then_dumps_then_kills() -> None:
    """No rung is skipped."""
    assert [step.rung for step in ladder(Ns(SECOND))] == [Rung.ASK, Rung.DUMP, Rung.KILL]


def test_the_table_is_closed() -> None:
    """From every state a stop is possible, from every living one a death."""
    for state in State:
        assert (state, Happening.ASKED_TO_STOP) in TABLE
        assert ((state, Happening.DIED) in TABLE) == (state in ALIVE)
        assert ((state, Happening.STARTED) in TABLE) == (state not in ALIVE)
    assert after(State.STOPPING, Happening.DIED) is State.EXITED


def test_what_cannot_be_brought_to_progress_stops_the_watchdog() -> None:
    """A living process without progress counts against the daemon, on its way out too; without a process not."""
    child = Child(Spec("gateway", "none"), lambda _module, _path: Process(0, -1), Limits.of(1, 1, 1))
    child._pulse = Pulse(Ns(0), grace=Ns(10), limit=Ns(10))
    for state in State:
        child.state = state
        assert child.progressing(Ns(20), limit=Ns(20))
        assert child.progressing(Ns(21), limit=Ns(20)) == (state not in ALIVE)
