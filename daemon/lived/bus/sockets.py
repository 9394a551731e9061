"""Publishers and subscribers of the two buses."""

from collections.abc import Iterable, Iterator
from uuid import uuid4

import zmq

from lived.bus.endpoints import Endpoints
from lived.errors import RuntimeDirError

HIGH_WATER = 4_000
"""Messages that may wait on either side of one connection.

The largest regular message is 40 ms of the model's sound: 1,920 B of PCM and 46 B of topic and header. With what
ZeroMQ adds (three 64-byte message objects, and receive buffers of 8 KiB that are kept whole as long as one message
in them is) it costs 3.7 kB, measured in tests/bus. A subscriber that never reads costs at most 4,000 * 3.7 kB =
14.8 MB (< 16 MiB). All streams together run at 100 (mic) + 100 (speaker) + at most 100 (model, four times real
time) messages a second, so a reader may stand still for 13 s before it loses anything.
"""

LINGER_MS = 500
"""What was said just before the end still leaves; a peer that is gone holds nobody up for longer."""

_POLLIN = int(zmq.POLLIN)  # a plain number: "&" with one of pyzmq's flags is four calls of Python

MAX_MESSAGE_BYTES = 131_072
"""Twice the longest legal frame: a peer that sends more is disconnected by ZeroMQ before it costs memory."""

MODERN = b"lived"
"""A domain of authentication that nobody serves. With one, ZeroMQ refuses its protocols before the third (2013): they
begin so simply that any bytes count as messages, and every connection that says nonsense as a peer with requests."""


class Publisher:
    """Says things on a bus. Never blocks. Belongs to one thread."""

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", endpoint: str) -> None:
        self._socket = context.socket(zmq.PUB)
        self._socket.set_hwm(HIGH_WATER)
        self._socket.linger = LINGER_MS
        self._socket.connect(endpoint)
        self._send = self._socket.send

    def send(self, frames: list[bytes]) -> None:
        """One message of any number of frames."""
        self._socket.send_multipart(frames)

    def send_sound(self, topic: bytes, header: bytes, pcm: bytes | memoryview) -> None:
        """One chunk, without building a list: for the sound callback."""
        send = self._send
        send(topic, zmq.SNDMORE)
        send(header, zmq.SNDMORE)
        send(pcm)

    def close(self) -> None:
        """Let go after at most ``LINGER_MS``."""
        self._socket.close()


class Subscriber:
    """Hears a bus. Belongs to one thread."""

    def __init__(
        self, context: "zmq.Context[zmq.Socket[bytes]]", endpoint: str, topics: Iterable[bytes] = (b"",)
    ) -> None:
        self.socket = context.socket(zmq.SUB)
        self.socket.set_hwm(HIGH_WATER)
        self.socket.linger = 0
        self.socket.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
        self._early: list[list[bytes]] = []  # came while waiting for the greeting; bounded by HIGH_WATER
        for topic in topics:
            self.socket.subscribe(topic)
        self.socket.connect(endpoint)

    def subscribe(self, *topics: bytes) -> None:
        """Hear more topics."""
        for topic in topics:
            self.socket.subscribe(topic)

    def unsubscribe(self, *topics: bytes) -> None:
        """Hear these topics no more."""
        for topic in topics:
            self.socket.unsubscribe(topic)

    @property
    def fd(self) -> int:
        """For event loops. Edge-triggered, as ZeroMQ's is: after it fires, ``drain`` until nothing is left."""
        return int(self.socket.getsockopt(zmq.FD))

    def drain(self, limit: int = HIGH_WATER) -> Iterator[list[bytes]]:
        """What is there now, at most ``limit`` messages; never waits."""
        early, self._early = self._early, []
        yield from early
        for _ in range(limit):
            if not int(self.socket.getsockopt(zmq.EVENTS)) & _POLLIN:  # cheaper than an exception each time
                return
            yield self.socket.recv_multipart()

    def wait(self, timeout_ms: int) -> bool:
        """Whether something is there, waiting at most ``timeout_ms`` for it."""
        return bool(self._early) or bool(self.socket.poll(timeout_ms))

    def await_greeting(self, timeout_ms: int = 5_000) -> None:
        """Return when everything subscribed so far is in effect (docs/protocol.md, "Greeting").

        Raises:
            RuntimeDirError: nobody greeted in time: no daemon behind that endpoint.
        """
        topic = f"hello/{uuid4().hex}/".encode()
        self.socket.subscribe(topic)
        early: list[list[bytes]] = []
        while len(early) < HIGH_WATER:
            if not self.socket.poll(timeout_ms):
                break
            frames = self.socket.recv_multipart()
            if frames[0] == topic:
                self.socket.unsubscribe(topic)
                self._early.extend(early)
                return
            early.append(frames)
        raise RuntimeDirError("The bus did not answer: is the daemon still running?")

    def close(self) -> None:
        """Hear nothing more."""
        self.socket.close()


class Bus:
    """One process's way to both buses: a ZeroMQ context and the endpoints."""

    def __init__(self, endpoints: Endpoints, inside: bool = False) -> None:
        """``inside``: for workers, who hear each other where no outsider can be in the way."""
        self.endpoints = endpoints
        self._audio = endpoints.audio_out if inside else endpoints.audio
        self._events = endpoints.event_out if inside else endpoints.event
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()

    def audio_publisher(self) -> Publisher:
        """For workers: publish sound."""
        return Publisher(self.context, self.endpoints.audio_in)

    def event_publisher(self) -> Publisher:
        """For workers: publish events and orders."""
        return Publisher(self.context, self.endpoints.event_in)

    def audio(self, *topics: bytes) -> Subscriber:
        """Hear sound. Subscribes to nothing when no topic is given."""
        return Subscriber(self.context, self._audio, topics)

    def events(self, *topics: bytes) -> Subscriber:
        """Hear events. Subscribes to nothing when no topic is given."""
        return Subscriber(self.context, self._events, topics)

    def close(self) -> None:
        """Close everything that is still open, after at most ``LINGER_MS``."""
        self.context.destroy(linger=LINGER_MS)
