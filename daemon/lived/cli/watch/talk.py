"""What was said, line by line, as it comes. Pure.

A transcript leads its sound: of a reply that is cut, only what was really heard stays (``said``).
"""

from collections import deque
from dataclasses import dataclass, field

from lived.cli.watch.safe import printable
from lived.units import Ns, Turn
from lived.wire.events import AnyEvent, Cut, Said, Transcript, TurnPlayed

KEPT = 200
"""Lines: more than a terminal has. 200 * ``LONGEST`` * 4 B = 3.2 MB at worst."""

LONGEST = 4_000
"""Characters of one line; of a longer one its end is kept."""


@dataclass
class Line:
    """What one side said in one turn."""

    side: str
    """user or model."""
    turn: Turn
    at: Ns
    """When its first word came."""
    text: str = ""
    cut: bool = False
    """Not heard to its end."""
    played: bool = False
    said: list[str] = field(default_factory=list)
    """Its sentences that were heard; together no longer than ``text`` was."""


class Talk:
    """The newest ``KEPT`` lines, oldest first."""

    def __init__(self) -> None:
        self.lines: deque[Line] = deque(maxlen=KEPT)

    def event(self, event: AnyEvent, now: Ns) -> None:
        """Take what belongs to a conversation."""
        match event:
            case Transcript(side=side, turn=turn, text=text):
                line = self._line(side, turn, now)
                line.text = (line.text + printable(text))[-LONGEST:].lstrip()
            case Said(side="model"):
                self._heard(event, now)
            case TurnPlayed(turn=turn, cut=cut):
                for line in self._replies(turn):
                    if line.turn == turn:
                        line.played, line.cut = not cut, line.cut or cut
            case Cut(turn=turn):
                for line in self._replies(turn):
                    line.cut |= not line.played
            case _:
                pass

    def _line(self, side: str, turn: Turn, now: Ns) -> Line:
        """The one that goes on, or a new one."""
        for line in reversed(self.lines):
            if (line.side, line.turn) == (side, turn):
                return line
        self.lines.append(Line(printable(side), turn, now))
        return self.lines[-1]

    def _heard(self, event: Said, now: Ns) -> None:
        """The sentences of a reply come when it is over, one after the other; the last one tells of a cut."""
        line = self._line(event.side, event.turn, now)
        line.said.append(printable(event.text)[-LONGEST:])
        if event.cut:
            line.text, line.cut = " ".join(line.said)[-LONGEST:], True

    def _replies(self, turn: Turn) -> list[Line]:
        return [line for line in self.lines if line.side == "model" and line.turn <= turn]
