"""The question that a connection took along when it ended: asked again on the next one. Pure."""

from collections.abc import Collection

MOST_REPEATED = 2
"""On a resumed session, and on a fresh one. Who does not answer then does not want to."""


class Unanswered:
    """At most one question, the newest."""

    def __init__(self) -> None:
        self._question = ""
        self._repeated = 0

    def ended(self, question: str) -> None:
        """A connection ended that owed an answer to this; "" = to nothing."""
        self._question = question or self._question

    def again(self, waiting: Collection[str]) -> str:
        """What to ask now, on the next connection, "" = nothing. ``waiting`` is typed text that will be sent anyway."""
        question, self._question = self._question, ""
        self._repeated = self._repeated + 1 if question else 0
        for text in waiting:
            question = question.replace(text, "").strip()
        return "" if self._repeated > MOST_REPEATED else question

    def forget(self) -> None:
        """The conversation is over."""
        self._question, self._repeated = "", 0
