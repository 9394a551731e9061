"""What both pictures are made of."""

from typing import NamedTuple

from rich.cells import set_cell_size
from rich.console import Console
from rich.text import Text

COLOURS = {"Ready": "green", "Starting": "yellow", "Degraded": "red", "Off": "dim"}
"""Of the state's word; the word itself says the same to whoever sees no colours."""

WAITING = "No daemon: waiting for one. Start it with 'livectl start'."
NO_ANSWER = "the daemon does not answer, though it lives"


class Glyphs(NamedTuple):
    """Characters that a terminal may not have."""

    full: str
    part: str
    empty: str
    hold: str
    rule: str
    dot: str
    none: str


FANCY = Glyphs("█", "▒", "·", "│", "─", " · ", "–")
ASCII = Glyphs("#", "=", ".", "|", "-", ", ", "-")


def headline(word: str, sentence: str) -> Text:
    """The state in one sentence."""
    text = Text()
    text.append(word, style=f"bold {COLOURS.get(word, 'default')}")
    if sentence:
        text.append(f": {sentence}.")
    return text


def clipped(text: str, columns: int) -> str:
    """Exactly ``columns`` cells of it: cut, or filled with spaces."""
    return set_cell_size(text, max(0, columns))


def wrapped(text: Text, columns: int) -> list[Text]:
    """In lines of at most ``columns`` cells."""
    return list(text.wrap(Console(width=max(1, columns)), max(1, columns)))
