"""The listening side: TLS (and a plain port), the handshake and who is let in."""

import asyncio
import errno
import http
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec
import trustme
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from lived_workers.simulator.closes import BAD_KEY, UNREGISTERED, Close
from lived_workers.simulator.connection import Connection
from lived_workers.simulator.faults import UPGRADE_FAULTS, Fault, TriggerKind
from lived_workers.simulator.journal import Journal
from lived_workers.simulator.profiles import AuthFailure, Profile
from lived_workers.simulator.resumption import Sessions
from lived_workers.simulator.script import Script
from lived_workers.simulator.session import Session
from lived_workers.simulator.speech import Speech
from lived_workers.simulator.upgrade import Endpoint, credential_of, endpoint_of

MAX_QUEUE: Final = 16
"""Frames kept per connection while its reader is busy (16 x 1 kB of 20 ms chunks); then TCP pushes back."""
CLOSE_TIMEOUT_S: Final = 1.0


def certificate(directory: Path) -> tuple[ssl.SSLContext, Path]:
    """A TLS context for 127.0.0.1 and localhost, made now, and the file with the CA to trust."""
    authority = trustme.CA()
    ca_file = directory / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context, ca_file


class Admission(msgspec.Struct, frozen=True):
    """What the handshake found out about a connection; kept on it until it is served."""

    number: int
    endpoint: Endpoint
    faults: list[Fault]
    refusal: Close | None = None


class Host:
    """Serves every connection. Owned by the event loop."""

    def __init__(
        self, script: Script, sessions: Sessions, speech: Speech, journal: Journal, profile: Profile, key: str | None
    ) -> None:
        self._script, self._sessions, self._speech, self._journal = script, sessions, speech, journal
        self._profile, self._key = profile, key
        self._admissions: dict[ServerConnection, Admission] = {}
        self.connections: dict[int, Connection] = {}
        self.stopping = asyncio.Event()
        """Set when the simulator ends: whoever keeps a client waiting on purpose lets go."""

    async def admit(self, socket: ServerConnection, request: Request) -> Response | None:
        """The upgrade: None lets it happen, a Response refuses it."""
        number = self._script.count_up(TriggerKind.CONNECT)
        faults = self._script.due(TriggerKind.CONNECT, number)
        endpoint = endpoint_of(request.path)
        credential = credential_of(request.path, request.headers, endpoint) if endpoint else None
        auth = credential.kind if credential else None
        self._journal.write(number, "open", path=endpoint and endpoint.path, auth=auth)
        for fault in faults:
            if fault.do in UPGRADE_FAULTS:
                return await self._misconduct(socket, number, fault)
        if endpoint is None:
            return self._refuse(socket, number, http.HTTPStatus.NOT_FOUND)
        refusal = None
        if credential is None or not credential.matches(self._key):
            if self._profile.auth_failure is AuthFailure.HTTP:
                return self._refuse(socket, number, http.HTTPStatus.UNAUTHORIZED)
            refusal = BAD_KEY if credential else UNREGISTERED
        self._admissions[socket] = Admission(number, endpoint, faults, refusal)
        return None

    async def handle(self, socket: ServerConnection) -> None:
        """One admitted connection, from the upgrade to its end."""
        admission = self._admissions.pop(socket)
        number = admission.number
        session = Session(
            number,
            admission.endpoint.version,
            self._script,
            self._sessions,
            admission.faults,
            admission.refusal,
        )
        connection = Connection(number, socket, session, self._speech, self._journal)
        self.connections[number] = connection
        try:
            await connection.run()
        finally:
            del self.connections[number]

    def _refuse(self, socket: ServerConnection, number: int, status: int) -> Response:
        self._journal.write(number, "sent", what="refusal", status=int(status))
        return socket.respond(status, f"{http.HTTPStatus(status).phrase}\n")

    async def _misconduct(self, socket: ServerConnection, number: int, fault: Fault) -> Response:
        if fault.do == "no_upgrade":
            self._journal.write(number, "sent", what="nothing")
            await self.stopping.wait()
        return self._refuse(socket, number, fault.status)


def _without_traceback(record: logging.LogRecord) -> bool:
    """Somebody who does not speak TLS or WebSocket is no bug of ours: one line, no traceback."""
    if record.getMessage() == "opening handshake failed":
        record.exc_info = None
    return True


def _logger() -> logging.Logger:
    logger = logging.getLogger(__name__)
    logger.addFilter(_without_traceback)  # the same function again is no second filter
    return logger


@asynccontextmanager
async def listen(host: Host, address: str, port: int, context: ssl.SSLContext | None) -> AsyncIterator[int]:
    """Accept connections while inside; gives the port (0 was asked for: any). Raises OSError when it is taken."""
    try:
        server = await serve(
            host.handle,
            address,
            port,
            ssl=context,
            process_request=host.admit,
            max_size=None,
            max_queue=MAX_QUEUE,
            ping_interval=None,  # a slow client is not to be killed by our keepalive
            open_timeout=None,
            close_timeout=CLOSE_TIMEOUT_S,
            server_header=None,
            logger=_logger(),
        )
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise OSError(f"port {port} of {address} is taken: stop what listens there or choose another port") from error
    async with server:
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            host.stopping.set()
