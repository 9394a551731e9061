"""What the stand-in for the Live API costs: processor and memory, idle, with many sessions, with one microphone."""

import asyncio
import base64
import contextlib
import json
import ssl
import sys
import tempfile
import time
from pathlib import Path

import click
import psutil
from websockets.asyncio.client import ClientConnection, connect

from fakes.simulator import Simulator

PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=K"
SETUP = {"setup": {"model": "models/gemini-3.8-live"}}
SESSIONS = 20
CHUNK_S = 0.02


async def cost(simulator: Simulator, seconds: float) -> dict[str, float]:
    """Percent of one core over `seconds`, and MiB of resident memory after them."""
    process = psutil.Process(simulator.process.pid)
    before, at = sum(process.cpu_times()[:2]), time.monotonic()
    await asyncio.sleep(seconds)
    share = 100 * (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - at)
    return {"cpu_percent": round(share, 2), "rss_mib": round(process.memory_info().rss / 2**20, 1)}


async def listen(client: ClientConnection) -> None:
    """Take what comes."""
    async for _ in client:
        pass


async def speak(client: ClientConnection) -> None:
    """A silent microphone: 50 messages a second."""
    audio = {"data": base64.b64encode(bytes(640)).decode(), "mimeType": "audio/pcm;rate=16000"}
    message, due = json.dumps({"realtimeInput": {"audio": audio}}), time.monotonic()
    while True:
        await client.send(message)
        due += CHUNK_S
        await asyncio.sleep(due - time.monotonic())


async def measure(simulator: Simulator, seconds: float) -> dict[str, dict[str, float]]:
    """Nobody there; twenty who say nothing; one of them with its microphone on."""
    trust = ssl.create_default_context(cafile=simulator.ca_file)
    found = {"nobody connected": await cost(simulator, seconds)}
    async with contextlib.AsyncExitStack() as stack:
        clients = []
        for _ in range(SESSIONS):
            uri = f"wss://127.0.0.1:{simulator.port}{PATH}"
            client = await stack.enter_async_context(connect(uri, ssl=trust, proxy=None))
            await client.send(json.dumps(SETUP))
            await client.recv()
            clients.append(client)
        tasks = [asyncio.create_task(listen(client)) for client in clients]
        found[f"{SESSIONS} sessions, idle"] = await cost(simulator, seconds)
        tasks.append(asyncio.create_task(speak(clients[0])))
        found[f"{SESSIONS} sessions, one microphone"] = await cost(simulator, seconds)
        for task in tasks:
            task.cancel()
    return found


@click.command()
@click.option("--seconds", default=20.0, show_default=True, help="How long each is watched.")
def main(seconds: float) -> None:
    """Print one JSON."""
    with tempfile.TemporaryDirectory() as folder, Simulator(Path(folder) / "s", "", "--mode", "marks") as simulator:
        json.dump(asyncio.run(measure(simulator, seconds)), sys.stdout, indent=2)
    click.echo()


if __name__ == "__main__":
    main()
