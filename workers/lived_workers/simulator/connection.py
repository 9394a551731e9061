"""One WebSocket: reads frames into the session, takes effects off it, one at a time, and does them."""

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from lived_workers.simulator.client_messages import read_frame
from lived_workers.simulator.closes import ProtocolViolationError
from lived_workers.simulator.effects import (
    CloseSocket,
    Effect,
    HalfOpen,
    Note,
    Prepare,
    ResetConnection,
    Send,
    StopReading,
)
from lived_workers.simulator.faults import Fault
from lived_workers.simulator.journal import Journal
from lived_workers.simulator.scenario import Reply
from lived_workers.simulator.session import Session
from lived_workers.simulator.speech import Speech

LINGER_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER on with 0 s: closing sends RST instead of FIN."""


class Connection:
    """Owned by the websockets handler that runs it. All times are time.monotonic() seconds."""

    def __init__(
        self, number: int, socket_: ServerConnection, session: Session, speech: Speech, journal: Journal
    ) -> None:
        self.number, self.session = number, session
        self._socket, self._speech, self._journal = socket_, speech, journal
        self._wake = asyncio.Event()
        self._deaf_until = 0.0
        self._tasks: asyncio.TaskGroup | None = None
        self._doers: Mapping[type[Effect], Callable[[Any], Awaitable[None]]] = {
            Send: self._send,
            Prepare: self._prepare,
            CloseSocket: self._close,
            ResetConnection: self._reset,
            HalfOpen: self._half_open,
            StopReading: self._stop_reading,
            Note: self._note,
        }

    async def run(self) -> None:
        """Serve until the connection ends, whoever ends it."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                pacer = self._tasks.create_task(self._pace())
                await self._read()
                pacer.cancel()
        finally:
            self.session.closed()
            code, reason = self._socket.close_code, self._socket.close_reason
            self._journal.write(self.number, "close", code=code, reason=reason)

    def inject(self, fault: Fault) -> None:
        """Carry out a fault now."""
        self.session.inject(time.monotonic(), fault)
        self._wake.set()

    def say(self, reply: Reply) -> bool:
        """Speak unasked; False when the model is busy."""
        said = self.session.say(time.monotonic(), reply)
        self._wake.set()
        return said

    async def _read(self) -> None:
        try:
            while True:
                raw = await self._socket.recv()
                self._receive(time.monotonic_ns(), raw)
                # deaf: websockets keeps at most its max_queue of frames, then TCP pushes back
                await asyncio.sleep(max(0.0, self._deaf_until - time.monotonic()))
        except ConnectionClosed:
            return

    def _receive(self, t_ns: int, raw: str | bytes) -> None:
        due = self.session.next_at()
        try:
            messages = read_frame(raw)
        except ProtocolViolationError as violation:
            self._journal.write(self.number, "bad", t_ns, frame_bytes=len(raw), reason=violation.close.reason)
            self.session.violate(t_ns / 1e9, violation.close)
        else:
            self._journal.received(self.number, t_ns, len(raw), messages)
            self.session.receive(t_ns / 1e9, messages)
        if self.session.next_at() != due:
            self._wake.set()

    async def _pace(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                self._wake.clear()
                effect = self.session.pop(time.monotonic())
                if effect is not None:
                    await self._doers[type(effect)](effect)
                    continue
                at = self.session.next_at()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None if at is None else max(0.0, at - time.monotonic())):
                        await self._wake.wait()

    async def _send(self, send: Send) -> None:
        self._journal.sent(self.number, send)
        await self._socket.send(send.data)

    async def _prepare(self, wanted: Prepare) -> None:
        # beside the pacer: it may run a program, and what else is due must not wait
        assert self._tasks is not None  # noqa: S101 - set by run(), which runs the pacer
        self._tasks.create_task(self._make(wanted))

    async def _make(self, wanted: Prepare) -> None:
        content = await self._speech.content(wanted)
        self.session.content_ready(time.monotonic(), wanted.turn, content)
        self._wake.set()

    async def _close(self, close: CloseSocket) -> None:
        self._journal.write(self.number, "sent", what="close", code=close.code, reason=close.reason)
        await self._socket.close(close.code, close.reason)

    async def _reset(self, _: ResetConnection) -> None:
        self._journal.write(self.number, "sent", what="reset")
        raw: socket.socket = self._socket.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
        self._socket.transport.abort()

    async def _half_open(self, _: HalfOpen) -> None:
        self._journal.write(self.number, "sent", what="half open")
        self._socket.transport.pause_reading()
        await asyncio.Event().wait()  # until the server stops

    async def _stop_reading(self, stop: StopReading) -> None:
        self._deaf_until = time.monotonic() + stop.seconds
        self._journal.write(self.number, "deaf", seconds=stop.seconds)

    async def _note(self, note: Note) -> None:
        self._journal.write(self.number, note.kind, **note.detail)
