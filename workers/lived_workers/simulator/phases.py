"""The two state machines of a connection, as tables. Nothing here knows sockets, tasks or time.

`Stage` is the connection: nothing but setup before setupComplete, setup never again. `Phase` is the model: what it is
doing about the user's last turn. An event missing from a row is a mistake of the caller and raises IllegalEventError.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar


class Stage(StrEnum):
    """How far a connection is."""

    AWAITING_SETUP = "awaiting setup"
    SETTING_UP = "setting up"
    READY = "ready"
    CLOSED = "closed"


class Step(StrEnum):
    """What moves a connection."""

    SETUP = "setup"
    SETUP_COMPLETE = "setup complete"
    CLOSE = "close"


class Phase(StrEnum):
    """What the model is doing."""

    LISTENING = "listening"
    ANSWERING = "answering"
    GENERATING = "generating"
    CALLING = "calling"
    """Mute until its functions are answered."""
    PLAYING = "playing"


class Event(StrEnum):
    """What moves the model. TURN_DONE is the server's own idea of the end, told to the client or not."""

    USER_TURN = "user turn"
    FIRST_AUDIO = "first audio"
    CALLED = "called"
    ANSWERED = "answered"
    GENERATED = "generated"
    TURN_DONE = "turn done"
    CUT = "cut"


STAGES: Final[Mapping[tuple[Stage, Step], Stage]] = {
    (Stage.AWAITING_SETUP, Step.SETUP): Stage.SETTING_UP,
    (Stage.SETTING_UP, Step.SETUP_COMPLETE): Stage.READY,
    (Stage.AWAITING_SETUP, Step.CLOSE): Stage.CLOSED,
    (Stage.SETTING_UP, Step.CLOSE): Stage.CLOSED,
    (Stage.READY, Step.CLOSE): Stage.CLOSED,
    (Stage.CLOSED, Step.CLOSE): Stage.CLOSED,
}

PHASES: Final[Mapping[tuple[Phase, Event], Phase]] = {
    (Phase.LISTENING, Event.USER_TURN): Phase.ANSWERING,
    (Phase.ANSWERING, Event.FIRST_AUDIO): Phase.GENERATING,
    (Phase.ANSWERING, Event.TURN_DONE): Phase.LISTENING,  # a reply without any sound
    (Phase.ANSWERING, Event.GENERATED): Phase.PLAYING,
    (Phase.ANSWERING, Event.CUT): Phase.LISTENING,
    (Phase.ANSWERING, Event.CALLED): Phase.CALLING,
    (Phase.GENERATING, Event.CALLED): Phase.CALLING,  # something was said first
    (Phase.CALLING, Event.ANSWERED): Phase.ANSWERING,
    (Phase.CALLING, Event.CUT): Phase.LISTENING,
    (Phase.GENERATING, Event.GENERATED): Phase.PLAYING,
    (Phase.GENERATING, Event.TURN_DONE): Phase.LISTENING,  # generationComplete missing
    (Phase.GENERATING, Event.CUT): Phase.LISTENING,
    (Phase.PLAYING, Event.TURN_DONE): Phase.LISTENING,
    (Phase.PLAYING, Event.CUT): Phase.LISTENING,
}


class IllegalEventError(RuntimeError):
    """A state machine was given an event that its state has no row for: our bug, never the client's."""


S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


def follow(table: Mapping[tuple[S, E], S], state: S, event: E) -> S:
    """The state after `event`; raises IllegalEventError, naming both, when the table has no such row."""
    try:
        return table[state, event]
    except KeyError:
        raise IllegalEventError(f"{event!r} in state {state!r}") from None
