"""Attends one open connection: decides, several times a second, whether it is given up, and ends it in good order."""

import asyncio
import logging
from collections import Counter
from typing import Protocol

from lived.config import Config
from lived.units import SECOND, Ns
from lived_workers.gateway.acknowledged import Connection
from lived_workers.gateway.closing import Cause, LinkLostError, SwapDueError
from lived_workers.gateway.health import Flow
from lived_workers.gateway.messages import StreamEnd
from lived_workers.gateway.parts import Parts
from lived_workers.gateway.watchdog import Act

log = logging.getLogger("lived.gateway")

STOP_S = 1.0
"""For the message that is just being sent; only a connection that is stuck takes longer."""

LOOK_EVERY = Ns(1 * SECOND)
"""At the kernel's figures and at pongs: what they tell is a matter of eight seconds and more."""


class Attended(Protocol):
    """What is needed of a session (``gemini.Session`` is one)."""

    connection: Connection

    def ponged(self) -> bool:
        """Whether a ping was answered since the last call."""

    def abort(self) -> None:
        """Leave without goodbye."""


class Attendant:
    """Of one connection after the other."""

    def __init__(self, config: Config, parts: Parts, counters: Counter[str]) -> None:
        self._nudge_s = config.live.nudge_s
        self._server_hears = config.live.vad.mode != "manual"
        self._parts, self._counters = parts, counters
        self._session: Attended | None = None
        self._end: asyncio.Future[Exception] | None = None
        self._looked_at = Ns(0)

    def open(self, session: Attended, now: Ns) -> None:
        """A connection is there."""
        self._session, self._looked_at = session, now
        self._end = asyncio.get_running_loop().create_future()
        self._parts.health.opened(now)

    def closed(self) -> None:
        """It has ended."""
        self._session = self._end = None

    def tick(self, now: Ns) -> str:
        """Look at it; why it is given up for another one from now on (a cause of ``session.swapped``), or ""."""
        if self._session is None or self._end is None or self._end.done():
            return ""
        if now - self._looked_at >= LOOK_EVERY:
            self._look_at_network(self._session, now)
        cause = self._cause(now)
        if cause and not self._end.done():
            self._end.set_result(SwapDueError(cause))
            return cause
        return ""

    async def run(self, sending: asyncio.Task[None]) -> None:
        """Until it is to be given up: then stop sending between two messages, so that the account of them is exact.

        Raises:
            SwapDueError: another one is better.
            LinkLostError: there is nobody at the other end.
        """
        if self._end is None:
            raise RuntimeError("attended before it was opened")
        why = await self._end
        self._parts.sender.stop()
        await asyncio.wait([sending], timeout=STOP_S)
        raise why

    def _cause(self, now: Ns) -> str:
        parts = self._parts
        act = parts.health.look(now)
        if act is Act.NUDGE:
            self._nudge()
        return "hung" if act is Act.SWAP else parts.health.due(now, parts.downlink.quiet, parts.calls.open)

    def _nudge(self) -> None:
        self._counters["nudges"] += 1
        log.info("no answer for %.0f s: asking the server whether it is there", self._nudge_s)
        if self._server_hears:  # where a button ends the user's turn, it has said so
            self._parts.uplink.put(StreamEnd())  # the next sound opens the stream again
            self._parts.sender.wake()

    def _look_at_network(self, session: Attended, now: Ns) -> None:
        self._looked_at = now
        if session.ponged():
            self._parts.health.pong(now)
        flow = Flow(session.connection.acknowledged(), session.connection.held())
        if self._parts.health.stuck(flow, now) and self._end is not None:
            self._counters["stuck"] += 1
            session.abort()
            self._end.set_result(LinkLostError(Cause.CLOSED, 1006, "nothing arrives there any more"))
