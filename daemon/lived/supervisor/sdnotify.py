"""Telling systemd: the datagrams of sd_notify(3), by hand, because they are twelve lines."""

import os
import socket
from collections.abc import Mapping

from lived.units import MICROSECOND, Ns


class Notifier:
    """Sends to $NOTIFY_SOCKET; does nothing where there is none. A failed send is not an error: systemd is gone."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog: Ns | None = _watchdog(environ)
        """How often systemd wants to hear WATCHDOG=1 at the least; None = never."""
        self._status = ""

    def send(self, *fields: str) -> None:
        """One datagram."""
        if not self._address:
            return
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


def _watchdog(environ: Mapping[str, str]) -> Ns | None:
    usec, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not usec.isdigit() or (pid and pid != str(os.getpid())):
        return None
    return Ns(int(usec) * MICROSECOND)
