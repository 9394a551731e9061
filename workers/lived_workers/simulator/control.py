"""The control socket: JSON lines over a Unix socket, for tests that script a simulator while it runs.

{"op": "state"}                              -> {"ok": true, "connections": [...], "turns": 3, "entries": 120}
{"op": "inject", "fault": {"do": "close"}}   -> {"ok": true}; with "on" the fault waits, else it happens at once on the
                                               newest connection, or on "connection": K
{"op": "say", "text": "..."}                 -> {"ok": true}; or "reply": {...} as in a scenario
{"op": "journal", "since": 7}                -> {"ok": true, "entries": [...]}
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from lived_workers.simulator.connection import Connection
from lived_workers.simulator.faults import SETUP_FAULTS, UPGRADE_FAULTS, Fault, ScenarioError, TriggerKind, check_fault
from lived_workers.simulator.journal import Journal
from lived_workers.simulator.scenario import Reply, check_reply
from lived_workers.simulator.script import Script
from lived_workers.simulator.server import Host

LONGEST_LINE: Final = 1 << 20
SUN_PATH_BYTES: Final = 107
"""What Linux allows for the path of a Unix socket."""

Answer = dict[str, Any]


class ControlError(Exception):
    """A request that cannot be done; the text is for who asked."""


class Control:
    """Answers requests. Owned by the event loop."""

    def __init__(self, host: Host, script: Script, journal: Journal, recordings: frozenset[str]) -> None:
        self._host, self._script, self._journal, self._recordings = host, script, journal, recordings
        self._clients: set[asyncio.StreamWriter] = set()
        self._operations: Mapping[str, Callable[[dict[str, Any]], Answer]] = {
            "inject": self._inject,
            "say": self._say,
            "journal": self._read,
            "state": self._state,
        }

    def answer(self, line: bytes) -> Answer:
        """The answer to one line; never raises."""
        try:
            request = msgspec.json.decode(line, type=dict[str, Any])
            operation = self._operations.get(str(request.get("op")))
            if operation is None:
                raise ControlError(f"unknown op; there are {', '.join(self._operations)}")
            return {"ok": True, **operation(request)}
        except (ControlError, ScenarioError, msgspec.DecodeError, OSError) as error:
            return {"ok": False, "error": str(error)}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, line by line, until it goes."""
        self._clients.add(writer)
        try:
            while line := await reader.readline():
                writer.write(msgspec.json.encode(self.answer(line)) + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):  # gone, or a line over LONGEST_LINE
            pass
        finally:
            self._clients.discard(writer)
            writer.close()

    def hang_up(self) -> None:
        """End with every client, so that one that stays does not keep the simulator from ending."""
        for writer in self._clients:
            writer.close()

    def _connection(self, request: dict[str, Any]) -> Connection:
        connections = self._host.connections
        number = request.get("connection", max(connections, default=None))
        if number not in connections:
            raise ControlError("no such connection is open" if number is not None else "no connection is open")
        return connections[number]

    def _inject(self, request: dict[str, Any]) -> Answer:
        fault = msgspec.convert(request.get("fault"), Fault)
        if fault.do in UPGRADE_FAULTS | SETUP_FAULTS and fault.trigger.kind is TriggerKind.NOW:
            raise ControlError(f'`{fault.do}` happens while connecting: give "on": "connect:N"')
        check_fault(fault)
        if fault.trigger.kind is TriggerKind.NOW:
            self._connection(request).inject(fault)
        else:
            self._script.arm(fault)
        return {}

    def _say(self, request: dict[str, Any]) -> Answer:
        reply = msgspec.convert(request.get("reply", {"text": request.get("text")}), Reply)
        check_reply(1, reply, self._recordings)
        if reply.kinds != 1 and not reply.calls:
            raise ControlError("say what: text, or a reply with one kind of content")
        if not self._connection(request).say(reply):
            raise ControlError("the model is busy with a turn, or not set up yet")
        return {}

    def _read(self, request: dict[str, Any]) -> Answer:
        since = request.get("since", 0)
        if not isinstance(since, int) or since < 0:
            raise ControlError("since is the number of an entry")
        return {"entries": self._journal.since(since)}

    def _state(self, _: dict[str, Any]) -> Answer:
        return {
            "connections": [_describe(connection) for connection in self._host.connections.values()],
            "connects": self._script.count(TriggerKind.CONNECT),
            "speeches": self._script.count(TriggerKind.SPEECH),
            "turns": self._script.count(TriggerKind.TURN),
            "entries": self._journal.entries,
        }


def _describe(connection: Connection) -> Answer:
    session = connection.session
    described: Answer = {"connection": connection.number, "stage": session.stage}
    if session.conversation is not None:
        memory = session.conversation.memory
        described |= {
            "phase": session.conversation.model.phase,
            "replies": memory.replies,
            "history": msgspec.to_builtins(memory.history),
        }
    return described


def make_way(path: Path) -> None:
    """Take away the socket of a dead simulator. Raises OSError for that of a living one, or a too long `path`."""
    if len(str(path).encode()) > SUN_PATH_BYTES:
        raise OSError(f"the path {path} is too long for a socket: choose a shorter directory")
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except FileNotFoundError:
            return
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(f"another simulator runs in {path.parent}: choose another directory")


@asynccontextmanager
async def control_socket(control: Control, path: Path) -> AsyncIterator[None]:
    """Answer on a Unix socket while inside; `make_way` first."""
    server = await asyncio.start_unix_server(control.serve, path, limit=LONGEST_LINE)
    try:
        async with server:
            try:
                yield
            finally:
                control.hang_up()
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)
