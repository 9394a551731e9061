"""Which turn a piece of sound belongs to."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived.units import MILLISECOND, SECOND, Frames, Ns, Turn
from lived_workers.gateway.turns import LATE_SOUND, NO_NEWS, TABLE, Ended, Input, State, Turns

SEC = 24_000  # frames of a second


def turns(first: int = 1) -> Turns:
    """Turns whose ids count from ``first``."""
    ids = itertools.count(first)
    return Turns(lambda: Turn(next(ids)))


def at(seconds: float) -> Ns:
    """A time that reads well."""
    return Ns(int(seconds * SECOND))


def test_the_table_has_no_holes() -> None:
    """Whatever happens, in whatever state: there is an answer."""
    assert set(TABLE) == set(itertools.product(State, Input))


def test_a_plain_turn() -> None:
    """It begins with its first sound, has all its frames, and ends when the server says so."""
    t = turns()
    first, second = t.sound(SEC, at(0)), t.sound(SEC, at(0.2))
    assert (first.began, second.began) == (True, False)
    assert t.generated(at(0.3)) == (1, 2 * SEC)
    assert t.complete("") == [Ended(Turn(1), Frames(2 * SEC), "")]
    assert t.sound(1, at(5)).began
    assert t.turn == 2


def test_early_turn_complete_starts_another_turn() -> None:
    """Sound behind turnComplete is not lost: it is a turn of its own."""
    t = turns()
    t.sound(SEC, at(0))
    t.complete("")
    placed = t.sound(SEC, at(0.1))
    assert placed.heard
    assert placed.began
    assert t.turn == 2


def test_interrupted_silences_the_turn_until_its_end() -> None:
    """Late sound of a cut turn is not published, and the next reply is heard."""
    t = turns()
    t.sound(SEC, at(0))
    assert t.interrupted(at(1)) == 1
    assert not t.sound(SEC, at(1.1)).heard
    assert t.complete("") == [Ended(Turn(1), Frames(SEC), "")]
    assert t.sound(SEC, at(1.2)).heard
    assert t.turn == 2


@pytest.mark.parametrize("again", [False, True])
def test_interrupted_without_turn_complete_does_not_silence_the_next_reply(again: bool) -> None:
    """A second without sound, and what follows is a new reply; said twice, it takes no longer."""
    t = turns()
    t.sound(SEC, at(0))
    t.interrupted(at(1))
    if again:
        t.interrupted(at(1.9))
    placed = t.sound(SEC, at(2.0))
    assert placed.heard
    assert placed.began
    assert placed.ended == [Ended(Turn(1), Frames(SEC), "missing")]
    assert t.turn == 2


def test_late_sound_keeps_the_turn_condemned() -> None:
    """As long as it trickles it is late sound."""
    t = turns()
    t.sound(SEC, at(0))
    t.interrupted(at(1))
    for tenth in range(11, 40, 5):
        assert not t.sound(100, at(tenth / 10)).heard


def test_interrupted_when_nothing_is_received() -> None:
    """Playback may still hold all of the last turn: that one is cut."""
    t = turns()
    t.sound(SEC, at(0))
    t.complete("")
    assert t.interrupted(at(1)) == 1
    assert t.sound(SEC, at(1.1)).heard


def test_interrupted_before_the_first_turn_of_this_process() -> None:
    """The turn of a former process may still be heard: the cut covers every id given out before."""
    assert turns(5001).interrupted(at(0)) == 5000


def test_a_local_cut_silences_only_its_turn() -> None:
    """The server goes on for as long as it likes, even with long pauses; the next turn is heard."""
    t = turns()
    t.sound(SEC, at(0))
    t.local_cut(Turn(1))
    assert not t.sound(SEC, at(0.1)).heard
    assert not t.sound(SEC, at(5)).heard
    assert t.complete("") == [Ended(Turn(1), Frames(SEC), "")]
    t.local_cut(Turn(1))
    assert t.sound(SEC, at(5.1)).heard


def test_an_old_cut_changes_nothing() -> None:
    """A cut of an older turn comes late."""
    t = turns(7)
    t.sound(SEC, at(0))
    t.local_cut(Turn(6))
    assert t.sound(SEC, at(0.1)).heard


def test_turn_complete_missing() -> None:
    """No news for 15 s, counted from the end of the sound at real time: then it is over."""
    t = turns()
    t.sound(60 * SEC, at(0))  # a minute, received at once: turnComplete is due after a minute
    assert t.tick(at(60 + 14.9)) == []
    assert t.tick(at(60 + 15)) == [Ended(Turn(1), Frames(60 * SEC), "missing")]
    assert t.tick(at(100)) == []


def test_a_lost_connection_ends_the_turn() -> None:
    """What has not come will not come."""
    t = turns()
    assert t.lost() == []
    t.sound(SEC, at(0))
    assert t.lost() == [Ended(Turn(1), Frames(SEC), "lost")]


def test_texts_carry_the_turn_that_answers_them() -> None:
    """A question has the id of its answer, before and during it; what the user says into a reply, the next one."""
    t = turns()
    t.activity(True)
    assert t.turn_of_text("user") == 1
    assert t.turn_of_text("model") == 1
    t.sound(SEC, at(0))
    assert t.turn == 1
    assert t.turn_of_text("model") == 1
    assert t.turn_of_text("user") == 1
    t.activity(True)
    assert t.turn_of_text("user") == 2
    t.interrupted(at(0.5))
    assert t.turn_of_text("user") == 2
    assert t.turn_of_text("model") == 1


def test_a_reply_in_words_only_has_its_turn() -> None:
    """A transcript named the turn; no sound came: it ends with 0 frames, and its id is not used again."""
    t = turns()
    t.turn_of_text("model")
    assert t.complete("RESPONSE_REJECTED") == [Ended(Turn(1), Frames(0), "RESPONSE_REJECTED")]
    assert t.complete("") == []
    t.sound(1, at(0))
    assert t.turn == 2


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["sound", "interrupted", "local_cut", "complete", "lost", "generated", "text", "activity"]
        ),
        st.integers(0, 3_000),
    ),
    max_size=60,
)  # fmt: skip


class Judge:
    """Plays the steps, and holds what must be true of them."""

    def __init__(self) -> None:
        self.turns, self.now, self.cut = turns(), Ns(0), 0
        self.published: dict[int, int] = {}
        self.ended: list[Ended] = []

    def step(self, what: str, ms: int) -> None:
        """One of STEPS."""
        self.now = Ns(self.now + ms * MILLISECOND)
        getattr(self, what)(self.turns)

    def sound(self, t: Turns) -> None:
        """Of a turn that is not cut."""
        placed = t.sound(10, self.now)
        self.ended += placed.ended
        assert not placed.began or t.turn not in self.published
        if placed.heard:
            assert t.turn > self.cut
            self.published[t.turn] = self.published.get(t.turn, 0) + 10

    def interrupted(self, t: Turns) -> None:
        """By the server."""
        self.cut = max(self.cut, t.interrupted(self.now))

    def local_cut(self, t: Turns) -> None:
        """Of the newest turn."""
        t.local_cut(t.turn)
        self.cut = max(self.cut, t.turn)

    def complete(self, t: Turns) -> None:
        """Whenever it comes."""
        self.ended += t.complete("")

    def lost(self, t: Turns) -> None:
        """The connection."""
        self.ended += t.lost()

    def generated(self, t: Turns) -> None:
        """With the frames so far."""
        got = t.generated(self.now)
        assert got is None or got == (t.turn, self.published.get(t.turn, 0))

    def text(self, t: Turns) -> None:
        """Of this turn or the next."""
        assert t.turn_of_text("model") in (t.turn, t.upcoming)

    def activity(self, t: Turns) -> None:
        """The user speaks."""
        t.activity(True)


@given(STEPS)
def test_whatever_happens_turns_are_in_order_and_cut_ones_silent(steps: list[tuple[str, int]]) -> None:
    """Ids only grow; each turn begins and ends once; nothing of a cut turn is published; frames add up."""
    judge = Judge()
    for step in steps:
        judge.step(*step)
    judge.ended += judge.turns.tick(Ns(judge.now + NO_NEWS + LATE_SOUND + 60 * SECOND))
    ids = [e.turn for e in judge.ended]
    assert ids == sorted(set(ids))
    assert list(judge.published) == sorted(judge.published)
    assert {e.turn: e.frames for e in judge.ended if e.frames} == judge.published
