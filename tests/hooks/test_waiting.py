"""What a hook still has to be told."""

from hypothesis import given
from hypothesis import strategies as st

from lived.units import Frames, Turn
from lived.wire.events import STATES, Event, FloorChanged, MicChanged, TurnComplete, TurnGenerated, WorkerState
from lived_workers.hooks.telling import as_json, as_variables
from lived_workers.hooks.waiting import MOST, Waiting, key_of
from wire.strategies import EVENTS


def rest(waiting: Waiting) -> list[Event]:
    """Everything that waits, in order."""
    found = []
    while (event := waiting.next()) is not None:
        found.append(event)
    return found


def put(events: list[Event], **match: object) -> Waiting:
    """A hook that was busy all the time."""
    waiting = Waiting(match)
    for event in events:
        waiting.put(event)
    return waiting


def complete(turn: int) -> TurnComplete:
    """A happening."""
    return TurnComplete(turn=Turn(turn), frames=Frames(1))


def floor(who: str) -> FloorChanged:
    """A state."""
    return FloorChanged(floor=who)


def test_of_a_state_the_newest_counts() -> None:
    """A slow hook is not led through the past; happenings keep their places."""
    events = [floor("user"), complete(1), floor("model"), complete(2), floor("nobody")]
    assert rest(put(events)) == [complete(1), complete(2), floor("nobody")]


def test_a_state_that_is_over_is_forgotten() -> None:
    """The light of "the model speaks" is not lit after it has stopped, only because the hook was slow."""
    assert rest(put([floor("model"), floor("nobody")], floor="model")) == []
    assert rest(put([floor("model"), floor("nobody"), floor("model")], floor="model")) == [floor("model")]


def test_a_state_that_is_said_again_is_no_news() -> None:
    """But one that has returned is."""
    waiting = put([MicChanged(muted=True)], muted=True)
    assert rest(waiting) == [MicChanged(muted=True)]
    waiting.put(MicChanged(muted=True))
    assert rest(waiting) == []
    waiting.put(MicChanged(muted=False))
    waiting.put(MicChanged(muted=True))
    assert rest(waiting) == [MicChanged(muted=True)]


def test_each_worker_has_states_of_its_own() -> None:
    """One that fails does not hide the other."""
    events: list[Event] = [WorkerState(worker=name, state="fatal") for name in ("capture", "gateway")]
    assert rest(put(events, state="fatal")) == events


def test_happenings_are_bounded() -> None:
    """The oldest go first, and are counted."""
    waiting = put([complete(turn) for turn in range(MOST + 5)])
    assert waiting.dropped == 5
    assert rest(waiting) == [complete(turn) for turn in range(5, MOST + 5)]


def test_a_match_is_of_fields_that_are_there() -> None:
    """Equal in type and value; a field that the event has not is no match."""
    assert rest(put([complete(1), complete(2)], turn=2)) == [complete(2)]
    assert rest(put([complete(1)], turn="1")) == []
    assert rest(put([TurnGenerated(turn=Turn(1), frames=Frames(1))], reason="")) == []
    assert rest(put([complete(1)], type="turn.complete")) == [complete(1)]


@given(st.lists(EVENTS, max_size=60))
def test_nothing_is_made_up_or_out_of_order(events: list[Event]) -> None:
    """What comes out went in, in that order; the last of every state is there; all happenings, as far as they fit."""
    waiting = put(events)
    found = rest(waiting)
    places = iter(events)
    assert all(event in places for event in found)
    last = {key_of(event): event for event in events if type(event) in STATES}
    assert all(event in found for event in last.values())
    happenings = [event for event in events if type(event) not in STATES]
    assert [event for event in found if type(event) not in STATES] == happenings[-MOST:]
    assert waiting.dropped == max(0, len(happenings) - MOST)


@given(EVENTS)
def test_every_event_can_be_told(event: Event) -> None:
    """As one line of JSON, and as variables that an environment can hold."""
    assert as_json(event).count(b"\n") == 1
    variables = as_variables(event)
    assert variables["LIVED_EVENT_TYPE"] == event.__struct_config__.tag
    assert all("\0" not in value and name.isupper() for name, value in variables.items())


def test_variables() -> None:
    """Plain values as people write them."""
    assert as_variables(MicChanged(muted=True)) == {"LIVED_EVENT_TYPE": "mic", "LIVED_EVENT_MUTED": "true"}
    assert as_variables(complete(7))["LIVED_EVENT_TURN"] == "7"
