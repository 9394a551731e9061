"""The end of a conversation that the model asked for: hang up when its farewell was heard. Pure; the whole policy is
``TABLE``.

The answer to ``end_conversation`` is given first; then the model speaks, or has spoken before it called. So the
conversation ends once a turn that began after the answer has been played, or, where none begins, a little after the
turn that was being played; and never later than the patience of each state.
"""

from enum import StrEnum

from lived.units import SECOND, Ns, Turn


class State(StrEnum):
    """Where the farewell is."""

    OFF = "off"
    """Nobody wants to end."""
    ANSWERED = "answered"
    """The model knows that it may say goodbye."""
    SAID_BEFORE = "said before"
    """What it was saying when it called has been played; it may still say more."""
    SPEAKING = "speaking"
    """It says goodbye."""
    OVER = "over"
    """Hang up."""


class Happening(StrEnum):
    """What leads on."""

    ASKED = "asked"
    BEGAN = "a turn began"
    PLAYED = "a turn was played"
    SILENT = "a turn without sound ended"
    WAITED = "the patience is over"
    HUNG_UP = "the conversation ended"


TABLE: dict[tuple[State, Happening], State] = {
    (State.OFF, Happening.ASKED): State.ANSWERED,
    (State.ANSWERED, Happening.BEGAN): State.SPEAKING,
    (State.ANSWERED, Happening.PLAYED): State.SAID_BEFORE,
    (State.ANSWERED, Happening.SILENT): State.OVER,
    (State.ANSWERED, Happening.WAITED): State.OVER,
    (State.SAID_BEFORE, Happening.BEGAN): State.SPEAKING,
    (State.SAID_BEFORE, Happening.SILENT): State.OVER,
    (State.SAID_BEFORE, Happening.WAITED): State.OVER,
    (State.SPEAKING, Happening.PLAYED): State.OVER,  # heard, or cut by a user who has had enough
    (State.SPEAKING, Happening.WAITED): State.OVER,
    (State.ANSWERED, Happening.HUNG_UP): State.OFF,
    (State.SAID_BEFORE, Happening.HUNG_UP): State.OFF,
    (State.SPEAKING, Happening.HUNG_UP): State.OFF,
    (State.OVER, Happening.HUNG_UP): State.OFF,
}
"""What is not in it changes nothing."""

PATIENCE: dict[State, Ns] = {
    # from an answer to the first sound of what the model says of it: 0.8 to 1.4 s, more behind a swap of connections
    State.ANSWERED: Ns(10 * SECOND),
    State.SAID_BEFORE: Ns(3 * SECOND),
    State.SPEAKING: Ns(30 * SECOND),
}


class Farewell:
    """Follows one conversation's end."""

    def __init__(self) -> None:
        self.state = State.OFF
        self._turn = Turn(0)
        self._until = Ns(0)

    def asked(self, now: Ns) -> None:
        """The model wants to end, and has been answered."""
        self._happens(Happening.ASKED, now)

    def began(self, turn: Turn, now: Ns) -> None:
        """A reply began."""
        if self.state in (State.ANSWERED, State.SAID_BEFORE):
            self._turn = turn
        self._happens(Happening.BEGAN, now)

    def played(self, turn: Turn, now: Ns) -> None:
        """Playback is done with a turn."""
        if self.state is not State.SPEAKING or turn >= self._turn:
            self._happens(Happening.PLAYED, now)

    def complete(self, frames: int, now: Ns) -> None:
        """The server said that a turn of so many frames is over."""
        if frames == 0:
            self._happens(Happening.SILENT, now)

    def hung_up(self, now: Ns) -> None:
        """There is no conversation any more."""
        self._happens(Happening.HUNG_UP, now)

    def over(self, now: Ns) -> bool:
        """Whether it is time to hang up."""
        if self.state in PATIENCE and now >= self._until:
            self._happens(Happening.WAITED, now)
        return self.state is State.OVER

    def _happens(self, happening: Happening, now: Ns) -> None:
        after = TABLE.get((self.state, happening), self.state)
        if after is not self.state:
            self.state = after
            self._until = Ns(now + PATIENCE.get(after, Ns(0)))
