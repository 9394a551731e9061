"""Whether the server still answers. Pure: time is a parameter. All changes of state are in ``TABLE``.

The user finished speaking (or typing) and nothing comes: first the server is asked once more, then the connection is
replaced. A model may also decide that it was not meant (proactive audio) and say nothing: a server that still sends
*something* is then left in peace.
"""

from enum import StrEnum

from lived.units import Ns


class State(StrEnum):
    """Of the conversation, as far as an answer is owed."""

    IDLE = "idle"
    SPEAKING = "speaking"
    """The user."""
    WAITING = "waiting"
    """For an answer."""
    NUDGED = "nudged"
    """Still waiting, and the server was asked whether it is there."""
    GIVEN_UP = "given up"
    """The swap was ordered; or nothing is expected any more."""


class Input(StrEnum):
    """What can happen."""

    BEGAN = "began"
    """The user speaks."""
    ENDED = "ended"
    """The user finished: end of speech, a transcript of it, typed text, the button let go."""
    ANSWERED = "answered"
    """Anything that belongs to a reply: sound, text, a function call, the end of a turn."""
    LATE = "late"
    TOO_LATE = "too late"
    RESET = "reset"
    """Another connection, or none."""


_ANY = tuple(State)

TABLE: dict[tuple[State, Input], State] = {
    **{(state, Input.BEGAN): State.SPEAKING for state in _ANY},
    **{(state, Input.ANSWERED): State.IDLE for state in _ANY if state is not State.SPEAKING},
    **{(state, Input.RESET): State.IDLE for state in _ANY},
    (State.SPEAKING, Input.ANSWERED): State.SPEAKING,  # the rest of a reply that is being talked over
    (State.IDLE, Input.ENDED): State.WAITING,
    (State.SPEAKING, Input.ENDED): State.WAITING,
    (State.WAITING, Input.ENDED): State.WAITING,
    (State.NUDGED, Input.ENDED): State.NUDGED,
    (State.GIVEN_UP, Input.ENDED): State.WAITING,
    (State.WAITING, Input.LATE): State.NUDGED,
    **{(state, Input.TOO_LATE): State.GIVEN_UP for state in _ANY},  # also of a server without any sign of life
}
"""What is missing cannot happen: it would be a fault in this program."""


class Act(StrEnum):
    """What to do now."""

    NOTHING = "nothing"
    NUDGE = "nudge"
    SWAP = "swap"


class Watchdog:
    """Looks at one connection after the other."""

    def __init__(self, nudge: Ns, hung: Ns, proactive: bool) -> None:
        """``nudge`` and ``hung``: how long nothing may come. ``proactive``: the model may choose to say nothing."""
        self._nudge, self._hung, self._proactive = nudge, hung, proactive
        self.state = State.IDLE
        self._asked: Ns | None = None  # since when an answer is owed: asking again does not start the clock anew
        self._nudged = False  # since then
        self._sure = False  # it was typed, or a button was held: nobody may think that it was not meant
        self._sign = Ns(0)
        self._pongs = False

    @property
    def busy(self) -> bool:
        """The user speaks, or an answer may still be on its way: no moment to hang up."""
        return self.state in (State.SPEAKING, State.WAITING)

    @property
    def owed(self) -> bool:
        """The user still counts on an answer to what was said last."""
        meant = self._sure or not self._proactive
        return self.state in (State.SPEAKING, State.WAITING, State.GIVEN_UP) or (self.state is State.NUDGED and meant)

    def opened(self, now: Ns) -> None:
        """Another connection: nothing is owed on it yet."""
        self._move(Input.RESET)
        self._forget()
        self._sign, self._pongs = now, False

    def began(self) -> None:
        """The user began to speak."""
        self._move(Input.BEGAN)
        if self._proactive and not self._sure:
            self._forget()  # the server hears, and chose to be silent on what was said before

    def ended(self, now: Ns, sure: bool = False) -> None:
        """The user finished speaking; ``sure``: typed something, or let a button go, which is always meant."""
        self._move(Input.ENDED)
        self._sure |= sure
        if self._asked is None:
            self._asked = now

    def answered(self) -> None:
        """Something that belongs to a reply has come."""
        self._move(Input.ANSWERED)
        self._forget()

    def sign(self, now: Ns) -> None:
        """The server sent anything at all."""
        self._sign = now

    def pong(self, now: Ns) -> None:
        """It answered a ping: from now on it is known to do that."""
        self._sign, self._pongs = now, True

    def due(self, now: Ns) -> Act:
        """What to do now. To be asked several times a second, and obeyed."""
        if self._pongs and now - self._sign >= self._hung:
            return self._give_up()  # neither frames nor pongs: TCP lives, the program behind it does not
        if self._asked is None:
            return Act.NOTHING
        waited = now - self._asked
        if self.state is State.WAITING and waited >= self._nudge:
            self._move(Input.LATE)
            if not self._nudged:
                self._nudged = True
                return Act.NUDGE
        if self.state is State.NUDGED and waited >= self._hung:
            return self._judge(now)
        return Act.NOTHING

    def _judge(self, now: Ns) -> Act:
        silent = now - self._sign >= self._hung
        if self._proactive and not self._sure and not silent:
            return Act.NOTHING
        return self._give_up()

    def _give_up(self) -> Act:
        self._move(Input.TOO_LATE)
        self._forget()
        self._pongs = False
        return Act.SWAP

    def _forget(self) -> None:
        self._asked, self._sure, self._nudged = None, False, False

    def _move(self, what: Input) -> None:
        self.state = TABLE[self.state, what]
