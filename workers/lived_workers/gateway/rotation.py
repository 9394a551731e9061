"""When to replace a connection before the server ends it. Pure: time is a parameter.

A connection lasts about ten minutes; the server announces its end (goAway), or does not, and may be silent from then
on. So the age of a connection and the announcement only make a swap *due*: it happens when nobody talks and nothing
is waited for, at the latest shortly before the announced end. All changes of state are in ``TABLE``.
"""

from enum import StrEnum
from typing import NamedTuple

from lived.units import MILLISECOND, SECOND, Ns

MARGIN = Ns(5 * SECOND)
"""So long before the announced end the swap happens, whoever speaks: the server may be early."""

QUIET_FOR = Ns(600 * MILLISECOND)
"""A pause between two sentences is shorter than this."""

HANDLE_PATIENCE = Ns(20 * SECOND)
"""The handle that follows an answer comes within a second or two, or never: then the older one has to do."""


class State(StrEnum):
    """Of the newest connection."""

    NONE = "none"
    YOUNG = "young"
    DUE = "due"
    """To be replaced at the next quiet moment, without hurry."""
    LEAVING = "leaving"
    """The server said when it will hang up."""
    TOLD = "told"
    """The swap was ordered: once is enough."""


class Input(StrEnum):
    """What can happen to it."""

    OPENED = "opened"
    CLOSED = "closed"
    AGED = "aged"
    WISHED = "wished"
    """Somebody here wants another connection, since its settings changed."""
    GO_AWAY = "goAway"
    SWAP = "swap"


TABLE: dict[tuple[State, Input], State] = {
    **{(state, Input.OPENED): State.YOUNG for state in State},
    **{(state, Input.CLOSED): State.NONE for state in State},
    (State.YOUNG, Input.AGED): State.DUE,
    (State.YOUNG, Input.WISHED): State.DUE,
    (State.DUE, Input.WISHED): State.DUE,
    (State.LEAVING, Input.WISHED): State.LEAVING,
    (State.TOLD, Input.WISHED): State.TOLD,
    (State.NONE, Input.WISHED): State.NONE,  # the next connection has the new settings anyway
    (State.YOUNG, Input.GO_AWAY): State.LEAVING,
    (State.DUE, Input.GO_AWAY): State.LEAVING,
    (State.LEAVING, Input.GO_AWAY): State.LEAVING,
    (State.TOLD, Input.GO_AWAY): State.TOLD,
    (State.NONE, Input.GO_AWAY): State.NONE,
    (State.DUE, Input.SWAP): State.TOLD,
    (State.LEAVING, Input.SWAP): State.TOLD,
}
"""What is missing cannot happen: it would be a fault in this program."""


class Moment(NamedTuple):
    """How things are when it is asked."""

    quiet: bool
    """No reply is being received or heard, the user does not speak and waits for no answer."""
    calls: int
    """Functions that the model called and that are not answered yet."""


class Rotation:
    """One gateway's clock for swaps."""

    def __init__(self, after: Ns) -> None:
        """``after``: age at which a connection is to be replaced."""
        self._after = after
        self.state = State.NONE
        self.cause = ""
        """Why it is due, as in the event ``session.swapped``; "" = it is not."""
        self._opened = self._deadline = Ns(0)
        self._noisy = Ns(0)  # when it was last not quiet
        self._behind: Ns | None = None  # since when the newest handle is older than what was said

    def opened(self, now: Ns) -> None:
        """A connection is there."""
        self._move(Input.OPENED)
        self.cause, self._behind = "", None
        self._opened = self._noisy = now

    def closed(self) -> None:
        """It has ended, whoever did it."""
        self._move(Input.CLOSED)
        self.cause = ""

    def go_away(self, now: Ns, time_left: Ns) -> None:
        """The server closes the connection in ``time_left``."""
        self._move(Input.GO_AWAY)
        if self.state is State.LEAVING:
            self.cause, self._deadline = "goaway", Ns(now + max(0, time_left - MARGIN))

    def wish(self, cause: str) -> None:
        """Something else asks for a swap at the next quiet moment."""
        self._move(Input.WISHED)
        if self.state is State.DUE:
            self.cause = self.cause or cause

    def handle(self, now: Ns, resumable: bool) -> None:
        """The server told a handle, or that this is no moment to leave: then the one before is out of date."""
        if resumable:
            self._behind = None
        elif self._behind is None:
            self._behind = now

    def called(self, now: Ns) -> None:
        """The model called a function: a session resumed with an older handle would not know of it."""
        self._behind = now

    def due(self, now: Ns, moment: Moment) -> str:
        """Why to swap now, or "". To be asked several times a second, and obeyed."""
        if not moment.quiet or moment.calls:
            self._noisy = now
        if self.state is State.YOUNG and now - self._opened >= self._after:
            self._move(Input.AGED)
            self.cause = "age"
        if self.state not in (State.DUE, State.LEAVING):
            return ""
        late = self.state is State.LEAVING and now >= self._deadline
        if not late and not self._fits(now, moment):
            return ""
        self._move(Input.SWAP)
        return self.cause

    def _fits(self, now: Ns, moment: Moment) -> bool:
        if moment.calls and self._behind is not None:
            self._behind = now  # patience begins when the answer has left
        waits = self._behind is not None and now - self._behind < HANDLE_PATIENCE
        return now - self._noisy >= QUIET_FOR and not moment.calls and not waits

    def _move(self, what: Input) -> None:
        self.state = TABLE[self.state, what]
