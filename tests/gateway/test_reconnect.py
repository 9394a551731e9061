"""When to connect again, and on which rung of the ladder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived.units import SECOND, Ns
from lived_workers.gateway.closing import Cause, LinkLostError, judge
from lived_workers.gateway.reconnect import (
    LINGERING_TRIES,
    LONGEST_WAIT_S,
    MOST_REFUSALS,
    PROVED,
    RUNG_TRIES,
    Plan,
    Policy,
    Rung,
)

RESUMED, RESEEDED, FORGOTTEN = Rung.RESUMED, Rung.RESEEDED, Rung.FORGOTTEN
NEVER = Ns(0)
SHORT = Ns(5 * SECOND)
ABORTED = "The operation was aborted."


def policy() -> Policy:
    """Without chance: the longest waits."""
    return Policy(lambda: 1.0)


def plan(p: Policy, cause: Cause, code: int = 0, reason: str = "", rung: Rung = FORGOTTEN, lasted: Ns = NEVER) -> Plan:
    """What the policy makes of this end."""
    lost = LinkLostError(cause, code, reason)
    return p.after(lost, judge(lost, "m", "h"), rung, lasted)


def test_waits_grow_to_a_limit_and_start_again_after_a_good_connection() -> None:
    """0.5, 1, 2 … 30 s; ten good seconds forget it."""
    p = policy()
    waits = [plan(p, Cause.HTTP, 503).wait_s for _ in range(8)]
    assert waits == [0.5, 1, 2, 4, 8, 16, LONGEST_WAIT_S, LONGEST_WAIT_S]
    assert plan(p, Cause.CLOSED, 1011, lasted=PROVED).wait_s == 0.5


@pytest.mark.parametrize("rung", Rung)
@pytest.mark.parametrize(
    ("cause", "code", "reason"),
    [
        (Cause.REFUSED, 0, ""),
        (Cause.UNREACHABLE, 0, ""),
        (Cause.NAME, 0, ""),
        (Cause.CLOSED, 1006, ""),
        (Cause.HTTP, 503, ""),
        (Cause.HTTP, 429, ""),
        (Cause.CLOSED, 1011, "You exceeded your current quota"),
    ],
)
def test_who_was_not_heard_keeps_the_rung(rung: Rung, cause: Cause, code: int, reason: str) -> None:
    """For hours, if need be: nobody looked at handle or transcript, so they are as good as before."""
    p = policy()
    assert {(a.dial, a.rung) for a in (plan(p, cause, code, reason, rung) for _ in range(99))} == {(True, rung)}


def test_an_unreachable_network_is_tried_often() -> None:
    """The wait stays short: a person stands there."""
    p = policy()
    assert all(plan(p, Cause.REFUSED, rung=RESUMED).wait_s <= 4 for _ in range(9))
    assert plan(p, Cause.CLOSED, 1011, rung=RESUMED).wait_s == 0.5


@pytest.mark.parametrize(("rung", "below"), [(RESUMED, RESEEDED), (RESEEDED, FORGOTTEN), (FORGOTTEN, RESEEDED)])
@pytest.mark.parametrize(("cause", "code"), [(Cause.CLOSED, 1011), (Cause.TIMEOUT, 0), (Cause.GARBAGE, 0)])
def test_a_rung_is_tried_twice(rung: Rung, below: Rung, cause: Cause, code: int) -> None:
    """Then the next one; whatever comes there has its own two tries."""
    p = policy()
    assert [plan(p, cause, code, rung=rung).rung for _ in range(RUNG_TRIES)] == [rung, below]
    assert plan(p, cause, code, rung=below).rung is below


def test_a_resumed_session_that_breaks_again_and_again_is_not_resumed_a_third_time() -> None:
    """1011 that repeats on resume: the failure may be in the session itself."""
    p = policy()
    rungs = [plan(p, Cause.CLOSED, 1011, rung=RESUMED, lasted=Ns(3 * SECOND)).rung for _ in range(RUNG_TRIES)]
    assert rungs == [RESUMED, RESEEDED]


@pytest.mark.parametrize("lasted", [SHORT, PROVED])
@pytest.mark.parametrize("cause", [Cause.CLOSED, Cause.UNREACHABLE])
def test_a_server_that_still_believes_in_the_old_connection_is_given_time(cause: Cause, lasted: Ns) -> None:
    """Nobody told it of the end, so it refuses the handle for a while: that does not speak against the handle."""
    p = policy()
    broken = plan(p, cause, 1006, rung=RESUMED, lasted=lasted)
    plans = [plan(p, Cause.CLOSED, 1011, rung=RESUMED) for _ in range(LINGERING_TRIES)]
    assert [a.rung for a in (broken, *plans)] == [RESUMED] * LINGERING_TRIES + [RESEEDED]
    assert sum(a.wait_s for a in plans[:-1]) >= 3.0


def test_a_connection_that_was_given_up_may_be_believed_in() -> None:
    """It had been silent: the server may not have heard that it is over."""
    p = policy()
    p.given_up()
    rungs = [plan(p, Cause.CLOSED, 1011, rung=RESUMED).rung for _ in range(LINGERING_TRIES)]
    assert rungs == [RESUMED] * (LINGERING_TRIES - 1) + [RESEEDED]


def test_an_end_that_was_told_leaves_no_old_connection_behind() -> None:
    """After a close of the server's own the handle has its two tries, also when the network broke before that."""
    p = policy()
    plan(p, Cause.CLOSED, 1006, rung=RESUMED, lasted=PROVED)
    plan(p, Cause.CLOSED, 1000, rung=RESUMED, lasted=PROVED)
    assert [plan(p, Cause.CLOSED, 1011, rung=RESUMED).rung for _ in range(RUNG_TRIES)] == [RESUMED, RESEEDED]


