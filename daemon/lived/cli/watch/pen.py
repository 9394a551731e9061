"""From rich's lines to the bytes that a terminal is sent."""

import io
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.control import Control
from rich.segment import ControlType
from rich.text import Text

ENTER = (Control.alt_screen(True), Control.show_cursor(False))
LEAVE = (Control.show_cursor(True), Control.alt_screen(False))


class Pen:
    """For one width and height, in cells."""

    def __init__(self, columns: int, rows: int, encoding: str) -> None:
        self.columns, self.rows = columns, rows
        self._encoding = encoding
        self._console = Console(
            file=io.StringIO(), force_terminal=True, width=columns, height=rows, legacy_windows=False, highlight=False
        )
        self._drawn: dict[int, tuple[object, bytes]] = {}  # by row, so no more than there are rows

    def picture(self, lines: Sequence[Text]) -> tuple[bytes, ...]:
        """Each row as it is written, wherever the cursor stands; rows without a line are empty."""
        empty = Text()
        return tuple(self._row(row, lines[row] if row < len(lines) else empty) for row in range(self.rows))

    def order(self, *controls: Control) -> bytes:
        """For the terminal itself."""
        with self._console.capture() as capture:
            self._console.control(*controls)
        return capture.get().encode(self._encoding)

    def _row(self, row: int, text: Text) -> bytes:
        """Drawing costs a quarter of a millisecond, and most rows are those of before."""
        looks = (text.plain, text.style, tuple(text.spans))
        known = self._drawn.get(row)
        if known is None or known[0] != looks:
            known = self._drawn[row] = (looks, self._draw(row, text))
        return known[1]

    def _draw(self, row: int, text: Text) -> bytes:
        with self._console.capture() as capture:
            self._console.control(Control.move_to(0, row))
            self._console.print(text, end="", no_wrap=True, overflow="crop", crop=True)
            if cell_len(text.plain) < self.columns:  # behind a full row, the cursor of some terminals is still on it
                self._console.control(Control((ControlType.ERASE_IN_LINE, 0)))
        return capture.get().encode(self._encoding, errors="replace")


def changes(before: Sequence[bytes], after: Sequence[bytes]) -> bytes:
    """What makes one picture the other, both of the same size."""
    return b"".join(new for old, new in zip(before, after, strict=True) if old != new)
