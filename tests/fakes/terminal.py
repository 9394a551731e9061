"""A terminal for a program under test: a pty, and what its screen shows."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Mapping, Sequence
from typing import Self

from fakes.daemon import wait_until

_ORDERS = re.compile(rb"\x1b\[(\??)([0-9;]*)([A-Za-z])")


class Screen:
    """Understands what ``lived.cli.watch.pen`` sends, and nothing else: fails for an order that it does not know."""

    def __init__(self) -> None:
        self.rows: dict[int, str] = {}
        self.alternate = False
        self.cursor = True
        self.clears = 0
        self._row, self._column = 0, 0
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """What the program wrote; an order may come in two parts."""
        self._rest += data
        while self._rest:
            found = _ORDERS.search(self._rest)
            end = found.start() if found else self._rest.rfind(b"\x1b")
            text = self._rest[: end if end >= 0 else len(self._rest)]
            try:
                self._write(text.decode())
            except UnicodeDecodeError:
                return  # a character in two parts
            if not found:
                self._rest = self._rest[len(text) :]
                return
            self._rest = self._rest[found.end() :]
            self._obey(found.group(1) == b"?", found.group(2).decode(), found.group(3).decode())

    def text(self) -> str:
        """The rows, without what is empty on their right."""
        return "\n".join(self.rows.get(row, "").rstrip() for row in range(max(self.rows, default=-1) + 1))

    def _write(self, text: str) -> None:
        old = self.rows.get(self._row, "").ljust(self._column)
        self.rows[self._row] = old[: self._column] + text + old[self._column + len(text) :]
        self._column += len(text)

    def _obey(self, private: bool, numbers: str, letter: str) -> None:
        match letter, private, numbers:
            case "m", False, _:
                pass
            case "H", False, _:
                row, column = (int(n) for n in numbers.split(";")) if numbers else (1, 1)
                self._row, self._column = row - 1, column - 1
            case "K", False, "0":
                self.rows[self._row] = self.rows.get(self._row, "")[: self._column]
            case "J", False, "2":
                self.rows, self.clears = {}, self.clears + 1
            case (("h" | "l"), True, "1049"):
                self.alternate = letter == "h"
            case (("h" | "l"), True, "25"):
                self.cursor = letter == "h"
            case _:
                raise AssertionError(f"an order that this terminal does not know: {numbers}{letter}")


class Terminal:
    """Context manager: a program, and somebody who looks at its screen."""

    def __init__(
        self, command: Sequence[str], columns: int = 80, rows: int = 24, environ: Mapping[str, str] | None = None
    ) -> None:
        self.screen = Screen()
        self.raw = b""
        self._command, self._size = command, (columns, rows)
        self._environ = {**os.environ, "TERM": "xterm-256color", **(environ or {})}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._master, slave = pty.openpty()
        self.resize(*self._size)
        self.before = termios.tcgetattr(slave)
        self.process = subprocess.Popen(
            self._command, stdin=slave, stdout=slave, stderr=subprocess.PIPE, env=self._environ, start_new_session=True
        )
        self._slave = slave  # kept open: what the program leaves behind can be looked at
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stderr
        self.process.stderr.close()
        os.close(self._slave)
        self._thread.join(5)
        os.close(self._master)

    @property
    def settings(self) -> list[object]:
        """As termios has them."""
        return list(termios.tcgetattr(self._slave))

    def resize(self, columns: int, rows: int) -> None:
        """As a window that is dragged."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def wait_for(self, words: str, timeout: float = 30) -> str:
        """The screen, once it shows ``words``."""
        wait_until(lambda: words in self.text(), timeout, lambda: f"{words!r} in\n{self.text()}")
        return self.text()

    def text(self) -> str:
        """What the screen shows."""
        with self._lock:
            return self.screen.text()

    def interrupt(self) -> None:
        """Ctrl-C, for a program that this terminal does not control."""
        self.process.send_signal(signal.SIGINT)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65_536)
            except OSError:
                return  # nobody has the other end any more
            with self._lock:
                self.raw += data
                self.screen.feed(data)
