"""One port: listening, or refusing for a while."""

import asyncio
import errno
import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from lived_workers.simulator.porch import Porch, Receiver, porch_factory

BACKLOG: Final = 128
"""Connections that the kernel completes for us: more than the sessions that a test opens at once."""

Handler = Callable[[ServerConnection], Awaitable[None]]
Admit = Callable[[ServerConnection, Request], Awaitable[Response | None]]


def _without_traceback(record: logging.LogRecord) -> bool:
    """Somebody who does not speak WebSocket is no bug of ours: one line, no traceback."""
    if record.getMessage() == "opening handshake failed":
        record.exc_info = None
    return True


def _logger() -> logging.Logger:
    logger = logging.getLogger(__name__)
    logger.addFilter(_without_traceback)  # the same function again is no second filter
    return logger


class Listener:
    """Accepts connections on one port while it is entered. Owned by the event loop."""

    def __init__(self, receiver: Receiver, handler: Handler, admit: Admit, encrypted: bool) -> None:
        self._handler, self._admit = handler, admit
        self._porches: set[Porch] = set()
        self._create = porch_factory(receiver, encrypted, self._porches)
        self._servers: list[Server] = []
        """The one that listens is the last; the others only have connections left."""
        self._reopening: asyncio.Task[None] | None = None
        self._place: socket.socket | None = None

    async def open(self, address: str, port: int) -> int:
        """Listen; gives the port (0 was asked for: any). Raises OSError when it is taken or the address not ours."""
        try:
            # this one never listens: it keeps the port ours while nobody does
            self._place = _bound(*_address(address, port))
            await self._listen()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            text = f"port {port} of {address} is taken: stop what listens there or choose another port"
            raise OSError(text) from error
        return int(self._place.getsockname()[1])

    def refuse(self, seconds: float) -> None:
        """Have nobody listen from now on and for that long; connections that are there stay."""
        if self._reopening is not None:
            self._reopening.cancel()
        self._servers[-1].server.close()  # what listens, not what serves
        self._reopening = asyncio.create_task(self._listen_after(seconds))

    async def close(self) -> None:
        """Say 1001 to every WebSocket, hang up on everybody else, and wait until all are gone."""
        if self._reopening is not None:
            self._reopening.cancel()
        for porch in list(self._porches):
            porch.abort()
        for server in self._servers:
            server.close()
        for server in self._servers:
            await server.wait_closed()
        if self._place is not None:
            self._place.close()

    async def _listen_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._listen()

    async def _listen(self) -> None:
        assert self._place is not None  # noqa: S101 - open() has set it
        listening = _bound(self._place.family, self._place.getsockname())
        server = await serve(
            self._handler,
            sock=listening,
            backlog=BACKLOG,
            process_request=self._admit,
            create_connection=self._create,
            open_timeout=None,
            server_header=None,
            logger=_logger(),
        )
        self._servers.append(server)


def _address(host: str, port: int) -> tuple[int, Any]:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return family, address


def _bound(family: int, address: Any) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
