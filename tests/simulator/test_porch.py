"""What stands before a WebSocket loses nothing of what a quick client sends."""

import asyncio
import ssl
from asyncio import selector_events
from typing import Any, cast

import pytest
import trustme

from lived_workers.simulator.plain_http import Answer, Head
from lived_workers.simulator.porch import Arrival, Porch


class Slow:
    """Receives everybody with TLS, and takes its time."""

    def __init__(self, ca: trustme.CA) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("127.0.0.1").configure_cert(self._context)

    def arrive(self, encrypted: bool) -> Arrival:
        """The client's first bytes are there long before that."""
        assert encrypted
        return Arrival(self._context, delay_s=0.2)

    def request(self, head: Head, body: bytes) -> Answer:
        """Nobody asks."""
        raise AssertionError(head, body)


def _as_in_python_3_11_2(self: Any, fd: int, callback: Any) -> None:
    """asyncio of Debian 12: reading begins after connection_made, also where that paused it."""
    if not self._closing:
        self._loop._add_reader(fd, callback)


@pytest.mark.parametrize("old", [False, True])
def test_a_client_that_is_quicker_than_the_server(old: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it sends before the server is ready for TLS is read by TLS and by nobody else."""
    if old:
        monkeypatch.setattr(cast("Any", selector_events)._SelectorTransport, "_add_reader", _as_in_python_3_11_2)
    ca = trustme.CA()
    trusting = ssl.create_default_context()
    ca.configure_trust(trusting)

    async def shake_hands() -> None:
        porches: set[Porch] = set()
        serving = await asyncio.get_running_loop().create_server(
            lambda: Porch(Slow(ca), True, cast("Any", None), porches), "127.0.0.1", 0
        )
        port = serving.sockets[0].getsockname()[1]
        connecting = asyncio.open_connection("127.0.0.1", port, ssl=trusting)
        _reader, writer = await asyncio.wait_for(connecting, 5)
        assert not writer.is_closing()
        for porch in porches:
            porch.abort()
        writer.transport.abort()
        serving.close()
        await serving.wait_closed()

    asyncio.run(shake_hands())
