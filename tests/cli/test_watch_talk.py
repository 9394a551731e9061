"""What was said, line by line."""

from hypothesis import given
from hypothesis import strategies as st

from lived.cli.watch.safe import printable
from lived.cli.watch.talk import KEPT, LONGEST, Talk
from lived.units import Frames, Ns, Turn
from lived.wire.events import Cut, Event, Said, Transcript, TurnPlayed


def talk(*events: Event) -> list[tuple[str, str, bool]]:
    """(side, text, cut) of each line after these events."""
    heard = Talk()
    for number, event in enumerate(events):
        heard.event(event, Ns(number))  # type: ignore[arg-type]
    return [(line.side, line.text, line.cut) for line in heard.lines]


def piece(text: str, turn: int = 1, side: str = "model") -> Transcript:
    """A piece of a transcript."""
    return Transcript(side=side, turn=Turn(turn), text=text)


def test_pieces_are_joined_as_they_are() -> None:
    """One line for each side and turn, also when the user's words come after the reply has begun."""
    assert talk(piece(" How", side="user"), piece("It is"), piece(" are you?", side="user"), piece(" fine.")) == [
        ("user", "How are you?", False),
        ("model", "It is fine.", False),
    ]


def test_of_a_cut_reply_only_what_was_heard_stays() -> None:
    """The sentences that were heard, and a mark; the transcript had been ahead."""
    told = [piece("One. Two and three. Four."), Cut(turn=Turn(1), cause="user", time=Ns(1))]
    assert talk(*told) == [("model", "One. Two and three. Four.", True)]
    heard = [
        Said(side="model", turn=Turn(1), text="One."),
        Said(side="model", turn=Turn(1), text="Two and", cut=True),
    ]
    assert talk(*told, *heard) == [("model", "One. Two and", True)]


def test_a_cut_marks_what_was_not_played() -> None:
    """A reply that was heard to its end is whole, whatever is cut later; one that playback gave up is not."""
    played = TurnPlayed(turn=Turn(1), frames=Frames(9))
    cut = Cut(turn=Turn(2), cause="server", time=Ns(1))
    assert talk(piece("a"), played, piece("b", 2), cut) == [("model", "a", False), ("model", "b", True)]
    assert talk(piece("a"), TurnPlayed(turn=Turn(1), frames=Frames(9), cut=True)) == [("model", "a", True)]
    assert talk(piece("a", side="user"), cut) == [("user", "a", False)]


def test_memory_is_bounded() -> None:
    """The newest lines and the end of a long one are kept."""
    many = talk(*(piece("x", turn) for turn in range(1, KEPT + 9)))
    assert len(many) == KEPT
    ((_, text, _),) = talk(piece("a" * LONGEST), piece("b" * 10))
    assert (len(text), text[-11:]) == (LONGEST, "a" + "b" * 10)


@given(st.text())
def test_nothing_that_is_said_can_order_a_terminal(text: str) -> None:
    """No control character gets through, in what is said or by whom; what is printed keeps its length."""
    heard = Talk()
    heard.event(piece(text, side=text), Ns(0))
    assert all(c.isprintable() or c == " " or c.isspace() for c in heard.lines[0].text + heard.lines[0].side)
    assert not set(heard.lines[0].text) & {"\x1b", "\x07", "\n", "\r", "\x9b", "\u202e", "\u2028"}
    assert len(printable(text)) == len(text)
