"""The whole terminal, calm: only rows that changed are written, and a slow terminal gets the newest picture."""

import os
import signal
import sys
import termios
import threading
import tty
from collections.abc import Sequence
from types import FrameType
from typing import Any, NamedTuple, Self

from rich.control import Control
from rich.text import Text

from lived.cli.watch.pen import ENTER, LEAVE, Pen, changes

PATIENCE_S = 1.0
"""For a terminal to take the last picture, and to be as it was before."""


class _Picture(NamedTuple):
    columns: int
    clear: bytes
    """Sent before the first picture of a size: a terminal that was made narrower has moved what it showed."""
    rows: tuple[bytes, ...]

    def fits(self, other: "_Picture") -> bool:
        """Whether it can be shown by changing the other."""
        return (self.columns, len(self.rows)) == (other.columns, len(other.rows))


class _Writer:
    """A thread of its own: a terminal that takes its time (a serial line, Ctrl-S) holds up nobody but this. It keeps
    one picture, the newest."""

    def __init__(self, descriptor: int, first: bytes) -> None:
        self.gone = False
        """The terminal is: nothing more can be shown."""
        self._descriptor = descriptor
        self._urgent, self._ending = first, False
        self._picture: _Picture | None = None
        self._shown: _Picture | None = None
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="terminal", daemon=True)
        self._thread.start()

    def show(self, picture: _Picture) -> None:
        """In place of the one that still waits, if there is one."""
        with self._news:
            self._picture = picture
            self._news.notify()

    def end(self, last: bytes) -> None:
        """With these bytes; a terminal that takes nothing is left as it is."""
        with self._news:
            self._urgent, self._picture, self._ending = last, None, True
            self._news.notify()
        self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        try:
            while not self._done():
                self._write(self._next())
        except OSError:
            self.gone = True

    def _done(self) -> bool:
        return self._ending and not self._urgent

    def _next(self) -> bytes:
        with self._news:
            self._news.wait_for(lambda: self._urgent or self._picture is not None)
            out, self._urgent = self._urgent, b""
            picture, self._picture = self._picture, None
        if picture is None:
            return out
        shown, self._shown = self._shown, picture
        if shown is not None and picture.fits(shown):
            return out + changes(shown.rows, picture.rows)
        return out + picture.clear + b"".join(picture.rows)

    def _write(self, out: bytes) -> None:
        while out:
            out = out[os.write(self._descriptor, out) :]  # past Python's buffer, whose lock would hold up the exit


class Screen:
    """Context manager: takes the terminal over, and leaves it as it was; on Ctrl-Z too."""

    def __init__(self) -> None:
        self._output, self._encoding = sys.stdout.fileno(), sys.stdout.encoding
        self.keys: int | None = sys.stdin.fileno() if sys.stdin.isatty() else None
        """Where keys are read, if there are any."""
        self._pen = Pen(*self.size, self._encoding)
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number, handler in (
            (signal.SIGTERM, _end),
            (signal.SIGHUP, _end),
            (signal.SIGTSTP, self._suspend),
        ):
            self._handlers[number] = signal.signal(number, handler)
        self._enter()
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows; what everybody has when the terminal does not know."""
        columns, rows = os.get_terminal_size(self._output)
        return columns or 80, rows or 24

    @property
    def gone(self) -> bool:
        """The terminal is."""
        return self._writer.gone

    @property
    def plain(self) -> bool:
        """It can show nothing but ASCII."""
        return not self._encoding.lower().startswith("utf")

    def show(self, lines: Sequence[Text]) -> None:
        """As many of them as there are rows; each is cut at the last column."""
        size = self.size
        if size != (self._pen.columns, self._pen.rows):
            self._pen = Pen(*size, self._encoding)
        clear = self._pen.order(Control.home(), Control.clear())
        self._writer.show(_Picture(self._pen.columns, clear, self._pen.picture(lines)))

    def _enter(self) -> None:
        self._before = termios.tcgetattr(self.keys) if self.keys is not None else None
        if self.keys is not None:
            tty.setcbreak(self.keys, termios.TCSANOW)
        self._writer = _Writer(self._output, self._pen.order(*ENTER))

    def _leave(self) -> None:
        self._writer.end(self._pen.order(*LEAVE))
        if self.keys is not None and self._before is not None:
            termios.tcsetattr(self.keys, termios.TCSANOW, self._before)

    def _suspend(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._leave()
        os.kill(os.getpid(), signal.SIGSTOP)
        self._enter()  # somebody has brought us back


def _end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    """So that the terminal is left as it was."""
    raise SystemExit(128 + number)
