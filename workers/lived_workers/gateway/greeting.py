"""Whether the model speaks first: once after the device has started, or with each conversation, and never when a
session goes on. A mark on disk remembers it over the processes that come and go."""

import logging
import os
from pathlib import Path

from lived.config.options import Conversation
from lived_workers.gateway.messages import Prompt, Text
from lived_workers.gateway.store import write_safely

log = logging.getLogger("lived.gateway")

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot() -> bytes:
    """Names this run of the device."""
    try:
        return _BOOT_ID.read_bytes().strip()
    except OSError:
        return b"unknown"


class Greeting:
    """One gateway's."""

    def __init__(self, wanted: Conversation, state_dir: Path) -> None:
        self._wanted = wanted
        self._mark = state_dir / "greeted"

    def due(self) -> Text | Prompt | None:
        """What makes the model greet now, at the beginning of a new session; None when it has, or is not to."""
        now = self._occasion()
        if not now or self._marked() == now:
            return None
        problem = write_safely(self._mark, now, durable=False)
        if problem:
            log.warning("Cannot write %s (%s): the model may greet twice; make it writable.", self._mark, problem)
        return Text(self._wanted.greeting) if self._wanted.greeting else Prompt()

    def ended(self) -> None:
        """The conversation was ended: the next one may begin with a greeting."""
        if self._wanted.greet == "start":
            try:
                self._mark.unlink(missing_ok=True)
            except OSError as error:
                log.warning("Cannot remove %s (%s): remove it by hand.", self._mark, error.strerror)

    def _occasion(self) -> bytes:
        """Names what is greeted: this run of the device, or this run of the daemon on it; empty = nothing."""
        if self._wanted.greet == "never":
            return b""
        return boot() if self._wanted.greet == "boot" else b"%s %d" % (boot(), os.getppid())

    def _marked(self) -> bytes:
        try:
            return self._mark.read_bytes()
        except OSError:
            return b""
