"""How much of what was sent has reached the other machine: Linux keeps count of it for each TCP connection.

``mark`` = bytes that the peer's kernel has acknowledged + bytes that ours still holds = everything handed to this
kernel since the connection began. So a message is safe as soon as the acknowledged bytes reach the mark that was
read just behind it. Without Linux's figures (or without a socket) everything handed over counts as safe.
"""

import contextlib
import fcntl
import os
import socket
import struct
import termios

_BYTES_ACKED = 120
"""Offset of tcpi_bytes_acked (u64) in struct tcp_info, since Linux 4.2; checked on 6.18."""
_INFO_BYTES = 128

SOCKET_LIMIT = 65_536
"""Bytes that our kernel may hold before more is kept back in our own queue, where it can be counted: 1.4 s of sound."""

_SEND_BUFFER = 262_144
"""Linux doubles it and charges up to 2.3 kB for a 1 kB message: 64 KiB of messages always fit, so that nothing ever
waits in a buffer between us and the kernel, where it would be in nobody's figures."""

_USER_TIMEOUT_MS = 8_000
"""A peer that acknowledges nothing for so long is gone (``health.STUCK``)."""
_KEEPALIVE_S = (5, 2, 3)
"""Idle time, interval, probes: the same while nothing is sent (muted): noticed after 11 s at most."""


class Connection:
    """A second hold on the connection's socket: it can still be asked when its first owner has closed it."""

    def __init__(self, fd: int | None) -> None:
        """``fd`` of a connected TCP socket, None when it cannot be known."""
        self._socket = None if fd is None else socket.socket(fileno=os.dup(fd))
        self.seen = 0
        """What ``acknowledged`` said last."""
        self._held = 0  # what held() said last
        if self._socket is not None:
            _prepare(self._socket)

    @property
    def exact(self) -> bool:
        """Whether the figures are the kernel's own."""
        return self._socket is not None

    def acknowledged(self) -> int:
        """Bytes that the peer's kernel has."""
        if self._socket is None:
            return self.seen
        try:
            info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_BYTES)
            self.seen = struct.unpack_from("<Q", info, _BYTES_ACKED)[0]
        except (OSError, struct.error):
            self._give_up()
        return self.seen

    def held(self) -> int:
        """Bytes that our kernel holds: not sent, or not acknowledged."""
        if self._socket is None:
            self._held = 0
            return 0
        try:
            self._held = struct.unpack("i", fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, bytes(4)))[0]
        except OSError:
            self._give_up()
            self._held = 0
        return self._held

    def full(self) -> bool:
        """Whether our kernel holds more than ``SOCKET_LIMIT``. It is asked only if it did so last time: it was asked
        behind the newest message, and has had nothing since."""
        return self._held > SOCKET_LIMIT and self.held() > SOCKET_LIMIT

    def mark(self) -> int:
        """Everything handed to our kernel so far."""
        while True:
            acknowledged, held = self.acknowledged(), self.held()
            if acknowledged == self.acknowledged():  # no acknowledgment came in between: the sum is right
                return acknowledged + held

    def polite(self) -> None:
        """Before closing in peace: what the kernel holds may still leave."""
        self._linger(on=0)

    def close(self) -> None:
        """Read the last figures and let go; without this the connection would stay half open."""
        self.acknowledged()
        if self.held():
            self._linger(on=1)  # it will be sent again on another connection
        self._give_up()

    def _linger(self, on: int) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", on, 0))

    def _give_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _prepare(connected: socket.socket) -> None:
    idle, interval, probes = _KEEPALIVE_S
    options = (
        (socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle),
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval),
        (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, probes),
        (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _USER_TIMEOUT_MS),
        # when this process is killed, what the kernel still holds dies with it: its successor sends that again,
        # and the server sees the old connection end at once, also when it has stopped reading
        (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)),
    )
    for level, option, value in options:
        with contextlib.suppress(OSError):  # a kernel that lacks one still sends
            connected.setsockopt(level, option, value)
