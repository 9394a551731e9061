"""When a connection is replaced before the server ends it."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from lived.units import MILLISECOND, SECOND, Ns
from lived_workers.gateway.rotation import HANDLE_PATIENCE, MARGIN, QUIET_FOR, TABLE, Input, Moment, Rotation, State

AFTER = Ns(540 * SECOND)
TICK = Ns(100 * MILLISECOND)
QUIET, NOISY, CALLED = Moment(True, 0), Moment(False, 0), Moment(True, 1)


class Watch:
    """A rotation on a clock that only moves here."""

    def __init__(self) -> None:
        self.now = Ns(1_000 * SECOND)
        self.rotation = Rotation(AFTER)
        self.rotation.opened(self.now)

    def run(self, moment: Moment, span: int) -> tuple[str, Ns]:
        """Ask every 100 ms; the first cause that is given, and how long that took."""
        began = self.now
        while self.now - began < span:
            self.now = Ns(self.now + TICK)
            cause = self.rotation.due(self.now, moment)
            if cause:
                return cause, Ns(self.now - began)
        return "", Ns(span)


def test_every_step_is_known() -> None:
    """Whatever comes in whatever state, the table says what follows; a swap is only ordered when one is due."""
    missing = set(product(State, Input)) - set(TABLE)
    assert missing == {
        *product((State.NONE, State.YOUNG, State.TOLD), (Input.SWAP,)),
        *product(set(State) - {State.YOUNG}, (Input.AGED,)),
    }


def test_old_enough_and_quiet() -> None:
    """Not before its age; then at the first quiet moment, once."""
    w = Watch()
    assert w.run(QUIET, AFTER - TICK) == ("", AFTER - TICK)
    assert w.run(NOISY, 600 * SECOND)[0] == "", "nobody is cut off for the sake of age"
    assert w.run(QUIET, SECOND) == ("age", QUIET_FOR)
    assert w.run(QUIET, 600 * SECOND)[0] == ""


def test_a_pause_between_sentences_is_not_quiet() -> None:
    """A noise in between starts the pause anew."""
    w = Watch()
    w.run(NOISY, AFTER)
    assert w.run(QUIET, QUIET_FOR - TICK)[0] == ""
    assert w.run(NOISY, TICK)[0] == ""
    assert w.run(QUIET, SECOND) == ("age", QUIET_FOR)


def test_go_away_waits_for_quiet() -> None:
    """Long before the age."""
    w = Watch()
    w.rotation.go_away(w.now, Ns(50 * SECOND))
    assert w.run(NOISY, 20 * SECOND)[0] == ""
    assert w.run(QUIET, SECOND)[0] == "goaway"


def test_go_away_has_a_deadline() -> None:
    """Whoever speaks, by our own clock: the server may be silent from now on."""
    w = Watch()
    w.rotation.go_away(w.now, Ns(50 * SECOND))
    assert w.run(NOISY, 60 * SECOND) == ("goaway", 50 * SECOND - MARGIN)


def test_go_away_at_once() -> None:
    """No time left."""
    w = Watch()
    w.rotation.go_away(w.now, Ns(0))
    assert w.run(Moment(False, 3), SECOND) == ("goaway", TICK)


def test_a_call_is_waited_for_and_the_handle_behind_it() -> None:
    """The session resumed with an older handle would not know of the call."""
    w = Watch()
    w.rotation.called(w.now)
    w.rotation.go_away(w.now, Ns(200 * SECOND))
    assert w.run(CALLED, 60 * SECOND)[0] == ""
    assert w.run(QUIET, 10 * SECOND)[0] == "", "no handle yet"
    w.rotation.handle(w.now, resumable=False)
    assert w.run(QUIET, 5 * SECOND)[0] == ""
    w.rotation.handle(w.now, resumable=True)
    assert w.run(QUIET, SECOND)[0] == "goaway"


def test_a_handle_that_never_comes_is_not_waited_for_for_ever() -> None:
    """Then the older one has to do."""
    w = Watch()
    w.rotation.handle(w.now, resumable=True)
    w.run(NOISY, AFTER)
    w.rotation.called(w.now)
    w.run(CALLED, SECOND)
    assert w.run(QUIET, 60 * SECOND) == ("age", HANDLE_PATIENCE)


def test_a_call_does_not_outlast_the_deadline() -> None:
    """Its answer goes to the next session."""
    w = Watch()
    w.rotation.go_away(w.now, Ns(30 * SECOND))
    assert w.run(CALLED, 60 * SECOND) == ("goaway", 30 * SECOND - MARGIN)


def test_a_wish_is_fulfilled_when_it_is_quiet() -> None:
    """Its cause is told; without a connection there is nothing to wish for."""
    w = Watch()
    w.rotation.wish("settings")
    assert w.run(QUIET, 2 * SECOND)[0] == "settings"
    w.rotation.closed()
    w.rotation.wish("settings")
    assert w.run(QUIET, 2 * SECOND)[0] == ""


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("moment"), st.booleans(), st.integers(0, 2), st.integers(1, 300)),
            st.tuples(st.just("goaway"), st.integers(0, 120)),
            st.tuples(st.just("handle"), st.booleans()),
            st.tuples(st.just("call")),
            st.tuples(st.just("wish")),
        ),
        max_size=30,
    )
)
def test_whatever_happens(story: list[tuple[object, ...]]) -> None:
    """Told at most once for each connection; never while there is noise unless the server leaves; never later than
    its announced end less the margin."""
    w = Watch()
    told, deadline = [], None
    for what, *more in story:
        if what == "moment":
            moment = Moment(bool(more[0]), int(str(more[1])))
            cause, _ = w.run(moment, int(str(more[2])) * SECOND)
            if cause:
                told.append(cause)
                late = deadline is not None and w.now >= deadline
                assert late or (moment.quiet and not moment.calls)
            elif deadline is not None and not told:
                assert w.now < deadline
        elif what == "goaway":
            left = int(str(more[0])) * SECOND
            w.rotation.go_away(w.now, Ns(left))
            deadline = w.now + max(0, left - MARGIN)
        elif what == "handle":
            w.rotation.handle(w.now, bool(more[0]))
        elif what == "call":
            w.rotation.called(w.now)
        else:
            w.rotation.wish("settings")
    assert len(told) <= 1
