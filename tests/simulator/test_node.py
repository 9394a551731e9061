"""Google's other SDK: `@google/genai` for JavaScript holds a conversation with the simulator. Runs where node is."""

import base64
import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fakes.simulator import Simulator
from lived_workers.simulator.marks import runs
from lived_workers.simulator.scenario import Reply
from lived_workers.simulator.speech import DIRECTORY
from simulator.harness import MODEL

pytestmark = pytest.mark.processes
HERE = Path(__file__).parent / "node"
INSTALLED = Path(sys.prefix) / "share" / "lived-tests-node"
"""In the virtual environment: it goes when that goes."""
INSTALL_S = 90
TIMING = "[timing]\nsetup_ms = 1\nfirst_audio_ms = 20\n"
REPLY = "[[reply]]\nmarks_s = 1\nburst = 10\nturn_complete = 'early'\n"
TOOL = {
    "name": "get_weather",
    "description": "The weather.",
    "behavior": "BLOCKING",
    "parametersJsonSchema": {"type": "object"},
}


@functools.cache
def missing() -> str | None:
    """Why there is no SDK to test with, None when there is one; installs it the first time."""
    if shutil.which("node") is None or (npm := shutil.which("npm")) is None:
        return "node and npm are not installed"
    wanted = (HERE / "package.json").read_bytes()
    stamp = INSTALLED / "package.json"
    if (INSTALLED / "node_modules/@google/genai/package.json").exists() and stamp.read_bytes() == wanted:
        return None
    INSTALLED.mkdir(parents=True, exist_ok=True)
    stamp.write_bytes(wanted)
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    try:
        done = subprocess.run(
            command,
            cwd=INSTALLED,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"npm has not installed @google/genai within {INSTALL_S} s"
    return None if done.returncode == 0 else f"npm cannot install @google/genai: {done.stderr.strip()[-200:]}"


@pytest.fixture(scope="module", autouse=True)
def sdk() -> None:
    """The SDK is there, or these tests are skipped, saying why."""
    if (reason := missing()) is not None:
        pytest.skip(reason)


def talk(simulator: Simulator, **more: Any) -> dict[str, Any]:
    """Run the conversation of talk.cjs; what it made of it."""
    wanted = {"baseUrl": simulator.base_url, "key": "K", "model": MODEL, "wav": str(DIRECTORY / "question_weather.wav")}
    environ = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environ |= {"NODE_EXTRA_CA_CERTS": str(simulator.ca_file), "NODE_PATH": str(INSTALLED / "node_modules")}
    command = ["node", str(HERE / "talk.cjs"), json.dumps(wanted | more)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{done.stderr}\n{simulator.log}"
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_conversation(tmp_path: Path) -> None:
    """Models listed, a token minted and used, a typed and a spoken turn: every sample of the answers, transcripts."""
    with Simulator(tmp_path / "s", TIMING + REPLY + "heard = 'What is the weather?'\n", "--key", "K") as simulator:
        found = talk(simulator)
        spoken = simulator.spoken()
    assert f"models/{MODEL}" in found["models"]
    answers = [base64.b64decode(found[turn]["pcm"]) for turn in ("typed", "spoken")]
    assert b"".join(answers) == spoken
    assert [[run.frames for run in runs(pcm)] for pcm in answers] == [[24_000], [24_000]]
    assert found["spoken"]["input"] == "What is the weather?"
    assert found["typed"]["output"]
    assert simulator.journal("open")[0]["auth"] in {"token header", "token query"}


@pytest.mark.skipif(condition="calls" not in Reply.__struct_fields__, reason="the simulator calls no functions yet")
def test_function_call(tmp_path: Path) -> None:
    """A blocking call is answered, and the answer spoken, all in one turn."""
    calls = "calls = [{name = 'get_weather', args = {city = 'Berlin'}}]\n"
    with Simulator(tmp_path / "s", TIMING + REPLY + calls) as simulator:
        found = talk(simulator, tools=[TOOL])
    assert found["spoken"]["calls"] == [{"name": "get_weather", "args": {"city": "Berlin"}}]
    assert runs(base64.b64decode(found["spoken"]["pcm"]))
    assert simulator.journal("toolResponse")
