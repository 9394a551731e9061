"""Which turn a piece of sound belongs to. Pure: time is a parameter.

All changes of a turn's state are in ``TABLE``; what each move does is in ``Turns``. A turn begins with the first
sound after the last one ended, and ends with the server's turnComplete, with the connection, or by patience. The
end of a turn never empties anything. Ids only grow.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from lived.units import MODEL_RATE, SECOND, Frames, Ns, Turn, span_of

LATE_SOUND = Ns(1 * SECOND)
"""After ``interrupted`` the server sends nothing more of that reply; sound that follows a silence of this length
is a new reply, even when the interrupted one never got its turnComplete."""

NO_NEWS = Ns(15 * SECOND)
"""A turn without news for so long, counted from the end of its sound at real time, will not be completed any more:
the server holds turnComplete back until the reply would have been heard."""


class State(StrEnum):
    """Of the newest turn."""

    NONE = "none"
    """Ended, or none yet: sound begins a new one."""
    SPEAKING = "speaking"
    SILENCED = "silenced"
    """Cut by somebody here; the server does not know and goes on sending it."""
    GENERATED = "generated"
    """The model finished producing it; only turnComplete is missing. More sound is the next reply."""
    CONDEMNED = "condemned"
    """Cut by the server: sound that still comes is late."""


class Input(StrEnum):
    """What can happen to it."""

    SOUND = "sound"
    """Or a text that had to name the turn before any sound came."""
    INTERRUPTED = "interrupted"
    LOCAL_CUT = "local cut"
    GENERATED = "generated"
    COMPLETE = "complete"
    PATIENCE_OVER = "patience over"
    LOST = "connection lost"


TABLE: dict[tuple[State, Input], State] = {
    (State.NONE, Input.SOUND): State.SPEAKING,
    # playback may hold all of a turn that ended here long ago: it is cut, nothing changes here
    (State.NONE, Input.INTERRUPTED): State.NONE,
    (State.NONE, Input.LOCAL_CUT): State.NONE,
    (State.NONE, Input.GENERATED): State.NONE,
    (State.NONE, Input.COMPLETE): State.NONE,
    (State.NONE, Input.PATIENCE_OVER): State.NONE,
    (State.NONE, Input.LOST): State.NONE,
    (State.SPEAKING, Input.SOUND): State.SPEAKING,
    (State.SPEAKING, Input.INTERRUPTED): State.CONDEMNED,
    (State.SPEAKING, Input.LOCAL_CUT): State.SILENCED,
    (State.SPEAKING, Input.GENERATED): State.GENERATED,
    (State.SPEAKING, Input.COMPLETE): State.NONE,
    (State.SPEAKING, Input.PATIENCE_OVER): State.NONE,
    (State.SPEAKING, Input.LOST): State.NONE,
    (State.SILENCED, Input.SOUND): State.SILENCED,
    (State.SILENCED, Input.INTERRUPTED): State.CONDEMNED,
    (State.SILENCED, Input.LOCAL_CUT): State.SILENCED,
    (State.SILENCED, Input.GENERATED): State.GENERATED,
    (State.SILENCED, Input.COMPLETE): State.NONE,
    (State.SILENCED, Input.PATIENCE_OVER): State.NONE,
    (State.SILENCED, Input.LOST): State.NONE,
    (State.GENERATED, Input.SOUND): State.SPEAKING,
    (State.GENERATED, Input.INTERRUPTED): State.CONDEMNED,
    (State.GENERATED, Input.LOCAL_CUT): State.GENERATED,
    (State.GENERATED, Input.GENERATED): State.GENERATED,
    (State.GENERATED, Input.COMPLETE): State.NONE,
    (State.GENERATED, Input.PATIENCE_OVER): State.NONE,
    (State.GENERATED, Input.LOST): State.NONE,
    (State.CONDEMNED, Input.SOUND): State.CONDEMNED,
    (State.CONDEMNED, Input.INTERRUPTED): State.CONDEMNED,
    (State.CONDEMNED, Input.LOCAL_CUT): State.CONDEMNED,
    (State.CONDEMNED, Input.GENERATED): State.CONDEMNED,
    (State.CONDEMNED, Input.COMPLETE): State.NONE,
    (State.CONDEMNED, Input.PATIENCE_OVER): State.NONE,
    (State.CONDEMNED, Input.LOST): State.NONE,
}


class Ended(NamedTuple):
    """A turn that is over."""

    turn: Turn
    frames: Frames
    """Of it that were published."""
    reason: str
    """"" = the server said so; lost, missing, or the server's own reason."""


