"""The simulator as a process: its command line, raw clients, its control socket."""

import asyncio
import base64
import json
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from fakes.simulator import Simulator, SimulatorError
from lived_workers.simulator.marks import runs
from simulator.harness import question, silence

pytestmark = pytest.mark.processes
PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
SETUP = {"setup": {"model": "models/gemini-3.8-live"}}
FAST = "[timing]\nsetup_ms = 1\nfirst_audio_ms = 20\n"


def raw(simulator: Simulator, talk: Callable[[ClientConnection], Awaitable[Any]], plain: bool = False) -> Any:
    """A client without the SDK, its key in the query and a doubled slash in its path."""
    ready = json.loads((simulator.directory / "simulator.json").read_text())
    port, scheme = (ready["plain_port"], "ws") if plain else (ready["port"], "wss")
    trust = None if plain else ssl.create_default_context(cafile=ready["ca_file"])

    async def run() -> Any:
        uri = f"{scheme}://127.0.0.1:{port}/{PATH}?key=K"
        async with asyncio.timeout(15), connect(uri, ssl=trust, proxy=None, max_size=None) as client:
            return await talk(client)

    return asyncio.run(run())


async def ended(client: ClientConnection) -> tuple[int | None, str | None]:
    """How the server closes."""
    try:
        while True:
            await client.recv()
    except ConnectionClosed:
        return client.close_code, client.close_reason


async def set_up(client: ClientConnection) -> None:
    """setup, answered by a binary frame of indented JSON."""
    await client.send(json.dumps(SETUP))
    assert await client.recv() == b'{\n  "setupComplete": {}\n}\n'


def audio(pcm: bytes) -> str:
    """A microphone chunk as raw clients write it: camelCase, standard base64."""
    return json.dumps(
        {"realtimeInput": {"audio": {"data": base64.b64encode(pcm).decode(), "mimeType": "audio/pcm;rate=16000"}}}
    )


async def spoken_turn(client: ClientConnection) -> bytes:
    """A question in one burst; the sound of the answer."""
    await set_up(client)
    await client.send(audio(question() + silence(1.0)))
    pcm = b""
    async for frame in client:
        content = json.loads(frame).get("serverContent", {})
        for part in content.get("modelTurn", {}).get("parts", []):
            pcm += base64.b64decode(part["inlineData"]["data"])
        if content.get("turnComplete"):
            break
    return pcm


def test_raw_client_in_plaintext(tmp_path: Path) -> None:
    """Five seconds of sound in one frame are a turn; the answer is numbered samples, whole; all is in the journal."""
    scenario = FAST + "[[reply]]\nmarks_s = 1.0\nburst = 10\nturn_complete = 'early'\n"
    with Simulator(tmp_path / "s", scenario, "--plain-port", "0") as simulator:
        pcm = raw(simulator, spoken_turn, plain=True)
        simulator.wait_for("close")
        assert simulator.spoken() == pcm
        assert simulator.heard() == question() + silence(1.0)
        assert simulator.journal("open")[0]["auth"] == "query"
        assert "key=K" not in (simulator.directory / "journal.jsonl").read_text()
    (run,) = runs(pcm)
    assert run.frames == 24_000


@pytest.mark.parametrize("garbage", ["not JSON", b"\xff\x00", '{"what": 1}', json.dumps(SETUP)])
def test_garbage_ends_one_connection_only(simulator: Simulator, garbage: str | bytes) -> None:
    """1007 for who sent it; the next client is served."""

    async def talk(client: ClientConnection) -> tuple[int | None, str | None]:
        await set_up(client)
        await client.send(garbage)
        return await ended(client)

    code, reason = raw(simulator, talk)
    assert code == 1007
    assert reason
    raw(simulator, set_up)


