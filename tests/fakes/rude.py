"""Somebody who attaches and behaves badly: ``python -m fakes.rude MANNER RUNTIME_DIR``. Goes on until it is killed."""

import contextlib
import random
import resource
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import zmq

from lived.bus import Bus, Endpoints

SOCKETS = ("audio.sock", "event.sock", "door.sock")
HALF = b"\xff" + bytes(8) + b"\x7f" + b"\x03"
"""The first bytes of ZeroMQ's own greeting, which has 64."""
CROWD = 1_200
"""Connections at each socket: more than the 1,024 files that a process may have open where nobody says otherwise."""

_rng = random.Random(4)  # noqa: S311


def stall(directory: Path) -> Iterator[None]:
    """Wants everything and never reads."""
    bus = Bus(Endpoints(directory))
    for subscriber in (bus.audio(b""), bus.events(b"")):
        subscriber.socket.setsockopt(zmq.RCVHWM, 1)
        subscriber.await_greeting()
    while True:
        time.sleep(0.1)
        yield


def flood(directory: Path) -> Iterator[None]:
    """Asks as fast as it can, sensibly and not, and hears no answer."""
    dealer: zmq.Socket[bytes] = zmq.Context().socket(zmq.DEALER)
    dealer.connect(Endpoints(directory).door)
    while True:
        for body in (b'{"op":"status"}', b'{"op":"sing"}', _rng.randbytes(300), b"[" * 60_000):
            dealer.send_multipart([b"", body])
        yield


def come_and_go(directory: Path) -> Iterator[None]:
    """Subscribes and leaves, again and again: more than a thousand times in what the test waits."""
    bus = Bus(Endpoints(directory))
    while True:
        for number in range(50):
            visitor = bus.audio(f"visitor/{number}/".encode(), b"mic/", b"speaker/")
            visitor.await_greeting()
            visitor.close()
            yield


def garbage(directory: Path) -> Iterator[None]:
    """Says things upstream on both buses, short and long, and nonsense of many frames at the door."""
    ends, context = Endpoints(directory), zmq.Context[zmq.Socket[bytes]]()
    upstream = []
    for endpoint in (ends.audio, ends.event):
        socket_ = context.socket(zmq.XSUB)
        socket_.connect(endpoint)
        socket_.send(b"\x01")
        upstream.append(socket_)
    dealer = context.socket(zmq.DEALER)
    dealer.connect(ends.door)
    while True:
        for socket_ in upstream:
            socket_.send_multipart([b"model/", _rng.randbytes(40), bytes(1920)])
            socket_.send(b"x" + _rng.randbytes(_rng.randrange(100_000)))
            socket_.send(b"\x00" + _rng.randbytes(30))  # leaves what it never subscribed to
        with contextlib.suppress(zmq.Again):
            dealer.send_multipart([_rng.randbytes(20) for _ in range(_rng.randrange(1, 9))], zmq.NOBLOCK)
        yield


def raw(directory: Path) -> Iterator[None]:
    """Speaks no ZeroMQ at all."""
    while True:
        for name in SOCKETS:
            with socket.socket(socket.AF_UNIX) as end, contextlib.suppress(OSError):
                end.settimeout(1)
                end.connect(str(directory / name))
                end.sendall(_rng.randbytes(_rng.randrange(1, 4_000)))
        yield


def half(directory: Path, times: int = 200) -> Iterator[None]:
    """Begins ZeroMQ's greeting and stops in the middle of it, so many times at each socket; holds all of them open."""
    ends = []
    for name in SOCKETS:
        for _ in range(times):
            end = socket.socket(socket.AF_UNIX)
            end.connect(str(directory / name))
            end.sendall(HALF)
            ends.append(end)
    while True:
        time.sleep(0.1)
        yield


def crowd(directory: Path) -> Iterator[None]:
    """As ``half``, with more connections than files may usually be open."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8_192), most))
    return half(directory, CROWD)


MANNERS: dict[str, Callable[[Path], Iterator[None]]] = {
    manner.__name__: manner for manner in (stall, flood, come_and_go, garbage, raw, half, crowd)
}


def main() -> None:
    """Say when it has begun, and how often it did it again."""
    for count, _ in enumerate(MANNERS[sys.argv[1]](Path(sys.argv[2])), start=1):
        if count == 1:
            print("begun", flush=True)  # noqa: T201
        if count == 1_000:
            print("a thousand times", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
