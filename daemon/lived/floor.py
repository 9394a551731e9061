"""Who has the floor. All changes of the floor are in this table; it knows no socket, task or clock.

OFF: no conversation. NOBODY: listening. USER: somebody speaks to the model. MODEL: a reply is being heard.
The floor observes; it is in nobody's way. A cut works whatever the floor says.
"""

from enum import StrEnum

from lived.units import NO_TURN, Turn
from lived.wire.events import (
    AnyEvent,
    Cut,
    CutDone,
    SessionState,
    Speech,
    TurnComplete,
    TurnHeard,
    TurnPlayed,
)


class Floor(StrEnum):
    """The states."""

    OFF = "off"
    NOBODY = "nobody"
    USER = "user"
    MODEL = "model"


class Input(StrEnum):
    """What can happen to the floor."""

    OPENED = "opened"
    CLOSED = "closed"
    USER_BEGAN = "user began"
    USER_ENDED = "user ended"
    MODEL_HEARD = "model heard"
    MODEL_SILENT = "model silent"


TABLE: dict[tuple[Floor, Input], Floor] = {
    (Floor.OFF, Input.OPENED): Floor.NOBODY,
    (Floor.OFF, Input.CLOSED): Floor.OFF,
    # the tail of a reply, or late news of the user, after the conversation was ended
    (Floor.OFF, Input.USER_BEGAN): Floor.OFF,
    (Floor.OFF, Input.USER_ENDED): Floor.OFF,
    (Floor.OFF, Input.MODEL_HEARD): Floor.OFF,
    (Floor.OFF, Input.MODEL_SILENT): Floor.OFF,
    (Floor.NOBODY, Input.OPENED): Floor.NOBODY,
    (Floor.NOBODY, Input.CLOSED): Floor.OFF,
    (Floor.NOBODY, Input.USER_BEGAN): Floor.USER,
    (Floor.NOBODY, Input.USER_ENDED): Floor.NOBODY,
    (Floor.NOBODY, Input.MODEL_HEARD): Floor.MODEL,
    (Floor.NOBODY, Input.MODEL_SILENT): Floor.NOBODY,
    (Floor.USER, Input.OPENED): Floor.USER,
    (Floor.USER, Input.CLOSED): Floor.OFF,
    (Floor.USER, Input.USER_BEGAN): Floor.USER,
    (Floor.USER, Input.USER_ENDED): Floor.NOBODY,
    (Floor.USER, Input.MODEL_HEARD): Floor.MODEL,
    # the reply that was talked over has gone silent: the user goes on
    (Floor.USER, Input.MODEL_SILENT): Floor.USER,
    (Floor.MODEL, Input.OPENED): Floor.MODEL,
    (Floor.MODEL, Input.CLOSED): Floor.OFF,
    # talking over the model takes the floor only when the model is cut: it may be told not to yield
    (Floor.MODEL, Input.USER_BEGAN): Floor.MODEL,
    (Floor.MODEL, Input.USER_ENDED): Floor.MODEL,
    (Floor.MODEL, Input.MODEL_HEARD): Floor.MODEL,
    (Floor.MODEL, Input.MODEL_SILENT): Floor.NOBODY,
}


class FloorKeeper:
    """Feeds events to the table, and keeps what the table needs to judge them."""

    def __init__(self) -> None:
        self.floor = Floor.OFF
        self.turn = NO_TURN
        self._user_speaks = False
        self._complete = NO_TURN
        self._played = NO_TURN

    def take(self, event: AnyEvent) -> bool:
        """Whether ``event`` changed the floor."""
        before = self.floor, self.turn
        what = self._input_of(event)
        if what is not None:
            self.floor = TABLE[self.floor, what]
            if self.floor is Floor.NOBODY and self._user_speaks and what is Input.MODEL_SILENT:
                self.floor = TABLE[self.floor, Input.USER_BEGAN]
        return (self.floor, self.turn) != before

    def _input_of(self, event: AnyEvent) -> Input | None:
        match event:
            case SessionState(state=state):
                return {"open": Input.OPENED, "off": Input.CLOSED, "failed": Input.CLOSED}.get(state)
            case Speech(on=on):
                self._user_speaks = on
                return Input.USER_BEGAN if on else Input.USER_ENDED
            case CutDone(turn=turn) | Cut(turn=turn):
                return Input.MODEL_SILENT if turn >= self.turn else None
            case _:
                return self._turn_input(event)

    def _turn_input(self, event: AnyEvent) -> Input | None:
        match event:
            case TurnHeard(turn=turn):
                self.turn = max(self.turn, turn)
                return Input.MODEL_HEARD
            case TurnPlayed(turn=turn):
                self._played = max(self._played, turn)
                return self._over(turn)
            case TurnComplete(turn=turn):
                self._complete = max(self._complete, turn)
                return self._over(turn)
            case _:
                return None

    def _over(self, turn: Turn) -> Input | None:
        """A turn is over when it was played out and the server said so, in either order."""
        over = min(self._complete, self._played) >= turn >= self.turn
        return Input.MODEL_SILENT if over else None
