"""Every call is answered once, in the form that the session which is open understands."""

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived.units import SECOND, Ms, Ns, Turn
from lived.wire.events import Function, ToolAnswer, ToolCall, ToolCancel, ToolTaken
from lived_workers.gateway.calls import MARGIN, MOST_OPEN, TABLE, Calls, Input, Reply, State
from lived_workers.gateway.messages import Answer, Text

LIMIT = Ns(10 * SECOND)
WEATHER = Function(name="weather", description="The weather.")
RAIN = {"result": "rain"}


def offering(strangers: bool = False) -> Calls:
    """One function is offered, which may take 10 s."""
    calls = Calls(lambda _name, _open: LIMIT, strangers)
    calls.offered = {"weather": WEATHER}
    return calls


def ask(calls: Calls, call: str = "c1", now: int = 0) -> Reply:
    """The model calls the function."""
    return calls.asked(call, "weather", {"town": "Berlin"}, Turn(4), Ns(now))


def answer(call: str = "c1", more: bool = False, number: int = 0) -> ToolAnswer:
    """The worker has run it."""
    return ToolAnswer(call=call, name="weather", response=RAIN, more=more, number=number, took_ms=Ms(3))


def test_the_table_is_whole() -> None:
    """Every state has a row for every input."""
    assert set(TABLE) == set(product(State, Input))


def test_a_call_goes_out_and_its_answer_up() -> None:
    """Asked, answered, handed over; open until then, and the worker hears that it was taken."""
    calls = offering()
    assert ask(calls).events == [ToolCall(call="c1", name="weather", args={"town": "Berlin"}, turn=Turn(4))]
    assert calls.open == 1
    (up,) = calls.answered(answer(), Ns(1)).answers
    assert calls.form(up) == Answer("c1", "weather", RAIN) == up
    assert calls.open == 1
    assert calls.handed(up).events == [ToolTaken(call="c1")]
    assert calls.open == 0


def test_what_is_said_twice_is_done_once() -> None:
    """The same call again, the same answer again: nothing more comes of it, but a taken answer is called so again."""
    calls = offering()
    ask(calls)
    assert ask(calls) == Reply([], [])
    (up,) = calls.answered(answer(), Ns(1)).answers
    assert calls.answered(answer(), Ns(2)) == Reply([], [])
    calls.handed(up)
    assert calls.answered(answer(), Ns(3)) == Reply([ToolTaken(call="c1")], [])


def test_nobody_offers_anything() -> None:
    """Then the answer is an error, at once."""
    calls = offering()
    calls.offered = {}
    events, (up,) = ask(calls)
    assert not events
    assert "error" in up.response


def test_too_many_calls_are_refused() -> None:
    """The next one gets an error; the others are not touched."""
    calls = offering()
    for number in range(MOST_OPEN):
        assert ask(calls, f"c{number}").events
    events, (up,) = ask(calls, "one too many")
    assert not events
    assert "Too many" in up.response["error"]


def test_the_deadline_answers() -> None:
    """Its limit and a margin: then we answer, and the worker is told to stop; its late answer goes nowhere."""
    calls = offering()
    ask(calls, now=5)
    last = 5 + LIMIT + MARGIN
    assert calls.tick(Ns(last - 1)) == Reply([], [])
    events, (up,) = calls.tick(Ns(last))
    assert events == [ToolCancel(calls=["c1"])]
    assert "in time" in up.response["error"]
    assert calls.answered(answer(), Ns(last + 1)).answers == []
    calls.handed(up)
    assert calls.answered(answer(), Ns(last + 2)) == Reply([ToolTaken(call="c1")], [])


def test_a_generator_has_its_limit_for_each_part() -> None:
    """Parts go up in order, each once, and move the deadline; the call is open until the last."""
    calls = offering()
    ask(calls)
    (first,) = calls.answered(answer(more=True), Ns(LIMIT)).answers
    calls.handed(first)
    assert calls.open == 1
    assert calls.answered(answer(more=True), LIMIT) == Reply([], [])
    assert calls.tick(Ns(LIMIT + MARGIN)) == Reply([], [])
    (last,) = calls.answered(answer(number=1), Ns(2 * LIMIT)).answers
    assert (first.more, last.more, last.number) == (True, False, 1)
    calls.handed(last)
    assert calls.open == 0


def test_a_cancelled_call_is_not_answered() -> None:
    """Neither later, nor when its answer already waits to be sent."""
    calls = offering()
    ask(calls, "late")
    ask(calls, "waiting")
    (up,) = calls.answered(answer("waiting"), Ns(1)).answers
    assert calls.cancelled(["late", "waiting", "unknown"]).events == [ToolCancel(calls=["late", "waiting"])]
    assert calls.open == 0
    assert calls.form(up) is None
    assert calls.answered(answer("late"), Ns(2)) == Reply([ToolTaken(call="late")], [])


