"""What stands before a WebSocket: the TCP connection, TLS, and the request that says whether it is to be one.

A REST request is answered here; a handshake is handed to the `Wire`, a websockets connection, with all that was read.
"""

import asyncio
import math
import ssl
from collections.abc import Callable
from typing import Any, Final, Protocol, cast

import msgspec
from websockets.asyncio.server import Server, ServerConnection
from websockets.extensions.permessage_deflate import enable_server_permessage_deflate
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from lived_workers.simulator import plain_http
from lived_workers.simulator.plain_http import Answer, Head, HttpError

MAX_QUEUE: Final = 16
"""Frames kept per connection while its reader is busy (16 x 1 kB of 20 ms chunks); then TCP pushes back."""
CLOSE_TIMEOUT_S: Final = 1.0


class Arrival(msgspec.Struct, frozen=True):
    """How a TCP connection is received: after a while, and with which certificate (None: in plaintext)."""

    context: ssl.SSLContext | None
    delay_s: float = 0.0


class Receiver(Protocol):
    """Who is behind the porch."""

    def arrive(self, encrypted: bool) -> Arrival:
        """A TCP connection came."""

    def request(self, head: Head, body: bytes) -> Answer:
        """A REST request came."""


class _Codec(ServerProtocol):
    """Says when it is pinged, to somebody who answers in their own time."""

    on_ping: Callable[[bytes], None] | None = None

    def recv_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PING and self.on_ping is not None:
            self.on_ping(bytes(frame.data))
        else:
            super().recv_frame(frame)


class Wire(ServerConnection):
    """A WebSocket that can be late with its pongs and knows how long nothing has passed. Owned by the event loop."""

    def __init__(self, server: Server) -> None:
        codec = _Codec(extensions=enable_server_permessage_deflate(None), max_size=None, logger=server.logger)
        super().__init__(
            codec,
            server,
            ping_interval=None,  # a slow client is not to be killed by our keepalive
            close_timeout=CLOSE_TIMEOUT_S,
            max_queue=MAX_QUEUE,
        )
        self._codec = codec
        self._pong_delay_s = 0.0
        self.last_traffic = self.loop.time()
        """When something was last read or written: time.monotonic() s."""

    def delay_pongs(self, seconds: float) -> None:
        """Answer pings that late from now on; inf: never."""
        self._pong_delay_s = seconds
        self._codec.on_ping = self._pinged

    def data_received(self, data: bytes) -> None:
        """As websockets, and note that something passed."""
        self.last_traffic = self.loop.time()
        super().data_received(data)

    def send_data(self) -> None:
        """As websockets, and note that something passed."""
        self.last_traffic = self.loop.time()
        super().send_data()

    def _pinged(self, payload: bytes) -> None:
        if not math.isinf(self._pong_delay_s):
            self.loop.call_later(self._pong_delay_s, self._answer_ping, payload)

    def _answer_ping(self, payload: bytes) -> None:
        if self.protocol.state is State.OPEN:
            self.protocol.send_pong(payload)
            self.send_data()


class Porch(asyncio.Protocol):
    """One TCP connection until it is known what it is. Owned by the event loop."""

    def __init__(self, receiver: Receiver, encrypted: bool, server: Server, porches: set["Porch"]) -> None:
        """`porches` holds those that are still in use."""
        self._receiver, self._encrypted, self._server, self._porches = receiver, encrypted, server, porches
        self._data = b""
        self._head: Head | None = None
        self._transport: asyncio.Transport | None = None
        self._ready = False
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP is there; nothing is read until it has been decided how."""
        self._transport = cast("asyncio.Transport", transport)
        self._porches.add(self)
        loop = asyncio.get_running_loop()
        # at the next turn of the loop: in Debian 12 (Python 3.11.2) reading begins behind this call, paused or not, and
        # what was meant for TLS would be read here
        loop.call_soon(self._transport.pause_reading)
        self._task = loop.create_task(self._enter(self._transport))

    def data_received(self, data: bytes) -> None:
        """Bytes, decrypted; some may come before `_enter` has got that far."""
        self._data += data
        self._look()

    def connection_lost(self, _: Exception | None) -> None:
        """The client has gone, or has been answered."""
        self._porches.discard(self)

    def abort(self) -> None:
        """End at once: the stand-in stops."""
        if self._task is not None:
            self._task.cancel()
        if self._transport is not None:
            self._transport.abort()

    async def _enter(self, transport: asyncio.Transport) -> None:
        arrival = self._receiver.arrive(self._encrypted)
        await asyncio.sleep(arrival.delay_s)
        if transport.is_closing():
            return
        if arrival.context is None:
            transport.resume_reading()
        elif not await self._encrypt(transport, arrival.context):
            return
        self._ready = True
        self._look()

    async def _encrypt(self, transport: asyncio.Transport, context: ssl.SSLContext) -> bool:
        loop = asyncio.get_running_loop()
        try:
            encrypted = await loop.start_tls(transport, self, context, server_side=True)
        except OSError:  # ssl.SSLError too: it speaks no TLS, does not trust us, or has gone
            transport.abort()
            self._porches.discard(self)
            return False
        self._transport = encrypted
        return encrypted is not None

    def _look(self) -> None:
        transport = self._transport
        if not self._ready or transport is None or transport.is_closing():
            return
        try:
            self._head = self._head or plain_http.read_head(self._data)
            if self._head is None:
                return
            if self._head.upgrades:
                self._hand_over(transport)
            elif len(self._data) >= self._head.size + self._head.body_bytes:
                body = self._data[self._head.size :][: self._head.body_bytes]
                self._answer(transport, self._receiver.request(self._head, body))
        except HttpError as error:
            self._answer(transport, error.answer)

    def _answer(self, transport: asyncio.Transport, answer: Answer) -> None:
        transport.write(plain_http.encode(answer))
        transport.close()

    def _hand_over(self, transport: asyncio.Transport) -> None:
        self._porches.discard(self)
        wire = Wire(self._server)
        transport.set_protocol(wire)
        wire.connection_made(transport)
        wire.data_received(self._data)


def porch_factory(receiver: Receiver, encrypted: bool, porches: set[Porch]) -> Any:
    """What `websockets.serve` is to make of each TCP connection: something that stands before its own connection."""

    def create(_: ServerProtocol, server: Server, **__: object) -> Porch:
        return Porch(receiver, encrypted, server, porches)

    return create