@pytest.mark.parametrize("rung", Rung)
def test_what_was_good_for_long_is_resumed(rung: Rung) -> None:
    """However the session began: it has a handle of its own by now."""
    assert plan(policy(), Cause.CLOSED, 1011, rung=rung, lasted=PROVED).rung is RESUMED
    assert plan(policy(), Cause.CLOSED, 1006, rung=rung, lasted=SHORT).rung is RESUMED


def test_a_refused_setup_goes_down_the_ladder_and_then_stops() -> None:
    """Handle, transcript, nothing: and if nothing is refused as well, a person is needed."""
    p = policy()
    first, second, third = (plan(p, Cause.CLOSED, 1007, rung=rung) for rung in (RESUMED, RESEEDED, FORGOTTEN))
    assert (first.dial, first.rung) == (True, RESEEDED)
    assert (second.dial, second.rung) == (True, FORGOTTEN)
    assert not third.dial
    assert not plan(policy(), Cause.CLOSED, 1007).dial


def test_broken_off_in_the_middle_is_tried_a_few_times() -> None:
    """Sessions that ran and were broken off: new ones, and if they are as well, a person."""
    p = policy()
    plans = [plan(p, Cause.CLOSED, 1008, ABORTED, lasted=SHORT) for _ in range(MOST_REFUSALS)]
    assert [a.dial for a in plans] == [True] * (MOST_REFUSALS - 1) + [False]


def test_a_person_wipes_the_slate() -> None:
    """A new conversation begins without the old failures."""
    p = policy()
    for _ in range(6):
        plan(p, Cause.HTTP, 503)
    p.forget()
    assert plan(p, Cause.HTTP, 503).wait_s == 0.5


def test_quota_waits_minutes() -> None:
    """1, 2, 4 … 10 minutes."""
    p = policy()
    assert [plan(p, Cause.HTTP, 429).wait_s for _ in range(6)] == [60, 120, 240, 480, 600, 600]


@given(st.lists(st.floats(0, 1), max_size=40))
def test_chance_only_shortens(chances: list[float]) -> None:
    """Devices do not come back together, and none waits longer than the limit, or less than half."""
    p, q = Policy(iter(chances).__next__), policy()
    for _ in chances:
        a, b = plan(p, Cause.HTTP, 503).wait_s, plan(q, Cause.HTTP, 503).wait_s
        assert b / 2 <= a <= b <= LONGEST_WAIT_S


def test_stop_stops() -> None:
    """No retry loop against a refused key."""
    assert not plan(policy(), Cause.HTTP, 401).dial
