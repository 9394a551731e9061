"""The supervisor's side of a bus: forwarding, and the greeting of new subscribers."""

import threading

import zmq

from lived.bus.sockets import HIGH_WATER, LINGER_MS, MAX_MESSAGE_BYTES
from lived.errors import RuntimeDirError


def _bound(context: "zmq.Context[zmq.Socket[bytes]]", kind: int, endpoint: str) -> "zmq.Socket[bytes]":
    socket = context.socket(kind)
    socket.set_hwm(HIGH_WATER)
    socket.linger = 0
    socket.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
    try:
        socket.bind(endpoint)
    except zmq.ZMQError as error:
        socket.close()
        raise RuntimeDirError(f"Cannot make the socket {endpoint}: {error.strerror or error}.") from error
    return socket


class Proxy:
    """XSUB (publishers connect) to XPUB (workers and the ``Usher`` subscribe), forwarded in C by a thread of its own.

    Both ends are for the daemon's user alone, since this waits for the rest of what a subscriber began to say. A
    subscriber whose queue is full loses its own messages (XPUB drops) and delays nobody. Each proxy has a context, so
    an I/O thread, of its own: a busy event bus does not hold up sound, and ending the context is how the thread is told
    to end.
    """

    def __init__(self, inner: str, outer: str) -> None:
        """Bind both ends.

        Raises:
            RuntimeDirError: a socket cannot be made.
        """
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._inner = _bound(self._context, zmq.XSUB, inner)
        self._outer = _bound(self._context, zmq.XPUB, outer)
        self._thread = threading.Thread(target=self._forward, name=f"proxy {outer}", daemon=True)

    def start(self) -> None:
        """Begin to forward."""
        self._thread.start()

    def _forward(self) -> None:
        try:
            zmq.proxy(self._inner, self._outer)
        except zmq.ContextTerminated:
            pass
        finally:
            self._inner.close()
            self._outer.close()

    def stop(self) -> None:
        """End forwarding; the thread closes its sockets, since nobody else may."""
        self._context.term()
        self._thread.join()


class Greeter:
    """Publishes ``hello/<id>/`` to whoever subscribes to it: by then all its earlier subscriptions are in effect.

    It sees subscriptions because it publishes through an XPUB: the proxy forwards them upstream, in order.
    """

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", inner: str) -> None:
        self.socket = context.socket(zmq.XPUB)
        self.socket.set_hwm(HIGH_WATER)
        self.socket.linger = LINGER_MS
        self.socket.connect(inner)

    def publish(self, frames: list[bytes]) -> None:
        """The supervisor's own way to say something on this bus."""
        self.socket.send_multipart(frames)

    def greet(self, limit: int = 100) -> None:
        """Answer the subscriptions that arrived, at most ``limit`` at a time so that a flood starves nobody."""
        for _ in range(limit):
            try:
                message = self.socket.recv(zmq.NOBLOCK)
            except zmq.Again:
                return
            if message.startswith(b"\x01hello/") and len(message) < 100:
                self.socket.send_multipart([message[1:], b"{}"])
