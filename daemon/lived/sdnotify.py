"""Telling systemd: the datagrams of sd_notify(3), by hand, because they are twelve lines."""

import os
from collections.abc import Mapping

from lived.units import MICROSECOND, Ns

VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
"""What systemd tells the process that it listens to."""


class Notifier:
    """Sends to $NOTIFY_SOCKET; does nothing where there is none. A failed send is not an error: systemd is gone."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog: Ns | None = _watchdog(environ)
        """How often systemd wants to hear WATCHDOG=1 at the least; None = never."""
        self._status = ""
        self._next_beat = Ns(0)

    def send(self, *fields: str) -> None:
        """One datagram."""
        if not self._address:
            return
        import socket  # children of the supervisor, sound workers among them, never need it

        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.settimeout(1.0)
            try:
                sock.sendto("\n".join(fields).encode(), self._address)
            except OSError:
                return

    def status(self, text: str) -> None:
        """STATUS= in words, when they changed."""
        if text != self._status:
            self._status = text
            self.send(f"STATUS={text}")

    def beat(self, now: Ns) -> None:
        """Got on: WATCHDOG=1, at a third of what systemd waits for. Nothing where it waits for none."""
        if self.watchdog and now >= self._next_beat:
            self._next_beat = Ns(now + self.watchdog // 3)
            self.send("WATCHDOG=1")


def _watchdog(environ: Mapping[str, str]) -> Ns | None:
    usec, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not usec.isdigit() or (pid and pid != str(os.getpid())):
        return None
    return Ns(int(usec) * MICROSECOND)
