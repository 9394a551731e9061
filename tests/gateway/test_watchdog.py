"""Whether a server that says nothing is asked, replaced, or left in peace."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived.units import SECOND, Ns
from lived_workers.gateway.watchdog import TABLE, Act, Input, State, Watchdog

NUDGE, HUNG = Ns(15 * SECOND), Ns(45 * SECOND)


class Dog:
    """A watchdog on a clock that only moves here."""

    def __init__(self, proactive: bool = False) -> None:
        self.now = Ns(1_000 * SECOND)
        self.dog = Watchdog(NUDGE, HUNG, proactive)
        self.dog.opened(self.now)
        self.acts: list[tuple[int, Act]] = []

    def run(self, seconds: int, frames: bool = False, pongs: bool = False) -> list[tuple[int, Act]]:
        """Let time pass, the server sending something or answering pings; what was to be done, and when."""
        acts: list[tuple[int, Act]] = []
        for second in range(1, seconds + 1):
            self.now = Ns(self.now + SECOND)
            if frames:
                self.dog.sign(self.now)
            if pongs:
                self.dog.pong(self.now)
            act = self.dog.due(self.now)
            if act is not Act.NOTHING:
                acts.append((second, act))
        return acts


def test_every_step_is_known() -> None:
    """What the table lacks is what is only done in one state."""
    missing = set(product(State, Input)) - set(TABLE)
    assert missing == set(product(set(State) - {State.WAITING}, (Input.LATE,)))


@pytest.mark.parametrize("frames", [False, True])
def test_no_answer(frames: bool) -> None:
    """First a nudge, then the swap, each once; what the server sends beside does not help."""
    d = Dog()
    d.dog.ended(d.now)
    assert d.run(200, frames=frames) == [(15, Act.NUDGE), (45, Act.SWAP)]


def test_an_answer_ends_it() -> None:
    """At any stage."""
    for seconds in (0, 10, 20, 44):
        d = Dog()
        d.dog.ended(d.now)
        d.run(seconds)
        d.dog.answered()
        assert d.run(200) == []


def test_asking_again_does_not_start_the_clock_anew() -> None:
    """Somebody who says "hello?" every five seconds is not kept waiting for ever."""
    d = Dog()
    acts = []
    for _ in range(10):
        d.dog.began()
        d.dog.ended(d.now)
        acts += d.run(5)
    assert [act for _, act in acts] == [Act.NUDGE, Act.SWAP]


def test_nobody_is_hung_up_on_while_speaking() -> None:
    """However long it takes."""
    d = Dog()
    d.dog.ended(d.now)
    d.dog.began()
    assert d.run(100) == []


def test_a_proactive_model_may_say_nothing() -> None:
    """A server that sends anything, or answers pings, is nudged and left in peace."""
    for signs in ({"frames": True}, {"pongs": True}):
        d = Dog(proactive=True)
        d.dog.ended(d.now)
        assert d.run(300, **signs) == [(15, Act.NUDGE)]


def test_a_proactive_model_that_is_dead() -> None:
    """Not a single frame: replaced."""
    d = Dog(proactive=True)
    d.dog.ended(d.now)
    assert d.run(300) == [(15, Act.NUDGE), (45, Act.SWAP)]


def test_what_was_typed_is_always_meant() -> None:
    """A proactive model has to answer that."""
    d = Dog(proactive=True)
    d.dog.ended(d.now, sure=True)
    assert d.run(300, frames=True) == [(15, Act.NUDGE), (45, Act.SWAP)]


def test_a_proactive_server_that_hears_the_next_sentence_is_alive() -> None:
    """It had nothing to say to the one before."""
    d = Dog(proactive=True)
    d.dog.ended(d.now)
    d.run(10)
    d.dog.began()
    d.run(10)
    d.dog.ended(d.now)
    assert d.run(14) == []


def test_neither_frames_nor_pongs() -> None:
    """TCP lives, the program behind it does not: replaced although nobody asked anything. But only where pongs were
    ever seen: not every relay passes them on."""
    silent = Dog()
    assert silent.run(300) == []
    d = Dog()
    d.run(1, pongs=True)
    assert d.run(300) == [(45, Act.SWAP)]


def test_what_is_owed() -> None:
    """A question counts until it was answered, or a proactive model had its time."""
    for proactive, owed in ((False, True), (True, False)):
        d = Dog(proactive)
        assert not d.dog.owed
        d.dog.ended(d.now)
        assert d.dog.owed
        assert d.dog.busy
        d.run(20)
        assert d.dog.owed is owed
        assert not d.dog.busy
        d.dog.answered()
        assert not d.dog.owed


@given(
    st.booleans(),
    st.lists(st.sampled_from(["began", "ended", "typed", "answered", "sign", "pong", "wait", "opened"]), max_size=60),
)
def test_whatever_happens(proactive: bool, story: list[str]) -> None:
    """Never a swap without a question or a death, and never one sooner than ``hung`` after the last answer."""
    d = Dog(proactive)
    settled, pongs = d.now, False
    for what in story:
        match what:
            case "began":
                d.dog.began()
            case "ended":
                d.dog.ended(d.now)
            case "typed":
                d.dog.ended(d.now, sure=True)
            case "answered":
                d.dog.answered()
                settled = d.now
            case "opened":
                d.dog.opened(d.now)
                settled = d.now
            case "wait":
                for _, act in d.run(10):
                    if act is Act.SWAP:
                        assert pongs or d.now - settled >= HUNG
                        settled = d.now
            case _:
                d.run(0)
                getattr(d.dog, what)(d.now)
                pongs |= what == "pong"
