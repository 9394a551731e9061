"""Cues."""

import re

from hypothesis import given
from hypothesis import strategies as st

from lived.recording.captions import Captions, Cue, webvtt
from lived.units import MILLISECOND, SECOND, Epoch, Frames, Ns, Position, Turn
from lived.wire.events import CutDone, Said, Speech, TurnBegan, TurnHeard, TurnPlayed

T = Turn(1)


def s(at: float) -> Ns:
    """Seconds."""
    return Ns(int(at * SECOND))


def test_a_reply_is_laid_over_the_time_in_which_it_was_heard() -> None:
    """Its sentences come all at once, when it is over."""
    captions = Captions()
    captions.take(TurnBegan(turn=T, epoch=Epoch(1), position=Position(0)), s(1.5))
    captions.take(TurnHeard(turn=T, time=s(2)), s(1.9))
    captions.take(TurnPlayed(turn=T, frames=Frames(96_000)), s(6))
    for text in ("123456", "12"):
        assert captions.take(Said(side="model", turn=T, text=text), s(6.01)) == []
    assert captions.tick(s(6.2)) == []
    assert captions.tick(s(6.4)) == [Cue("model", "123456", s(2), s(5)), Cue("model", "12", s(5), s(6))]


def test_a_cut_ends_it() -> None:
    """When it fell silent."""
    captions = Captions()
    captions.take(TurnHeard(turn=T, time=s(2)), s(2))
    captions.take(CutDone(turn=T, heard_turn=T, heard_frames=Frames(1), silent_at=s(4)), s(4.1))
    captions.take(Said(side="model", turn=T, text="Well", cut=True), s(4.2))
    assert captions.flush() == [Cue("model", "Well", s(2), s(4))]


def test_the_user_is_laid_over_the_speech() -> None:
    """From where the server heard it begin to where it heard it end."""
    captions = Captions()
    captions.take(Speech(on=True, source="server"), s(1))
    captions.take(Speech(on=False, source="server"), s(3))
    captions.take(Said(side="user", turn=T, text="Hello."), s(3.5))
    assert captions.tick(s(4)) == [Cue("user", "Hello.", s(1), s(3))]


@given(
    text=st.text(max_size=50),
    begin=st.integers(-(10**9), 10**14),
    length=st.integers(0, 10**10),
    earliest=st.integers(0, 10**14),
)
def test_webvtt_is_always_well_formed(text: str, begin: int, length: int, earliest: int) -> None:
    """One block, ended by the only empty line; no markup of anybody else's; in order; never of no length."""
    found = webvtt(Cue("user", text, Ns(begin), Ns(begin + length)), Ns(0), Ns(earliest))
    lines = found.split("\n")
    match = re.fullmatch(r"(\d+):(\d\d):(\d\d)\.(\d{3}) --> (\d+):(\d\d):(\d\d)\.(\d{3})", lines[0])
    assert match
    numbers = [int(group) for group in match.groups()]
    start, end = (((h * 60 + m) * 60 + x) * 1000 + ms for h, m, x, ms in (numbers[:4], numbers[4:]))
    assert end > start >= earliest // MILLISECOND
    assert lines[2:] == ["", ""]
    assert lines[1].startswith("<v user>")
    assert "<" not in lines[1][8:]
    assert "-->" not in lines[1]
