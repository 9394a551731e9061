"""A relay of one's own before the Live API: TLS, a path of its own, a header that says who may, and the key."""

import asyncio
import ssl
import threading
from pathlib import Path
from typing import Self

import trustme
from websockets.asyncio.client import connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

PREFIX = "/voice/v7"
WHO = "the-device-in-the-lobby"


class OwnRelay:
    """Context manager. Everything under PREFIX that says who it is goes on to the server, with the relay's key."""

    def __init__(self, folder: Path, server: str, server_ca: Path, key: str) -> None:
        self._server_url = server.replace("https", "wss")
        self._key = key
        authority = trustme.CA()
        self.ca_file = folder / "relay-ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self._context)
        self._trust = ssl.create_default_context(cafile=str(server_ca))
        self.seen: list[Headers] = []
        self.port = 0
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    @property
    def base_url(self) -> str:
        """For ``live.base_url``, with a slash too many, as people write it."""
        return f"https://127.0.0.1:{self.port}{PREFIX}/"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._up.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join()

    async def _run(self) -> None:
        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        server: Server
        async with serve(
            self._relay, "127.0.0.1", 0, ssl=self._context, process_request=self._look, max_size=None
        ) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            self._up.set()
            await self._done.wait()

    async def _look(self, connection: ServerConnection, request: Request) -> Response | None:
        self.seen.append(request.headers)
        if not request.path.startswith(f"{PREFIX}/ws/"):
            return connection.respond(404, "not here\n")
        return None if request.headers.get("X-Device") == WHO else connection.respond(403, "who are you?\n")

    async def _relay(self, client: ServerConnection) -> None:
        assert client.request is not None
        address = self._server_url + client.request.path.removeprefix(PREFIX)
        headers = {"x-goog-api-key": self._key}
        async with connect(address, additional_headers=headers, ssl=self._trust, proxy=None, max_size=None) as server:

            async def up() -> None:
                async for message in client:
                    await server.send(message)
                await server.close()

            forward = asyncio.create_task(up())
            try:
                async for message in server:
                    await client.send(message)
            except ConnectionClosed:
                pass
            await client.close(server.close_code or 1000, server.close_reason or "")
            await asyncio.wait([forward])
            forward.exception()
