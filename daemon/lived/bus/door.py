"""The control door: requests in, replies out. Slow or dead clients cost nothing."""

from typing import Any, Self

import zmq

from lived.bus.endpoints import Endpoints
from lived.bus.sockets import MODERN
from lived.errors import DoorError, NotRunningError, RuntimeDirError, WireError
from lived.wire.door import MAX_SHOW_BYTES, Reply, Request, decode_reply, encode

WAITING_REQUESTS = 8
"""Requests of one client that may wait: 8 * 2 MiB = 16 MiB at worst. A flood beyond is held back in its own socket."""


class DoorServer:
    """A ROUTER: any number of clients, each answered by its own identity."""

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", endpoint: str) -> None:
        """Bind.

        Raises:
            RuntimeDirError: the socket cannot be made.
        """
        self.socket = context.socket(zmq.ROUTER)
        self.socket.set_hwm(WAITING_REQUESTS)
        self.socket.linger = 200
        self.socket.setsockopt(zmq.MAXMSGSIZE, MAX_SHOW_BYTES + 1024)
        self.socket.setsockopt(zmq.ZAP_DOMAIN, MODERN)
        try:
            self.socket.bind(endpoint)
        except zmq.ZMQError as error:
            self.socket.close()
            raise RuntimeDirError(f"Cannot make the door {endpoint}: {error.strerror or error}.") from error

    def receive(self) -> tuple[list[bytes], bytes] | None:
        """The next request as (envelope, body), None when there is none now.

        Raises:
            WireError: a message that has no body; the client cannot be answered.
        """
        try:
            frames = self.socket.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return None
        if len(frames) < 2:
            raise WireError("A request without a body.")
        return frames[:-1], frames[-1]

    def reply(self, envelope: list[bytes], reply: Reply) -> None:
        """Answer; a client that has gone away is forgotten by ZeroMQ."""
        self.socket.send_multipart([*envelope, encode(reply)], zmq.NOBLOCK)


class DoorClient:
    """One question at a time, with a limit on the wait. Usable as a context manager."""

    def __init__(self, endpoints: Endpoints, timeout_ms: int = 5_000) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._endpoint = endpoints.door
        self._timeout_ms = timeout_ms

    def ask(self, op: str, **args: Any) -> dict[str, Any]:
        """Ask and wait for the answer.

        Raises:
            NotRunningError: nobody answered in time.
            DoorError: the daemon refused; ``code`` says how.
            WireError: the answer is not one.
        """
        socket = self._context.socket(zmq.REQ)
        socket.linger = 0
        try:
            socket.connect(self._endpoint)
            socket.send(encode(Request(op=op, args=args)))
            if not socket.poll(self._timeout_ms):
                raise NotRunningError("The daemon does not answer: start it with 'livectl start'.")
            reply = decode_reply(socket.recv())
        finally:
            socket.close()
        if reply.error is not None:
            raise DoorError(reply.error.code, reply.error.text)
        return reply.result

    def close(self) -> None:
        """Let go of the socket's context."""
        self._context.destroy(linger=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