class Placed(NamedTuple):
    """Where a piece of sound belongs."""

    heard: bool
    """Whether to publish it, as the newest turn."""
    began: bool
    """It is the first of its turn."""
    ended: list[Ended]
    """What ended because it came."""


class Turns:
    """The newest turn, and the next id."""

    def __init__(self, new_id: Callable[[], Turn]) -> None:
        """``new_id`` gives ids that only grow, whatever process asks."""
        self._new_id = new_id
        self.state = State.NONE
        self.upcoming = new_id()
        """The id of the next turn: transcripts of what it will answer carry it already."""
        self.turn = Turn(self.upcoming - 1)
        """The newest turn that began. Before the first one: an id that covers whatever an earlier process began."""
        self.frames = Frames(0)
        """Of the newest turn, published."""
        self._began = self._news = Ns(0)
        self._received = Frames(0)
        self._asked = False  # the user spoke since the turn began: what is heard of him belongs to the next one
        self._promised = False  # the upcoming id was given to a transcript

    @property
    def receiving(self) -> bool:
        """Whether more of the newest turn may come."""
        return self.state not in (State.NONE, State.CONDEMNED)

    def sound(self, frames: int, now: Ns) -> Placed:
        """``frames`` of 24 kHz arrived."""
        ended = self.tick(now)
        if self.state is State.GENERATED:
            ended += self._end(Input.PATIENCE_OVER, "missing")
        began = self.state is State.NONE
        if began:
            self._begin(now)
        self._move(Input.SOUND)
        self._news = now
        self._received = Frames(self._received + frames)
        heard = self.state is State.SPEAKING
        if heard:
            self.frames = Frames(self.frames + frames)
        return Placed(heard, began, ended)

    def interrupted(self, now: Ns) -> Turn:
        """The server cut: which turn nobody may hear any more. Right also when nothing is being received."""
        if self.state is not State.CONDEMNED:  # said twice, it does not make the next reply wait longer
            self._news = now
        self._move(Input.INTERRUPTED)
        return self.turn

    def local_cut(self, turn: Turn) -> None:
        """Somebody here cut ``turn`` and all older ones."""
        if turn >= self.turn:
            self._move(Input.LOCAL_CUT)

    def generated(self, now: Ns) -> tuple[Turn, Frames] | None:
        """The model finished producing the turn; None when there is none."""
        self._news = now
        if self.state is State.NONE:
            return None
        self._move(Input.GENERATED)
        return self.turn, self.frames

    def complete(self, reason: str) -> list[Ended]:
        """The server said that the turn is over. A reply without any sound has its id too, once a text named it."""
        if self.state is State.NONE and self._promised:
            self._begin(self._news)
            self._move(Input.SOUND)
        return self._end(Input.COMPLETE, reason)

    def lost(self) -> list[Ended]:
        """The connection ended: what has not come will not come."""
        return self._end(Input.LOST, "lost")

    def activity(self, on: bool) -> None:
        """The user began or ended to speak, as the server hears it."""
        self._asked |= on

    def turn_of_text(self, side: str) -> Turn:
        """Which turn a transcript belongs to: the model's own, or the one that will answer the user."""
        next_one = self.state is State.NONE
        if side == "user":
            next_one |= self._asked or self.state is State.CONDEMNED
        self._promised |= next_one
        return self.upcoming if next_one else self.turn

    def tick(self, now: Ns) -> list[Ended]:
        """What ended because nothing more came."""
        return self._end(Input.PATIENCE_OVER, "missing") if self._patience_over(now) else []

    def _patience_over(self, now: Ns) -> bool:
        if self.state is State.CONDEMNED:
            return now - self._news >= LATE_SOUND
        heard_at = self._began + span_of(self._received, MODEL_RATE)
        return self.state is not State.NONE and now - max(self._news, heard_at) >= NO_NEWS

    def _begin(self, now: Ns) -> None:
        self.turn, self.upcoming = self.upcoming, self._new_id()
        self.frames = self._received = Frames(0)
        self._began = self._news = now
        self._asked = self._promised = False

    def _end(self, what: Input, reason: str) -> list[Ended]:
        before = self.state
        self._move(what)
        return [] if before is State.NONE else [Ended(self.turn, self.frames, reason)]

    def _move(self, what: Input) -> None:
        self.state = TABLE[self.state, what]
