"""Many sessions at once: each gets its own answer, whole, and each is heard, whole."""

import asyncio
import base64
import json
import ssl
from collections import Counter
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from fakes.simulator import Simulator
from lived_workers.simulator.marks import Run, runs
from simulator.harness import question, silence
from simulator.wire_client import PATH, SETUP

pytestmark = pytest.mark.processes

SESSIONS = 20
CHUNK = 1280
"""40 ms at 16 kHz."""
SCENARIO = "[timing]\nsetup_ms = 1\nfirst_audio_ms = 50\n[[reply]]\nmarks_s = 1.0\n"


def said() -> list[bytes]:
    """A question and the silence after it, in chunks."""
    pcm = question() + silence(1.0)
    return [pcm[at : at + CHUNK] for at in range(0, len(pcm), CHUNK)]


async def converse(simulator: Simulator, all_are_here: asyncio.Barrier) -> list[Run]:
    """One session, its microphone in real time; the numbered samples of the answer."""
    trust = ssl.create_default_context(cafile=simulator.ca_file)
    uri = f"wss://127.0.0.1:{simulator.port}{PATH}?key=K"
    async with connect(uri, ssl=trust, proxy=None, max_size=None) as client:
        await client.send(json.dumps(SETUP))
        assert "setupComplete" in json.loads(await client.recv())
        await all_are_here.wait()
        for pcm in said():
            audio = {"data": base64.b64encode(pcm).decode(), "mimeType": "audio/pcm;rate=16000"}
            await client.send(json.dumps({"realtimeInput": {"audio": audio}}))
            await asyncio.sleep(len(pcm) / 32_000)
        heard = b""
        while True:
            content = json.loads(await client.recv()).get("serverContent", {})
            for part in content.get("modelTurn", {}).get("parts", []):
                heard += base64.b64decode(part["inlineData"]["data"])
            if content.get("turnComplete"):
                return runs(heard)


async def crowd(simulator: Simulator) -> list[list[Run]]:
    """All of them, none before all are set up."""
    all_are_here = asyncio.Barrier(SESSIONS)
    async with asyncio.timeout(60):
        return await asyncio.gather(*(converse(simulator, all_are_here) for _ in range(SESSIONS)))


def test_twenty_sessions(tmp_path: Path) -> None:
    """Twenty users speak at the same time: twenty answers of a second, no sample lost, doubled, or somebody else's."""
    with Simulator(tmp_path / "s", SCENARIO) as simulator:
        answers = asyncio.run(crowd(simulator))
        simulator.wait_for("close", count=SESSIONS)
        heard = Counter[int]()
        for entry in simulator.journal("audio"):
            heard[entry["connection"]] += entry["bytes"]
    assert [[run.frames for run in answer] for answer in answers] == [[24_000]] * SESSIONS
    assert len({answer[0].first for answer in answers}) == SESSIONS
    assert dict(heard) == dict.fromkeys(range(1, SESSIONS + 1), sum(map(len, said())))
