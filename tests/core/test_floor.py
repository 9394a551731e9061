"""The floor follows its table, and no sequence of events leads out of it."""

from hypothesis import given
from hypothesis import strategies as st

from lived.floor import TABLE, Floor, FloorKeeper, Input
from lived.units import Frames, Ns, Turn
from lived.wire.events import Cut, CutDone, Event, SessionState, Speech, TurnComplete, TurnHeard, TurnPlayed
from wire.strategies import EVENTS

OPEN = SessionState(state="open")


def heard(turn: int) -> TurnHeard:
    """Its first sound passes the DAC."""
    return TurnHeard(turn=Turn(turn), time=Ns(0))


def played(turn: int) -> TurnPlayed:
    """Playback is done with it."""
    return TurnPlayed(turn=Turn(turn), frames=Frames(1))


def complete(turn: int) -> TurnComplete:
    """The server says it is over."""
    return TurnComplete(turn=Turn(turn), frames=Frames(1))


def floor_after(*events: Event) -> Floor:
    """Where the events lead."""
    keeper = FloorKeeper()
    for event in events:
        keeper.take(event)  # type: ignore[arg-type]
    return keeper.floor


def test_the_table_is_complete() -> None:
    """Every state has an answer to every input."""
    assert set(TABLE) == {(state, what) for state in Floor for what in Input}


@given(st.lists(EVENTS, max_size=40))
def test_no_sequence_leads_out_of_the_table(events: list[Event]) -> None:
    """Any events in any order leave the floor in one of its states."""
    assert floor_after(*events) in Floor


def test_a_reply_is_over_when_played_and_complete_in_either_order() -> None:
    """Drained and turnComplete: both are needed, neither first."""
    assert floor_after(OPEN, heard(5), played(5)) is Floor.MODEL
    assert floor_after(OPEN, heard(5), complete(5)) is Floor.MODEL
    assert floor_after(OPEN, heard(5), played(5), complete(5)) is Floor.NOBODY
    assert floor_after(OPEN, heard(5), complete(5), played(5)) is Floor.NOBODY


def test_the_end_of_an_older_reply_does_not_silence_a_newer_one() -> None:
    """Late news of turn 5 while turn 6 is heard change nothing."""
    assert floor_after(OPEN, heard(5), heard(6), complete(5), played(5)) is Floor.MODEL


def test_a_cut_gives_the_floor_to_the_user_who_speaks() -> None:
    """Talking over the model: the user has the floor as soon as it is cut."""
    cut = Cut(turn=Turn(5), cause="server", time=Ns(0))
    assert floor_after(OPEN, heard(5), Speech(on=True, source="server"), cut) is Floor.USER
    assert floor_after(OPEN, heard(5), cut) is Floor.NOBODY


def test_a_cut_of_an_older_reply_does_not_silence_a_newer_one() -> None:
    """Cuts are numbers."""
    done = CutDone(turn=Turn(4), heard_turn=Turn(0), heard_frames=Frames(0), silent_at=Ns(0))
    assert floor_after(OPEN, heard(5), done) is Floor.MODEL


def test_the_end_of_the_conversation_ends_everything() -> None:
    """From any state."""
    off = SessionState(state="off")
    assert floor_after(OPEN, heard(5), off) is Floor.OFF
    assert floor_after(OPEN, Speech(on=True, source="server"), off) is Floor.OFF
    assert floor_after(OPEN, off, heard(5)) is Floor.OFF
