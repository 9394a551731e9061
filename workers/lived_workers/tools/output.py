"""What a program writes, as it comes: intermediate answers line by line, and the final one. Pure."""

from typing import Any

import msgspec

from lived_workers.tools import answers
from lived_workers.tools.tool import Response

PARTIAL = "partial"
"""A line of output that is a JSON object with this key is an intermediate answer."""


class Output:
    """Takes the bytes of one program's output. Holds ``limit`` bytes of final answer and one line at most."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._line = b""
        self._final = bytearray()
        self.full = False
        """The answer is longer than it may be: what comes now is of no use."""

    def feed(self, piece: bytes) -> list[Response]:
        """Take some bytes; the intermediate answers that are complete with them."""
        found = []
        *lines, self._line = (self._line + piece).split(b"\n")
        for line in lines:
            partial = self._sort(line + b"\n")
            if partial is not None:
                found.append(partial)
        if len(self._line) + len(self._final) > self._limit:
            self._keep(self._line)
            self._line = b""
        return found

    def final(self) -> Response:
        """The answer, once there is no more to come."""
        last = self._sort(self._line)
        self._line = b""
        if last is not None and not self._final.strip():
            return last  # only intermediate answers: the last of them is the answer
        return answers.from_output(bytes(self._final), self.full)

    def _sort(self, line: bytes) -> Response | None:
        value = _partial(line)
        if value is not None:
            return answers.from_value(value[0])
        self._keep(line)
        return None

    def _keep(self, line: bytes) -> None:
        room = self._limit - len(self._final)
        self._final += line[:room]
        self.full = self.full or len(line.rstrip()) > room


def _partial(line: bytes) -> tuple[Any] | None:
    if not line.lstrip().startswith(b"{"):
        return None
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None
    return (value[PARTIAL],) if isinstance(value, dict) and PARTIAL in value else None
