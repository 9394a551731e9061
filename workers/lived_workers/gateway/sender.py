"""From the daemon to the server, second half: the ``Uplink`` onto an open session. A task of its own: a server that
does not read must not keep us from hearing it."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Protocol

from lived.clock import monotonic_ns
from lived.delays import Delays
from lived.units import MIC_RATE, MILLISECOND, Ns, seconds, span_of
from lived.wire.events import Caught, Event
from lived_workers.gateway.acknowledged import Connection
from lived_workers.gateway.closing import LinkLostError
from lived_workers.gateway.messages import Audio, Message, Text, least_bytes
from lived_workers.gateway.pings import Answered, Ping, Pings
from lived_workers.gateway.store import Store
from lived_workers.gateway.uplink import Uplink

log = logging.getLogger("lived.gateway")

LOOK_AGAIN_S = 0.01
"""While the socket is full. One message in 10 ms is twice real time: never too slow."""

_CAUGHT_EVERY = Ns(500 * MILLISECOND)


class Wire(Protocol):
    """What the sender needs of a session (``gemini.Session`` is one)."""

    connection: Connection

    async def send_audio(self, pcm: bytes) -> None:
        """16 kHz."""

    async def send(self, message: Message) -> None:
        """Anything else."""

    async def ping(self) -> Answered:
        """Ask whether it reads; tells later whether the answer has come."""


class Sender:
    """Sends, and keeps account of what has arrived."""

    def __init__(self, uplink: Uplink, store: Store, publish: Callable[[Event], None]) -> None:
        self._uplink, self._store, self._publish = uplink, store, publish
        self._more = asyncio.Event()
        self._caught: Audio | None = None  # the newest that was handed over, until it is told
        self._told_at = Ns(0)
        self.delays = Delays()
        """From the ADC to the socket, of sound that was never held up by a missing or full connection."""
        self._held_up = True
        self._mark = 0  # of the connection, behind the last message
        self.shape: Callable[[Message], Message | None] = lambda message: message
        """How a message is sent now; None = not at all any more."""
        self.handed: Callable[[Message], None] = lambda _: None
        """Called when a message was handed to the network, or was found not to be wanted."""
        self._stopping = False
        self._pings = Pings()
        self._stopped_at = Ns(0)
        self.typed: Callable[[str], None] = lambda _: None
        """Called with each text that was handed over."""

    def wake(self) -> None:
        """The uplink has something."""
        self._more.set()

    def stop(self) -> None:
        """End ``run`` between two messages: one that is cancelled inside a message may have sent it, or not."""
        self._stopping = True
        self._more.set()

    async def run(self, wire: Wire) -> None:
        """Send until stopped.

        Raises:
            LinkLostError: the connection has ended.
        """
        self._mark = wire.connection.mark()
        self._held_up = True  # what was kept until now
        self._stopping = False
        try:
            await self._send_all(wire)
            with contextlib.suppress(LinkLostError):  # it is left anyway
                await self._ask(wire)  # the goodbye gives time for the answer
        finally:
            self._stopped_at = monotonic_ns()

    async def _send_all(self, wire: Wire) -> None:
        while not self._stopping:
            message = self._uplink.next()
            if message is None:
                self._held_up = False
                self._more.clear()
                await self._more.wait()
            elif wire.connection.full():
                self._held_up = True
                self._pings.fell_behind()
                self.settle(wire.connection)
                await asyncio.sleep(LOOK_AGAIN_S)
            else:
                await self._hand_over(wire, message)
                if self._pings.due(monotonic_ns(), caught_up=not len(self._uplink)):
                    await self._ask(wire)
                if len(self._uplink):  # sending never really waits while there is room: others must have their turn
                    await asyncio.sleep(0)

    def settle(self, connection: Connection) -> None:
        """Forget what has arrived and was read."""
        acknowledged = connection.acknowledged()
        self._uplink.read(self._pings.read(acknowledged))
        self._note(acknowledged)

    def lost(self) -> None:
        """The connection is gone: what has not arrived waits to be sent again, and what was probably not read."""
        # our own goodbye gave time for every answer; when the server ends it, one may have been under way
        unread = self._pings.owed if self._stopping else self._pings.unread(self._stopped_at)
        self._pings.closed()
        again = self._uplink.lost(unread)
        if again:
            log.warning(
                "the server may not have read the last %.1f s: they are sent again", seconds(span_of(again, MIC_RATE))
            )
        self._store.taken_back()

    def _note(self, acknowledged: int) -> None:
        newest = self._uplink.acknowledged(acknowledged)
        unread = self._uplink.oldest() if self._pings.late(monotonic_ns()) else None
        if unread is not None:
            self._store.heard(unread.epoch, unread.position)
        elif newest is not None:
            self._store.heard(newest.epoch, newest.end)

    async def _ask(self, wire: Wire) -> None:
        """Whether it reads: behind a message, whose bytes are not to be confused with this."""
        answered = await wire.ping()
        self._mark = wire.connection.mark()
        self._pings.asked(
            Ping(answered, self._uplink.count, self._mark, caught_up=not len(self._uplink), sent=monotonic_ns())
        )

    def tick(self, now: Ns) -> None:
        """Several times a second: say how far the user's sound has come."""
        if self._caught is not None and now - self._told_at >= _CAUGHT_EVERY:
            self._publish(Caught(epoch=self._caught.epoch, position=self._caught.end))
            self._caught, self._told_at = None, now

    async def _hand_over(self, wire: Wire, message: Message) -> None:
        shaped = message if isinstance(message, Audio) else self.shape(message)
        if shaped is not None:
            await _send(wire, shaped)
        now = monotonic_ns()
        mark = wire.connection.mark()
        # fewer bytes than the sound has: some of it is stuck in front of the kernel, or the connection has just
        # broken. Then it counts as arrived only together with a later message.
        least = 0 if shaped is None else least_bytes(shaped)
        whole = not wire.connection.exact or mark - self._mark >= least
        self._mark = mark
        self._uplink.handed(mark if whole else None)
        self._note(wire.connection.seen)
        if isinstance(message, Audio):
            if whole:
                self._store.handed(message.epoch, message.end)
            if not self._held_up:
                self.delays.add(Ns(now - message.time))
            self._caught = message
            self.tick(now)
        elif isinstance(message, Text):
            self.typed(message.text)
        else:
            self.handed(message)


async def _send(wire: Wire, message: Message) -> None:
    if isinstance(message, Audio):
        await wire.send_audio(message.pcm)
    else:
        await wire.send(message)
