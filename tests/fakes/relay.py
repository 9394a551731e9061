"""A network that can be cut: a TCP relay between the gateway and the server, one thread, no TLS of its own.

cut and heal    packets that arrive are dropped before TCP sees them (a socket filter): TCP survives and repeats
stall and go    the relay stops reading: the sender's buffers fill
reset           what was acknowledged is forwarded, then RST
refuse, accept  nobody listens; somebody does again
"""

import contextlib
import ctypes
import fcntl
import selectors
import socket
import struct
import termios
import threading
import time
from collections.abc import Callable
from typing import Self

BUFFER = 8_192
"""SO_RCVBUF: a stalled server is noticed after few messages."""

_SO_DETACH_FILTER = 27
_SO_ATTACH_FILTER = 26
_DROP = struct.pack("HBBI", 0x06, 0, 0, 0)  # BPF: return 0 bytes of every packet


def _drop_what_arrives(connected: socket.socket) -> None:
    code = ctypes.create_string_buffer(_DROP)
    program = struct.pack("HP", 1, ctypes.addressof(code))
    connected.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)


def _await_acknowledged(connected: socket.socket) -> None:
    """Until everything sent has arrived: an end cannot be told before that, and a kernel repeats ever more seldom."""
    deadline = time.monotonic() + 1.0
    while any(fcntl.ioctl(connected.fileno(), termios.TIOCOUTQ, bytes(4))) and time.monotonic() < deadline:
        time.sleep(0.001)


class _Link:
    """One relayed connection."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client, self.server = client, server
        self.other = {client: server, server: client}


class Relay:
    """Listens on ``port``, forwards to ``target`` on 127.0.0.1. Context manager. Commands return when obeyed."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._selector = selectors.DefaultSelector()
        self._wake, self._bell = socket.socketpair()
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._links: list[_Link] = []
        self._commands: list[tuple[Callable[[], object], threading.Event]] = []
        self._ending = False
        self.accepted = 0
        self._listener: socket.socket | None = None
        self.port = 0
        self._listen()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending = True
        self._wake.send(b"x")
        self._thread.join(10)
        for link in self._links:
            self._close(link)
        self._deafen()
        for end in (self._wake, self._bell):
            end.close()
        self._selector.close()

    def cut(self) -> None:
        """No packet arrives any more, in either direction."""
        self._do(self._cut)

    def heal(self) -> None:
        """Packets arrive again."""
        self._do(self._heal)

    def stall(self) -> None:
        """Read nothing from the gateway: the server is too slow. The other direction goes on."""
        self._do(lambda: [self._selector.unregister(link.client) for link in self._links])

    def go(self) -> None:
        """Read again."""
        self._do(lambda: [self._selector.register(link.client, selectors.EVENT_READ, link) for link in self._links])

    def reset(self) -> None:
        """Every connection ends with RST on the gateway's side; the server got all that was acknowledged."""
        self._do(self._reset)

    def refuse(self) -> None:
        """Nobody listens."""
        self._do(self._deafen)

    def accept(self) -> None:
        """Somebody listens again, on the same port."""
        self._do(self._listen)

    def _do(self, command: Callable[[], object]) -> None:
        done = threading.Event()
        self._commands.append((command, done))
        self._wake.send(b"x")
        assert done.wait(10), "the relay does not obey"

    # from here on: the relay's thread

    def _run(self) -> None:
        while not self._ending:
            for key, _ in self._selector.select():
                if key.fileobj is self._bell:
                    self._obey()
                elif key.fileobj is self._listener:
                    self._take_in()
                elif isinstance(key.fileobj, socket.socket) and key.fileobj.fileno() >= 0:
                    self._forward(key.data, key.fileobj)

    def _obey(self) -> None:
        self._bell.recv(100)
        while self._commands:
            command, done = self._commands.pop(0)
            command()
            done.set()

    def _listen(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        listener.bind(("127.0.0.1", self.port))
        listener.listen()
        self.port = listener.getsockname()[1]
        self._selector.register(listener, selectors.EVENT_READ)
        self._listener = listener

    def _deafen(self) -> None:
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None

    def _take_in(self) -> None:
        assert self._listener is not None
        client, _ = self._listener.accept()
        link = _Link(client, socket.create_connection(("127.0.0.1", self._target)))
        self.accepted += 1
        self._links.append(link)
        for end in link.other:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(end, selectors.EVENT_READ, link)

    def _forward(self, link: _Link, end: socket.socket) -> bool:
        """Pass on what one side sent; False when it has ended."""
        try:
            data = end.recv(65_536, socket.MSG_DONTWAIT)
            # at once, so that the sender's count of acknowledged bytes is what was really received
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            link.other[end].sendall(data)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._close(link)
        return bool(data)

    def _cut(self) -> None:
        for link in self._links:
            _drop_what_arrives(link.client)
            _await_acknowledged(link.server)
            _drop_what_arrives(link.server)

    def _heal(self) -> None:
        for link in self._links:
            for end in link.other:
                with contextlib.suppress(FileNotFoundError):  # no filter there
                    end.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, 0)

    def _reset(self) -> None:
        self._heal()  # the server's side ends in peace
        for link in list(self._links):
            _drop_what_arrives(link.client)  # nothing more is acknowledged from here on
            while link in self._links and self._forward(link, link.client):
                pass
            link.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._close(link)

    def _close(self, link: _Link) -> None:
        if link in self._links:
            self._links.remove(link)
        for end in link.other:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(end)
            end.close()
