"""Barge-in by ear: somebody speaks over a reply. Suspected: the reply gets quieter; sure: it is cut. Pure.

A duck is an order for a time, repeated while the suspicion lasts: nobody has to take it back, also not a front end
that has died. A cut names a turn, as all cuts do. Only speech that is heard while a reply is heard counts. What turns
out to be the reply's own echo stays a suspicion.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from lived.config.options import Bargein as Options
from lived.units import MILLISECOND, NO_TURN, Ns, Turn

DIP = Ns(100 * MILLISECOND)
"""A shorter pause is one between syllables; what was heard before it still counts."""
AGAIN = Ns(50 * MILLISECOND)
"""What sounds like the reply's own echo is looked at again so soon: a user who speaks into it is not kept waiting."""


def never() -> bool:
    """No loudspeaker, no echo."""
    return False


class State(StrEnum):
    """Of a reply, as far as the ear is concerned."""

    APART = "apart"
    """None is heard; or the ear cannot tell the user from the reply."""
    UNDISTURBED = "undisturbed"
    HINT = "hint"
    """Something that may be speech, still too short."""
    DUCKED = "ducked"
    CUT = "cut"
    """The cut is ordered, and its last frames are on their way out."""


class Input(StrEnum):
    """What can happen to it."""

    NO_REPLY = "no reply"
    QUIET = "quiet"
    """A reply is heard, and nothing over it."""
    SOUND = "sound"
    SUSPECT = "suspect"
    SURE = "sure"


class Action(StrEnum):
    """What is done."""

    NOTHING = "nothing"
    DUCK = "duck"
    CUT = "cut"


TABLE: dict[tuple[State, Input], tuple[State, Action]] = {
    (State.APART, Input.NO_REPLY): (State.APART, Action.NOTHING),
    (State.APART, Input.QUIET): (State.UNDISTURBED, Action.NOTHING),
    (State.APART, Input.SOUND): (State.HINT, Action.NOTHING),
    (State.APART, Input.SUSPECT): (State.DUCKED, Action.DUCK),
    (State.APART, Input.SURE): (State.CUT, Action.CUT),
    (State.UNDISTURBED, Input.NO_REPLY): (State.APART, Action.NOTHING),
    (State.UNDISTURBED, Input.QUIET): (State.UNDISTURBED, Action.NOTHING),
    (State.UNDISTURBED, Input.SOUND): (State.HINT, Action.NOTHING),
    (State.UNDISTURBED, Input.SUSPECT): (State.DUCKED, Action.DUCK),
    (State.UNDISTURBED, Input.SURE): (State.CUT, Action.CUT),
    (State.HINT, Input.NO_REPLY): (State.APART, Action.NOTHING),
    (State.HINT, Input.QUIET): (State.UNDISTURBED, Action.NOTHING),
    (State.HINT, Input.SOUND): (State.HINT, Action.NOTHING),
    (State.HINT, Input.SUSPECT): (State.DUCKED, Action.DUCK),
    (State.HINT, Input.SURE): (State.CUT, Action.CUT),
    (State.DUCKED, Input.NO_REPLY): (State.APART, Action.NOTHING),
    # a cough: the duck ends by itself
    (State.DUCKED, Input.QUIET): (State.UNDISTURBED, Action.NOTHING),
    (State.DUCKED, Input.SOUND): (State.DUCKED, Action.NOTHING),
    (State.DUCKED, Input.SUSPECT): (State.DUCKED, Action.DUCK),
    (State.DUCKED, Input.SURE): (State.CUT, Action.CUT),
    (State.CUT, Input.NO_REPLY): (State.APART, Action.NOTHING),
    (State.CUT, Input.QUIET): (State.UNDISTURBED, Action.NOTHING),
    # no duck any more: it would make the next reply quiet
    (State.CUT, Input.SOUND): (State.CUT, Action.NOTHING),
    (State.CUT, Input.SUSPECT): (State.CUT, Action.NOTHING),
    # still heard, and still spoken over: the order was lost
    (State.CUT, Input.SURE): (State.CUT, Action.CUT),
}


class Duck(NamedTuple):
    """The reply is to be quieter."""

    until: Ns
    """CLOCK_MONOTONIC."""


class Cut(NamedTuple):
    """Nothing of this turn is to be heard any more."""

    turn: Turn


class Bargein:
    """Feeds blocks to the table."""

    def __init__(self, options: Options, is_echo: Callable[[], bool] = never) -> None:
        """``is_echo``: whether what has just been heard is the reply after all; asked only before a cut."""
        self._is_echo = is_echo
        self._on = options.on
        self._suspect = Ns(options.suspect_ms * MILLISECOND)
        self._sure = Ns(options.sure_ms * MILLISECOND)
        self._restore = Ns(options.restore_ms * MILLISECOND)
        self._turn = NO_TURN
        self._heard = Ns(0)
        """Speech over this turn."""
        self._dip = Ns(0)
        self._ducked_until = Ns(0)
        self.state = State.APART

    def take(self, *, sounding: bool, turn: Turn, trusted: bool, span: Ns, now: Ns) -> Duck | Cut | None:
        """The next block of the cleaned voice, ``span`` long.

        ``sounding``: there may be speech in it. ``turn``: the reply that is heard, NO_TURN = none. ``trusted``: the
        judge says that the reply itself is not in it. ``now``: CLOCK_MONOTONIC.
        """
        watched = turn if self._on and trusted else NO_TURN
        if watched != self._turn:
            self._turn = watched
            self._step(Input.NO_REPLY)
            self._forget()
        if not watched:
            return None
        match self._step(self._input(sounding, span)):
            case Action.CUT:
                self._forget()
                return Cut(watched)
            case Action.DUCK:
                return self._duck(now)
        return None

    def _step(self, what: Input) -> Action:
        self.state, action = TABLE[self.state, what]
        return action

    def _input(self, sounding: bool, span: Ns) -> Input:
        if not sounding:
            self._dip = Ns(self._dip + span)
            if self._dip < DIP and self._heard:
                return Input.SOUND
            self._forget()
            return Input.QUIET
        self._dip = Ns(0)
        self._heard = Ns(self._heard + span)
        if self._heard >= self._sure:
            if not self._is_echo():
                return Input.SURE
            self._heard = Ns(max(0, self._sure - AGAIN))
        return Input.SUSPECT if self._heard >= self._suspect else Input.SOUND

    def _duck(self, now: Ns) -> Duck | None:
        """The order is for ``restore_ms``; it is repeated at half of that, not a hundred times a second."""
        if self._ducked_until - now > self._restore // 2:
            return None
        self._ducked_until = Ns(now + self._restore)
        return Duck(self._ducked_until)

    def _forget(self) -> None:
        self._heard = self._dip = Ns(0)
