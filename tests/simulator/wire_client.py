"""A client without the SDK, for what the SDK does not show: pings, certificates, REST byte by byte."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from simulator.harness import MODEL, Stand

PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
SETUP = {"setup": {"model": f"models/{MODEL}", "generationConfig": {"responseModalities": ["AUDIO"]}}}


def trust(simulator: Stand) -> ssl.SSLContext:
    """What believes in the simulator's authority."""
    return ssl.create_default_context(cafile=simulator.ready.ca_file)


@asynccontextmanager
async def dial(
    simulator: Stand, target: str = f"{PATH}?key=K", headers: dict[str, str] | None = None, plain: bool = False
) -> AsyncIterator[ClientConnection]:
    """A WebSocket that sends no pings of its own; nothing is said yet."""
    port = simulator.ready.plain_port if plain else simulator.ready.port
    uri = f"{'ws' if plain else 'wss'}://127.0.0.1:{port}{target}"
    context = None if plain else trust(simulator)
    async with connect(
        uri, ssl=context, additional_headers=headers, proxy=None, max_size=None, ping_interval=None
    ) as client:
        yield client


async def set_up(client: ClientConnection, **setup: Any) -> dict[str, Any]:
    """Send setup; the first frame that comes back."""
    await client.send(json.dumps({"setup": {**SETUP["setup"], **setup}}))
    frame: dict[str, Any] = json.loads(await client.recv())
    return frame


async def ask(
    simulator: Stand, request: bytes, plain: bool = False, pieces: int = 1
) -> tuple[int, dict[str, str], dict[str, Any]]:
    """One HTTP request as bytes, sent in so many pieces; status, headers (names in lower case) and body."""
    port = simulator.ready.plain_port if plain else simulator.ready.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=None if plain else trust(simulator))
    size = -(-len(request) // pieces)
    for at in range(0, len(request), size):
        writer.write(request[at : at + size])
        await writer.drain()
        await asyncio.sleep(0)
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(first.split()[1]), headers, json.loads(body)
