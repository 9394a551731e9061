"""One WebSocket: reads frames into the session, takes effects off it, one at a time, and does them."""

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final, NamedTuple

from websockets.exceptions import ConnectionClosed

from lived_workers.simulator.client_messages import ClientMessage, Setup, read_frame
from lived_workers.simulator.closes import ProtocolViolationError
from lived_workers.simulator.effects import (
    CloseSocket,
    Effect,
    HalfOpen,
    LatePongs,
    Note,
    Prepare,
    ReapWhenIdle,
    RefuseConnections,
    ResetConnection,
    Send,
    StopReading,
)
from lived_workers.simulator.faults import Fault
from lived_workers.simulator.journal import Journal
from lived_workers.simulator.porch import Wire
from lived_workers.simulator.scenario import Reply
from lived_workers.simulator.session import Session
from lived_workers.simulator.speech import Speech
from lived_workers.simulator.tokens import EXPIRED_MEANWHILE, Token

LINGER_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER on with 0 s: closing sends RST instead of FIN."""


class Surroundings(NamedTuple):
    """What all connections share."""

    speech: Speech
    journal: Journal
    refuse: Callable[[float], None]
    """Has nobody listen for so many seconds."""
    time_scale: float
    """How many seconds of the API's limits pass in one."""


class Connection:
    """Owned by the websockets handler that runs it. All times are time.monotonic() seconds."""

    def __init__(
        self, number: int, wire: Wire, session: Session, surroundings: Surroundings, token: Token | None = None
    ) -> None:
        """`token` is the one that the client showed."""
        self.number, self.session = number, session
        self._socket, self._surroundings, self._token = wire, surroundings, token
        self._speech, self._journal = surroundings.speech, surroundings.journal
        self._wake = asyncio.Event()
        self._deaf_until = 0.0
        self._tasks: asyncio.TaskGroup | None = None
        self._watches: list[asyncio.Task[None]] = []
        """What waits for its time and ends with the connection."""
        self._doers: Mapping[type[Effect], Callable[[Any], Awaitable[None]]] = {
            Send: self._send,
            Prepare: self._prepare,
            CloseSocket: self._close,
            ResetConnection: self._reset,
            HalfOpen: self._half_open,
            StopReading: self._stop_reading,
            LatePongs: self._late_pongs,
            ReapWhenIdle: self._reap_when_idle,
            RefuseConnections: self._refuse,
            Note: self._note,
        }

    async def run(self) -> None:
        """Serve until the connection ends, whoever ends it."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._watch(self._pace())
                await self._read()
                for watch in self._watches:
                    watch.cancel()
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
            self._take(t_ns / 1e9, messages)
        if self.session.next_at() != due:
            self._wake.set()

    def _take(self, now: float, messages: list[ClientMessage]) -> None:
        token, setup = self._token, messages[0] if messages else None
        if token is not None and isinstance(setup, Setup):
            self._token = None  # it has done its duty; a second setup is the session's affair
            try:
                messages = [token.admit(now, setup)]
            except ProtocolViolationError as violation:
                self.session.violate(now, violation.close)
                return
            self._watch(self._expire(token.expires))
        self.session.receive(now, messages)

    def _watch(self, watching: Coroutine[Any, Any, None]) -> None:
        assert self._tasks is not None  # noqa: S101 - set by run(), from which all of this is called
        self._watches.append(self._tasks.create_task(watching))

    async def _expire(self, at: float) -> None:
        await asyncio.sleep(at - time.monotonic())
        self.session.violate(time.monotonic(), EXPIRED_MEANWHILE)
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
        self._abort("reset")

    def _abort(self, what: str) -> None:
        self._journal.write(self.number, "sent", what=what)
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

    async def _late_pongs(self, late: LatePongs) -> None:
        self._socket.delay_pongs(late.seconds)

    async def _reap_when_idle(self, reap: ReapWhenIdle) -> None:
        self._watch(self._reap(reap.seconds / self._surroundings.time_scale))

    async def _reap(self, seconds: float) -> None:
        left = seconds
        while left > 0:
            await asyncio.sleep(left)
            left = self._socket.last_traffic + seconds - time.monotonic()
        self._abort("idle_reap")

    async def _refuse(self, refuse: RefuseConnections) -> None:
        self._surroundings.refuse(refuse.seconds)

    async def _note(self, note: Note) -> None:
        self._journal.write(self.number, note.kind, **note.detail)