def test_a_cancelled_call_may_be_asked_again() -> None:
    """Under the same id too."""
    calls = offering()
    ask(calls)
    calls.cancelled(["c1"])
    assert ask(calls).events
    (up,) = calls.answered(answer(), Ns(1)).answers
    assert calls.form(up) == up


@pytest.mark.parametrize(
    ("handle", "resumed", "as_text"), [(True, True, False), (True, False, True), (False, True, True)]
)
@pytest.mark.parametrize("answered_before", [False, True])
def test_a_call_outlives_its_session(handle: bool, resumed: bool, as_text: bool, answered_before: bool) -> None:
    """A session that was resumed with a handle younger than the call knows it; any other is told as text."""
    calls = offering()
    ask(calls)
    if handle:
        calls.handle_came()
    found = calls.answered(answer(), Ns(1)).answers if answered_before else []
    calls.reopened(resumed)
    found = found or calls.answered(answer(), Ns(2)).answers
    form = calls.form(found[0])
    if as_text:
        assert isinstance(form, Text)
        assert "weather" in form.text
        assert "rain" in form.text
    else:
        assert form == found[0]
    assert calls.handed(found[0]).events == [ToolTaken(call="c1")]
    assert calls.open == 0


def test_an_answer_that_came_back_over_a_broken_connection_is_sent_again() -> None:
    """It was handed over, and nobody knows whether it arrived: to another session it is told as text."""
    calls = offering()
    ask(calls)
    (up,) = calls.answered(answer(), Ns(1)).answers
    calls.handed(up)
    calls.reopened(resumed=False)
    assert isinstance(calls.form(up), Text)


def test_answers_to_a_former_process() -> None:
    """They are told as text where the session goes on, and called taken where the conversation is another one."""
    goes_on, anew = offering(strangers=True), offering()
    (up,) = goes_on.answered(answer(), Ns(0)).answers
    assert isinstance(goes_on.form(up), Text)
    assert anew.answered(answer(), Ns(0)) == Reply([ToolTaken(call="c1")], [])


def test_calls_made_by_hand_are_not_ours() -> None:
    """livectl tools call: nothing is sent to the server, nothing is said."""
    calls = offering(strangers=True)
    assert calls.answered(answer("local-1"), Ns(0)) == Reply([], [])


def test_a_worker_that_was_replaced_answers_nothing_any_more() -> None:
    """What it was running is answered with an error; whether it did its work is left open."""
    calls = offering()
    ask(calls)
    _, (up,) = calls.restarted()
    assert "interrupted" in up.response["error"]


def test_the_end_of_the_conversation() -> None:
    """What still runs is cancelled, and forgotten."""
    calls = offering(strangers=True)
    ask(calls)
    assert calls.ended().events == [ToolCancel(calls=["c1"])]
    assert calls.answered(answer(), Ns(1)) == Reply([ToolTaken(call="c1")], [])


IDS = st.sampled_from(["a", "b", "c"])
WHAT = st.sampled_from(["ask", "answer", "part", "cancel", "handle", "resumed", "new", "restart"])


@given(st.lists(st.tuples(WHAT, IDS), max_size=40))
def test_every_call_ends(steps: list[tuple[str, str]]) -> None:
    """Whatever happens in whatever order: when time is over and all is handed on, nothing is open, and each asking
    got at most one last answer."""
    calls = offering(strangers=True)
    last_answers = asked = 0
    waiting: list[Answer] = []

    def do(reply: Reply) -> None:
        nonlocal last_answers
        waiting.extend(reply.answers)
        last_answers += sum(not a.more for a in reply.answers)

    obey: dict[str, Callable[[str], object]] = {
        "ask": lambda call: do(ask(calls, call)),
        "answer": lambda call: do(calls.answered(answer(call, number=1), Ns(1))),
        "part": lambda call: do(calls.answered(answer(call, more=True), Ns(1))),
        "cancel": lambda call: calls.cancelled([call]),
        "handle": lambda _: calls.handle_came(),
        "resumed": lambda _: calls.reopened(resumed=True),
        "new": lambda _: calls.reopened(resumed=False),
        "restart": lambda _: do(calls.restarted()),
    }
    for what, call in steps:
        asked += what in ("ask", "answer", "part")  # answers may be those of a former process
        obey[what](call)
    do(calls.tick(Ns(10**18)))
    for message in waiting:
        calls.form(message)
        calls.handed(message)
    assert calls.open == 0
    assert last_answers <= asked
