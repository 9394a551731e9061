"""Sentences are whole, and of a reply that was cut only what was heard is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived.units import SECOND, Frames, Ns, Turn
from lived.wire.events import Said
from lived_workers.gateway.said import MOST_TURNS, PAUSE, Piece, SaidBy, heard_text, sentences

T = Turn(7)


@pytest.mark.parametrize(
    ("text", "whole", "rest"),
    [
        ("", [], ""),
        ("Hello", [], "Hello"),
        ("Hello. ", ["Hello."], ""),
        ("It is 3.5 degrees. Take", ["It is 3.5 degrees."], "Take"),
        ('He said "No." Then he left.', ['He said "No."'], "Then he left."),
        ("Ask Dr. Smith! Now?", ["Ask Dr. Smith!"], "Now?"),
        ("Was? Wie?! Ach so…  ", ["Was?", "Wie?!", "Ach so…"], ""),
        ("你好。我是", ["你好。"], "我是"),
    ],
)
def test_where_sentences_end(text: str, whole: list[str], rest: str) -> None:
    """At a mark with white space behind it; numbers and titles go on."""
    assert sentences(text) == (whole, rest)


@given(st.text(alphabet="ab .!?。", max_size=60))
def test_nothing_of_the_text_is_lost(text: str) -> None:
    """Sentences and rest are the text, but for white space."""
    whole, rest = sentences(text)
    assert "".join([*whole, rest]).replace(" ", "") == text.replace(" ", "")


def pieces(*items: tuple[str, int]) -> list[Piece]:
    """Text, and the frames received before it."""
    return [Piece(text, Frames(received)) for text, received in items]


@pytest.mark.parametrize(
    ("heard", "text"),
    [(0, ""), (499, ""), (500, "Hello"), (1000, "Hello you "), (1400, "Hello you out"), (2000, "Hello you out there")],
)
def test_the_text_that_was_heard(heard: int, text: str) -> None:
    """Each piece lies over the sound between it and the next; a word that was heard in part was not heard."""
    said = pieces(("Hello you ", 0), ("out there", 1000))
    assert heard_text(said, Frames(2000), Frames(heard)) == text


def test_pieces_that_came_together_share_their_sound() -> None:
    """Text leads: several pieces may come before the first sound."""
    said = pieces(("One ", 0), ("two ", 0), ("three ", 0), ("four", 0))
    assert heard_text(said, Frames(1800), Frames(900)) == "One two "


PIECES = st.lists(st.tuples(st.text(alphabet="ab 好", min_size=1, max_size=12), st.integers(0, 500)), max_size=8)


@given(PIECES, st.integers(1, 500), st.lists(st.integers(0, 5000), min_size=2, max_size=2))
def test_more_sound_is_more_text(parts: list[tuple[str, int]], tail: int, heard: list[int]) -> None:
    """What was heard is a beginning of the text, never longer for less sound, and all of it at the end."""
    received, said = 0, []
    for text, more in parts:
        said.append(Piece(text, Frames(received)))
        received += more
    received += tail
    whole = "".join(text for text, _ in parts)
    less, more_ = (heard_text(said, Frames(received), Frames(frames)) for frames in sorted(heard))
    assert whole.startswith(more_)
    assert more_.startswith(less)
    assert heard_text(said, Frames(received), Frames(received)) == whole


def spoken() -> SaidBy:
    """A reply of two sentences and 2,000 frames."""
    said = SaidBy()
    said.model(T, "It rains. ")
    said.sound(T, Frames(1000))
    said.model(T, "It is cold.")
    said.sound(T, Frames(2000))
    return said


def model(text: str, cut: bool = False, turn: Turn = T) -> Said:
    """A sentence of the model."""
    return Said(side="model", turn=turn, text=text, cut=cut)


@pytest.mark.parametrize("complete_first", [True, False])
def test_a_reply_is_said_when_it_was_heard(complete_first: bool) -> None:
    """Complete and played, in either order; then once and for all."""
    said = spoken()
    if complete_first:
        assert said.complete(T) == []
        told = said.played(T, Frames(2000), cut=False)
    else:
        assert said.played(T, Frames(2000), cut=False) == []
        told = said.complete(T)
    assert told == [model("It rains."), model("It is cold.")]
    assert said.silenced(T, T, Frames(10)) == []


def test_a_cut_reply_is_said_as_far_as_it_was_heard() -> None:
    """The last sentence is marked; what comes of the turn afterwards is said by nobody."""
    said = spoken()
    assert said.silenced(T, T, Frames(1500)) == [model("It rains."), model("It is", cut=True)]
    said.model(T, " More.")
    assert said.played(T, Frames(2000), cut=True) == []


def test_a_reply_of_which_nothing_was_heard() -> None:
    """It was not said, with sound or without."""
    said = spoken()
    assert said.silenced(T, Turn(0), Frames(0)) == []
    said.model(Turn(8), "Never heard.")
    assert said.silenced(Turn(8), Turn(0), Frames(0)) == []


def test_a_reply_without_sound() -> None:
    """There is nothing to wait for: it is said when it is complete."""
    said = SaidBy()
    said.model(T, "Only text.")
    assert said.complete(T) == [model("Only text.")]


def test_playback_that_ran_dry_goes_on() -> None:
    """Silence in the middle of a reply is not its end."""
    said = spoken()
    assert said.played(T, Frames(1200), cut=False) == []
    said.complete(T)
    assert said.played(T, Frames(2000), cut=False) == [model("It rains."), model("It is cold.")]


def test_a_reply_whose_news_got_lost() -> None:
    """The next one was played, so this one was, as far as anybody knows."""
    said = spoken()
    said.complete(T)
    said.played(T, Frames(1500), cut=False)
    said.sound(Turn(8), Frames(10))
    assert said.played(Turn(8), Frames(5), cut=False) == [model("It rains."), model("It is", cut=True)]


def test_the_user_has_ended_when_somebody_else_speaks() -> None:
    """Whole sentences at once, the rest then, or after a pause."""
    said = SaidBy()
    assert said.user(T, "What time is it? And", Ns(0)) == [Said(side="user", turn=T, text="What time is it?")]
    assert said.user(T, " tomorrow", Ns(1)) == []
    assert said.tick(PAUSE) == []
    assert said.tick(Ns(PAUSE + SECOND)) == [Said(side="user", turn=T, text="And tomorrow")]
    said.user(T, "Yes", Ns(2))
    assert said.user_ended() == [Said(side="user", turn=T, text="Yes")]
    assert said.user_ended() == []


def test_playback_that_never_says_anything() -> None:
    """So many replies are remembered, and no more."""
    said = SaidBy()
    for number in range(1, 3 * MOST_TURNS):
        said.model(Turn(number), "Hello.")
        said.sound(Turn(number), Frames(10))
        said.complete(Turn(number))
    last = Turn(3 * MOST_TURNS - 1)
    assert model("Hello.", turn=last) in said.played(last, Frames(10), cut=False)
