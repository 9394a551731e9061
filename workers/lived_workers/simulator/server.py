"""The listening side: who is let in, what is asked over REST, what goes wrong before there is a session."""

import asyncio
import datetime
import time
from typing import Final

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from lived_workers.simulator.certificates import BAD_CERTIFICATES, Certificates
from lived_workers.simulator.closes import BAD_KEY, UNREGISTERED, Close
from lived_workers.simulator.connection import Connection, Surroundings
from lived_workers.simulator.faults import UPGRADE_FAULTS, Fault, TriggerKind
from lived_workers.simulator.journal import Journal
from lived_workers.simulator.listener import Listener
from lived_workers.simulator.plain_http import Answer, Head, error_body, phrase
from lived_workers.simulator.porch import Arrival, Wire
from lived_workers.simulator.profiles import AuthFailure, Profile
from lived_workers.simulator.rest import Rest, route_of
from lived_workers.simulator.resumption import Sessions
from lived_workers.simulator.script import Script
from lived_workers.simulator.session import Session
from lived_workers.simulator.speech import Speech
from lived_workers.simulator.tokens import Token, Tokens
from lived_workers.simulator.upgrade import Credential, Endpoint, credential_of, credentials_of, endpoint_of

NO_SUCH_PATH: Final = "Method not found."


class Doors(msgspec.Struct, frozen=True):
    """What opens the stand-in: the key (None takes any), the tokens, and the certificates it shows."""

    key: str | None
    tokens: Tokens
    certificates: Certificates

    def __repr__(self) -> str:
        return "Doors()"  # the key is a secret


class Admission(msgspec.Struct, frozen=True):
    """What the handshake found out about a connection; kept on it until it is served."""

    number: int
    endpoint: Endpoint
    faults: list[Fault]
    token: Token | None = None
    refusal: Close | None = None


class Host:
    """Serves every connection. Owned by the event loop."""

    def __init__(
        self, script: Script, sessions: Sessions, speech: Speech, journal: Journal, profile: Profile, doors: Doors
    ) -> None:
        self._script, self._sessions, self._speech, self._journal = script, sessions, speech, journal
        self._profile, self._doors = profile, doors
        self._rest = Rest(doors.tokens, doors.key)
        self._admissions: dict[ServerConnection, Admission] = {}
        self._listeners: list[Listener] = []
        self._stopping = asyncio.Event()
        """Set when the simulator ends: whoever keeps a client waiting on purpose lets go."""
        self.connections: dict[int, Connection] = {}

    async def listen(self, address: str, port: int, encrypted: bool) -> int:
        """Accept connections on one more port; gives its number (0 was asked for: any). Raises OSError."""
        listener = Listener(self, self._handle, self._admit, encrypted)
        opened = await listener.open(address, port)
        self._listeners.append(listener)
        return opened

    async def stop(self) -> None:
        """End with every client."""
        self._stopping.set()
        for listener in self._listeners:
            await listener.close()

    def refuse(self, seconds: float) -> None:
        """Have nobody listen on any port for that long."""
        for listener in self._listeners:
            listener.refuse(seconds)
        self._journal.write(None, "sent", what="refuse_tcp", seconds=seconds)

    def arrive(self, encrypted: bool) -> Arrival:
        """A TCP connection has come: how it is received."""
        certificates, delay_s = self._doors.certificates, 0.0
        context = certificates.good if encrypted else None
        for fault in self._script.due(TriggerKind.ACCEPT, self._script.count_up(TriggerKind.ACCEPT)):
            self._journal.write(None, "sent", what=fault.do)
            if fault.do in BAD_CERTIFICATES and encrypted:
                context = certificates.bad(fault.do)
            elif fault.do == "slow_accept":
                delay_s += fault.s
        return Arrival(context, delay_s)

    def request(self, head: Head, body: bytes) -> Answer:
        """A REST request; the journal gets the name of its method, since its path may hold a token."""
        faults = self._script.due(TriggerKind.REQUEST, self._script.count_up(TriggerKind.REQUEST))
        if faults:
            answer = Answer(faults[0].status, error_body(faults[0].status, phrase(faults[0].status)))
        else:
            answer = self._rest.answer(head, body, time.monotonic(), datetime.datetime.now(datetime.UTC))
        route = route_of(head.method, head.target)
        shown = credentials_of(head.target, head.headers)
        auth, name = shown[0].kind if shown else None, route.name if route else None
        self._journal.write(None, "request", method=head.method, route=name, auth=auth, status=answer.status)
        return answer

    async def _admit(self, socket: ServerConnection, request: Request) -> Response | None:
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
            return self._refuse(socket, number, 404, NO_SUCH_PATH)
        token = self._doors.tokens.find(credential.value) if credential and endpoint.constrained else None
        refusal = None if token else self._objection(credential)
        if refusal is not None and self._profile.auth_failure is AuthFailure.HTTP:
            return self._refuse(socket, number, 401 if credential else 403, refusal.reason)
        self._admissions[socket] = Admission(number, endpoint, faults, token, refusal)
        return None

    def _objection(self, credential: Credential | None) -> Close | None:
        if credential is None:
            return UNREGISTERED
        return None if credential.matches(self._doors.key) else BAD_KEY

    async def _handle(self, socket: ServerConnection) -> None:
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
        assert isinstance(socket, Wire)  # noqa: S101 - the porch makes nothing else
        surroundings = Surroundings(self._speech, self._journal, self.refuse, self._script.scenario.time_scale)
        connection = Connection(number, socket, session, surroundings, admission.token)
        self.connections[number] = connection
        try:
            await connection.run()
        finally:
            del self.connections[number]

    def _refuse(self, socket: ServerConnection, number: int, status: int, message: str) -> Response:
        self._journal.write(number, "sent", what="refusal", status=status)
        response = socket.respond(status, msgspec.json.encode(error_body(status, message)).decode())
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "application/json; charset=UTF-8"
        return response

    async def _misconduct(self, socket: ServerConnection, number: int, fault: Fault) -> Response:
        if fault.do == "no_upgrade":
            self._journal.write(number, "sent", what="nothing")
            await self._stopping.wait()
        return self._refuse(socket, number, fault.status, phrase(fault.status))
