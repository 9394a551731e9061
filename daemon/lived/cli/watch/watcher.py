"""What is told to whoever watches a daemon. Pure: time is a parameter."""

from collections.abc import Mapping
from typing import Any

from lived.units import Ns
from lived.wire import Chunk
from lived.wire.events import AnyEvent

Status = Mapping[str, Any]
"""The answer to ``status`` as docs/protocol.md has it."""


class Watcher:
    """Takes what comes; what a watcher does not want is passed over. Times are CLOCK_MONOTONIC of the arrival."""

    def attached(self, now: Ns) -> None:
        """A daemon was found; all that comes is from this one."""

    def detached(self, now: Ns) -> None:
        """That daemon has ended."""

    def chunk(self, chunk: Chunk, now: Ns) -> None:
        """Sound came."""

    def event(self, event: AnyEvent, now: Ns) -> None:
        """Something was said."""

    def status(self, status: Status, now: Ns) -> None:
        """The daemon was asked how it is."""

    def unanswered(self, now: Ns) -> None:
        """It was asked and does not answer, though it lives."""

    def unreadable(self) -> None:
        """A message came that docs/protocol.md does not allow."""
