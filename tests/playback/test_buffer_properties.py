"""The jitter buffer, whatever the order of sound, ends, cuts and reads."""

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.jitter import Rig
from lived.units import Turn
from lived_workers.playback.fade import FADE
from lived_workers.playback.turns import Played, Silenced, Starved

Puts = st.tuples(st.just("put"), st.integers(0, 1), st.integers(1, 2_000))
Reads = st.tuples(st.just("read"), st.sampled_from([120, 240, 480, 960]), st.just(0))
Totals = st.tuples(st.just("total"), st.just(0), st.just(0))
Cuts = st.tuples(st.just("cut"), st.integers(-2, 1), st.just(0))


def play(rig: Rig, steps: list[tuple[str, int, int]]) -> tuple[dict[int, int], int]:
    """Do the steps; the answer is how many frames each turn was given, and the highest cut."""
    turn, cut = 1, 0
    given_to: dict[int, int] = defaultdict(int)
    for what, amount, frames in steps:
        if what == "put":
            turn += amount
            rig.put(turn, frames)
            given_to[turn] += frames
        elif what == "total" and turn in given_to:
            rig.buffer.total(Turn(turn), given_to[turn])
        elif what == "cut":
            cut = max(cut, turn + amount)
            rig.buffer.cut(Turn(max(0, turn + amount)))
        elif what == "read":
            before = rig.heard.copy()
            rig.read(amount)
            assert all(rig.heard[t] - before.get(t, 0) <= FADE for t in rig.heard if t <= cut)
    for each, frames in given_to.items():
        rig.buffer.total(Turn(each), frames)
    rig.read_until_idle()
    return given_to, cut


@given(st.lists(st.one_of(Puts, Reads, Totals), max_size=60), st.sampled_from([0, 20, 120]))
@settings(deadline=None, max_examples=150)
def test_every_frame_is_heard_once_in_order(steps: list[tuple[str, int, int]], prebuffer: int) -> None:
    """Whatever the order of sound, ends and reads: all of it is heard, changed only by fades where it ran dry."""
    rig = Rig(prebuffer_ms=prebuffer)

    given_to, _ = play(rig, steps)

    assert {t: n for t, n in rig.heard.items() if n} == given_to
    begun_again = len(rig.of(Played)) - len(given_to)  # an end announced too early: fades in once more
    assert rig.altered <= FADE * (2 * len(rig.of(Starved)) + begun_again)


@given(st.lists(st.one_of(Puts, Puts, Reads, Totals, Cuts), max_size=60), st.sampled_from([0, 20, 120]))
@settings(deadline=None, max_examples=150)
def test_nothing_of_a_cut_turn_is_heard(steps: list[tuple[str, int, int]], prebuffer: int) -> None:
    """After a cut only its fade; what was not cut is heard whole; every turn and every cut is reported once."""
    rig = Rig(prebuffer_ms=prebuffer)

    given_to, cut = play(rig, steps)

    for turn, frames in given_to.items():
        if turn > cut:
            assert rig.heard[turn] == frames
    silenced = [n.turn for n in rig.notices if isinstance(n, Silenced)]
    assert silenced == sorted(set(silenced))
    assert (silenced[-1] if silenced else 0) == max(cut, 0)
    assert rig.buffer.waiting == 0
