"""One hook: its queue, and the one program of it that runs at a time."""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from lived.config.options import Hook as Configured
from lived.errors import ProgramError
from lived.programs import Child, Running
from lived.wire.events import Event
from lived_workers.hooks.telling import as_json, as_variables
from lived_workers.hooks.waiting import Waiting

log = logging.getLogger("lived.hooks")

MEMORY = 256 * 1_048_576
"""As the default of [[tools]]."""

OUTPUT_BYTES = 65_536
"""Nobody reads what it writes to standard output; a program that writes more than this is out of its mind."""

WARN_EVERY_S = 60.0
"""A hook that is too slow for what happens is said to be so once in a while, not with every event."""


class Hook:
    """Runs its command for one event after the other."""

    def __init__(
        self,
        name: str,
        configured: Configured,
        environ: Mapping[str, str],
        folder: Path,
        running: Running,
        counters: Counter[str],
    ) -> None:
        """``environ`` is what every program gets; ``counters``: ok, failed, timeout, flood, dropped."""
        self.name = name
        self._configured = configured
        self._environ = environ
        self._folder = folder
        self._running = running
        self._counters = counters
        self._waiting = Waiting(configured.match)
        self._more = asyncio.Event()
        self._warned_at = -WARN_EVERY_S

    def put(self, event: Event, now_s: float) -> None:
        """Something happened, at ``now_s`` of the monotonic clock."""
        dropped = self._waiting.dropped
        self._waiting.put(event)
        self._more.set()
        lost = self._waiting.dropped - dropped
        self._counters["dropped"] += lost
        if lost and now_s - self._warned_at >= WARN_EVERY_S:
            self._warned_at = now_s
            log.warning("%s is too slow: events are dropped (%d so far)", self.name, self._waiting.dropped)

    async def run(self) -> None:
        """Until cancelled; then the program that runs is ended too."""
        while True:
            event = self._waiting.next()
            if event is None:
                self._more.clear()
                await self._more.wait()
                continue
            self._counters[await self._tell(event)] += 1

    async def _tell(self, event: Event) -> str:
        """Run the program; how it went."""
        try:
            environ = {**self._environ, **as_variables(event)}
            child = Child(self.name, self._configured.command, environ, self._folder, MEMORY)
        except ProgramError as error:
            log.warning("%s", error)
            return "failed"
        child.tell(as_json(event))
        flood = _Flood()
        try:
            async with asyncio.timeout(self._configured.timeout_s):
                code = await child.run(flood.take, self._running)
        except TimeoutError:
            log.warning("%s took longer than %g s and was ended", self.name, self._configured.timeout_s)
            return "timeout"
        if flood.over:
            log.warning("%s wrote more than %d bytes and was ended", self.name, OUTPUT_BYTES)
            return "flood"
        if code != 0:
            log.warning("%s", child.failure(code))
            return "failed"
        return "ok"


class _Flood:
    """Counts what nobody reads."""

    def __init__(self) -> None:
        self._bytes = 0

    @property
    def over(self) -> bool:
        """More than it may be."""
        return self._bytes > OUTPUT_BYTES

    def take(self, piece: bytes) -> bool:
        """Whether more may come."""
        self._bytes += len(piece)
        return not self.over
