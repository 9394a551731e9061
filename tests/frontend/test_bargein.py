"""Barge-in by ear: quieter when suspected, cut when sure, loud again after a cough; never without a reply."""

from itertools import groupby, product
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from lived.config.options import Bargein as Options
from lived.units import MILLISECOND, NO_TURN, Ns, Turn
from lived_workers.frontend.bargein import DIP, TABLE, Action, Bargein, Cut, Duck, Input, State

TEN = Ns(10 * MILLISECOND)
OPTIONS = Options(suspect_ms=60, sure_ms=180, restore_ms=400)
RESTORE = Ns(400 * MILLISECOND)


class Step(NamedTuple):
    """One block of 10 ms."""

    sounding: bool
    turn: Turn = Turn(3)
    trusted: bool = True


SPEECH, QUIET = Step(True), Step(False)
STEPS = st.lists(
    st.tuples(
        st.builds(Step, st.booleans(), st.sampled_from([NO_TURN, Turn(3), Turn(4)]), st.booleans()), st.integers(1, 40)
    ).map(lambda run: [run[0]] * run[1]),
    max_size=12,
).map(lambda runs: [step for run in runs for step in run])


def ordered(steps: list[Step], options: Options = OPTIONS) -> list[tuple[int, Duck | Cut]]:
    """With the number of the block after which each was ordered."""
    bargein = Bargein(options)
    found = [
        (n, bargein.take(sounding=s.sounding, turn=s.turn, trusted=s.trusted, span=TEN, now=Ns((n + 1) * TEN)))
        for n, s in enumerate(steps)
    ]
    return [(n, order) for n, order in found if order is not None]


def test_the_table_is_whole() -> None:
    """Every state has a row for every input; without a reply nothing is ever done; a duck never follows a cut."""
    assert set(TABLE) == set(product(State, Input))
    assert all(TABLE[state, Input.NO_REPLY] == (State.APART, Action.NOTHING) for state in State)
    assert TABLE[State.CUT, Input.SUSPECT] == (State.CUT, Action.NOTHING)


def test_duck_then_cut() -> None:
    """Quieter after 60 ms of speech, cut after 180 ms, for the turn that is heard; then nothing for a while."""
    assert ordered([QUIET] * 10 + [SPEECH] * 20) == [(15, Duck(Ns(16 * TEN + RESTORE))), (27, Cut(Turn(3)))]


def test_a_cough_is_restored() -> None:
    """150 ms: quieter, until 400 ms after; no cut."""
    assert ordered([SPEECH] * 15 + [QUIET] * 100) == [(5, Duck(Ns(6 * TEN + RESTORE)))]


def test_coughs_do_not_add_up() -> None:
    """Two with a pause between them are two."""
    assert not any(isinstance(order, Cut) for _, order in ordered(([SPEECH] * 15 + [QUIET] * 10) * 20))


def test_a_pause_between_syllables_does_not_begin_anew() -> None:
    """90 ms: what was heard before it counts."""
    assert (26, Cut(Turn(3))) in ordered([SPEECH] * 10 + [QUIET] * 9 + [SPEECH] * 8)


def test_speech_before_the_reply_does_not_count() -> None:
    """Who was still speaking when the reply began has 180 ms to fall silent."""
    assert ordered([Step(True, NO_TURN)] * 100 + [SPEECH] * 5 + [QUIET] * 50) == []


def test_a_lost_cut_is_repeated() -> None:
    """The reply is still heard and still spoken over: once more, every 180 ms."""
    assert [n for n, order in ordered([SPEECH] * 60) if isinstance(order, Cut)] == [17, 35, 53]


def test_a_long_suspicion_is_one_duck_after_the_other() -> None:
    """Repeated before it ends, and not with each block."""
    slow = Options(suspect_ms=60, sure_ms=3000, restore_ms=400)
    ducks = [(n, order.until) for n, order in ordered([SPEECH] * 200, slow) if isinstance(order, Duck)]
    assert [n for n, _ in ducks] == list(range(5, 200, 20))


class Echo:
    """The reply passes the canceller for so many blocks; who asks is counted."""

    def __init__(self, until: int) -> None:
        self.until, self.block, self.asked = until, 0, list[int]()

    def __call__(self) -> bool:
        self.asked.append(self.block)
        return self.block < self.until


def heard_over(echo: Echo, blocks: int) -> list[tuple[int, Duck | Cut]]:
    """All of them sounding, over turn 3."""
    bargein, found = Bargein(OPTIONS, echo), []
    for echo.block in range(blocks):
        now = Ns((echo.block + 1) * TEN)
        order = bargein.take(sounding=True, turn=Turn(3), trusted=True, span=TEN, now=now)
        found += [(echo.block, order)] if order else []
    return found


def test_what_is_the_reply_after_all_is_made_quieter_and_not_cut() -> None:
    """Three seconds of it: ducks, one after the other, and no cut; looked at only before a cut, and every 50 ms."""
    echo = Echo(until=300)
    assert {type(order) for _, order in heard_over(echo, 300)} == {Duck}
    assert echo.asked == list(range(17, 300, 5))


def test_a_user_who_speaks_into_the_echo_cuts() -> None:
    """At the latest 50 ms after the echo is gone."""
    for until in range(20, 40):
        cuts = [n for n, order in heard_over(Echo(until), 60) if isinstance(order, Cut)]
        assert until <= cuts[0] < until + 5


def test_off_and_not_trusted() -> None:
    """Switched off, or while the echo is not cancelled, the ear decides nothing."""
    assert ordered([SPEECH] * 100, Options(on=False)) == []
    assert ordered([Step(True, trusted=False)] * 100) == []


@given(STEPS)
def test_only_a_reply_that_is_heard_is_cut(steps: list[Step]) -> None:
    """Whatever is heard: a cut names the turn of its block, the ear was trusted, 180 ms of speech lay in that turn."""
    for n, order in ordered(steps):
        assert steps[n].sounding
        assert steps[n].trusted
        assert steps[n].turn != NO_TURN
        if isinstance(order, Cut):
            assert order.turn == steps[n].turn
            assert sum(step.sounding and step.turn == order.turn for step in steps[: n + 1]) >= 18


@given(STEPS)
def test_ducks_end(steps: list[Step]) -> None:
    """Every duck is over at most 400 ms after the last suspicion."""
    for n, order in ordered(steps):
        if isinstance(order, Duck):
            assert order.until == (n + 1) * TEN + RESTORE


@given(st.lists(st.tuples(st.integers(1, 17), st.integers(DIP // TEN, 60)), max_size=10))
def test_no_number_of_coughs_cuts(coughs: list[tuple[int, int]]) -> None:
    """Each shorter than 180 ms, with 100 ms or more between them."""
    steps = [step for cough, pause in coughs for step in [SPEECH] * cough + [QUIET] * pause]
    assert not any(isinstance(order, Cut) for _, order in ordered(steps))


@given(STEPS)
def test_speech_over_a_reply_is_always_cut(steps: list[Step]) -> None:
    """180 ms in a run over one reply: cut by then, whatever was before."""
    cuts = {n for n, order in ordered(steps) if isinstance(order, Cut)}
    begin = 0
    for step, run in groupby(steps):
        length = len(list(run))
        if step.sounding and step.trusted and step.turn and length >= 18:
            assert cuts & set(range(begin, begin + 18))
        begin += length
