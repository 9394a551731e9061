"""What was said, in whole sentences: what a new session is told when the server has forgotten the old one. Pure."""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from lived.errors import ConfigError

SIDES = {"user": "user", "model": "model"}
"""Side of the conversation to the API's role."""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence, as it is kept on disk and read from ``live.history_file``."""

    side: str
    """user or model."""
    text: str


class Turn(NamedTuple):
    """Consecutive sentences of one side."""

    role: str
    """user or model."""
    text: str


class History:
    """The newest sentences, ``most`` characters of them: the oldest is forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        # at most `most` characters of text, and no empty lines: so never more than `most` entries
        self._lines: deque[Line] = deque()
        self._characters = 0
        self._anything = False
        self.changed = False
        """Since whoever keeps it has cleared this."""

    def __bool__(self) -> bool:
        """Whether anything was said, kept or not."""
        return self._anything

    def add(self, side: str, text: str) -> None:
        """A sentence of the user or the model. A longer one than all that may be kept loses its beginning."""
        text = text.strip()
        self._anything |= bool(text)
        text = text[-self._most :] if self._most else ""
        if not text:
            return
        self._lines.append(Line(side, text))
        self._characters += len(text)
        while self._characters > self._most:
            self._characters -= len(self._lines.popleft().text)
        self.changed = True

    def lines(self) -> list[Line]:
        """All of it, oldest first."""
        return list(self._lines)

    def load(self, lines: Iterable[Line]) -> None:
        """Add what was kept or configured, oldest first."""
        for line in lines:
            self.add(line.side, line.text)

    def clear(self) -> None:
        """The conversation is over."""
        self._lines.clear()
        self._characters = 0
        self._anything = self.changed = False

    def turns(self, limit_characters: int) -> list[Turn]:
        """The newest sentences within the limit as turns that take turns, oldest first; none for 0."""
        turns: list[Turn] = []
        for line in self._newest(limit_characters):
            role = SIDES[line.side]
            if turns and turns[-1].role == role:
                turns[-1] = Turn(role, f"{turns[-1].text} {line.text}")
            else:
                turns.append(Turn(role, line.text))
        return turns

    def _newest(self, limit: int) -> list[Line]:
        kept: list[Line] = []
        for line in reversed(self._lines):
            limit -= len(line.text) + 1  # the space that joins it to its neighbour
            if limit < 0:
                break
            kept.append(line)
        return kept[::-1]


def parse(content: bytes, name: str) -> list[Line]:
    """The lines of ``live.history_file``.

    Raises:
        ConfigError: a line is not what it should be; ``name`` is the file.
    """
    found = []
    for number, raw in enumerate(content.splitlines(), 1):
        if not raw.strip():
            continue
        try:
            line = msgspec.json.decode(raw, type=Line)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            line = Line("", "")
        if line.side not in SIDES:
            raise ConfigError(
                f"live.history_file {name}, line {number}, is not a sentence:"
                ' write {"side": "user" or "model", "text": "..."} in each line.'
            )
        found.append(line)
    return found
