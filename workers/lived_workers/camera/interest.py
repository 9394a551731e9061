"""Whether anybody wants to see anything now. Pure: time is a parameter."""

from typing import Literal

from lived.units import SECOND, Ns

AFTERWARDS = Ns(10 * SECOND)
"""So long is looked on after speech ended (``camera.when`` speech): the answer, and what is shown with it."""


class Interest:
    """What orders and events say about it, and what follows."""

    def __init__(self, when: Literal["conversation", "speech"], conversing: bool) -> None:
        """``conversing``: a worker that begins in the middle of a conversation takes its session for open."""
        self._when = when
        self._conversing = self._session = conversing
        self._watch: bool | None = None
        self._speaking = False
        self._until = Ns(0)

    def converse(self, on: bool) -> None:
        """A conversation begins or ends; what somebody ordered in the last one is over."""
        if on != self._conversing:
            self._conversing, self._watch, self._speaking, self._until = on, None, False, Ns(0)
            self._session = False

    def session(self, is_open: bool) -> None:
        """Whether there is anybody to show pictures to."""
        self._session = is_open

    def speech(self, on: bool, now: Ns) -> None:
        """The user began or ended to speak."""
        if self._speaking and not on:
            self._until = Ns(now + AFTERWARDS)
        self._speaking = on

    def watch(self, on: bool) -> None:
        """An order stands above ``camera.when`` until the conversation ends."""
        self._watch = on

    def wanted(self, now: Ns) -> bool:
        """Whether pictures are to be taken."""
        if not (self._conversing and self._session):
            return False
        if self._watch is not None:
            return self._watch
        return self._when == "conversation" or self._speaking or now < self._until

    def in_words(self) -> str:
        """Why nothing is seen at present, for ``livectl status``."""
        if not self._conversing:
            return "no conversation"
        if not self._session:
            return "no session"
        return "not looking" if self._watch is False else "looks when somebody speaks"