def test_garbage_instead_of_tls(simulator: Simulator) -> None:
    """Who speaks no TLS, or hangs up in the middle of it, troubles nobody; no traceback is printed."""
    for data in (b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01", b""):
        with socket.create_connection(("127.0.0.1", simulator.port)) as client:
            client.sendall(data)
    raw(simulator, set_up)
    assert "Traceback" not in simulator.log


def test_control_socket(simulator: Simulator) -> None:
    """say, inject, state and the journal, from outside while a client is connected."""

    async def talk(client: ClientConnection) -> tuple[int | None, str | None]:
        await set_up(client)
        await asyncio.to_thread(simulator.say, marks_s=0.2, turn_complete="early")
        while "turnComplete" not in json.loads(await client.recv()).get("serverContent", {}):
            pass
        state = await asyncio.to_thread(simulator.state)
        assert state["connections"][-1]["phase"] == "listening"
        await asyncio.to_thread(lambda: simulator.inject(do="close", code=1008, reason="enough"))
        return await ended(client)

    assert raw(simulator, talk) == (1008, "enough")
    simulator.wait_for("close", fits=lambda entry: entry["reason"] == "enough")  # the last that is written of it
    newest = simulator.state()["entries"] - 1
    (entry,) = simulator.ask({"op": "journal", "since": newest})["entries"]
    assert entry == simulator.journal()[-1]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"op": "dance"}, "unknown op"),
        ({"op": "inject"}, "Expected `object`"),
        ({"op": "inject", "fault": {"do": "clse"}}, "did you mean `close`?"),
        ({"op": "inject", "fault": {"do": "refuse"}}, "connect:N"),
        ({"op": "inject", "fault": {"do": "close"}, "connection": 999}, "no such connection"),
        ({"op": "say"}, "say what"),
        ({"op": "journal", "since": "x"}, "since"),
    ],
)
def test_control_socket_refuses(simulator: Simulator, request_: dict[str, Any], words: str) -> None:
    """A wrong request is answered with one sentence, and the next one is served."""
    with pytest.raises(SimulatorError, match=words):
        simulator.ask(request_)
    assert simulator.state()


def test_control_socket_takes_garbage(simulator: Simulator) -> None:
    """Bytes that are no JSON are answered; a client that hangs up costs nothing."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(simulator.directory / "control.sock"))
        client.sendall(b"\xff\xfe\n")
        assert b'"ok":false' in client.recv(4096)
    assert simulator.state()


def test_stop_is_clean(tmp_path: Path) -> None:
    """SIGTERM with a client connected: exit 0, no traceback, no socket and no ready file left."""
    with Simulator(tmp_path / "s", FAST) as simulator:

        async def talk(client: ClientConnection) -> tuple[int | None, str | None]:
            await set_up(client)
            simulator.process.send_signal(signal.SIGTERM)
            return await ended(client)

        assert raw(simulator, talk)[0] == 1001
        assert simulator.process.wait(5) == 0
    assert "Traceback" not in simulator.log
    assert not (simulator.directory / "control.sock").exists()
    assert not (simulator.directory / "simulator.json").exists()


def test_stop_while_a_client_is_kept_waiting(tmp_path: Path) -> None:
    """A connection that is never upgraded does not keep the simulator from ending."""
    with Simulator(tmp_path / "s", FAST + "[[fault]]\non = 'connect:1'\ndo = 'no_upgrade'\n", "--plain-port", "0") as s:
        port = json.loads((s.directory / "simulator.json").read_text())["plain_port"]
        request = f"GET {PATH}?key=K HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        request += "Sec-WebSocket-Key: bv1kxgAVqHB1YRQNLaEXwA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(request.encode())
            s.wait_for("sent", "nothing")
            assert s.stop() == 0


def run_cli(*options: str) -> subprocess.CompletedProcess[str]:
    """The command with these options, to its end."""
    command = [sys.executable, "-m", "lived_workers.simulator.cli", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def test_mistakes_are_one_sentence(simulator: Simulator, tmp_path: Path) -> None:
    """Port taken, directory taken: exit 1. Bad scenario, unknown model, bad option: exit 2. Never a traceback."""
    bad = tmp_path / "bad.toml"
    bad.write_text("x = 1\n")
    taken, here = str(simulator.port), str(tmp_path)
    cases = [
        (1, "is taken", ("--dir", here, "--port", taken)),
        (1, "another simulator runs in", ("--dir", str(simulator.directory), "--port", "0")),
        (2, "unknown field `x`", ("--dir", here, "--port", "0", "--scenario", str(bad))),
        (2, "unknown model", ("--dir", here, "--port", "0", "--model", "gpt")),
        (2, "No such option", ("--prot", "0")),
    ]
    for code, words, options in cases:
        done = run_cli(*options)
        assert done.returncode == code, done.stderr
        assert words in done.stderr
        assert "Traceback" not in done.stderr
    assert simulator.state(), "the first one still runs"


def test_ready_line(simulator: Simulator) -> None:
    """One line says where it listens and what to trust."""
    assert f"listening on https://127.0.0.1:{simulator.port}, CA in {simulator.ca_file}" in simulator.log
