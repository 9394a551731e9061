"""The subscribers of examples/ hear a real conversation."""

import functools
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from fakes.daemon import wait_until
from lived_workers.simulator.marks import runs
from processes.talk import DEAF, Talk, marked_wav

pytestmark = pytest.mark.processes

EXAMPLES = Path(__file__).parents[2] / "examples"
NODE = Path(sys.prefix) / "share" / "lived-examples-node"
"""In the virtual environment: it goes when that goes."""
INSTALL_S = 90


@contextmanager
def running(command: list[str], output: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A program whose standard output goes to a file, until the block ends."""
    with output.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def test_python(tmp_path: Path) -> None:
    """Plain pyzmq, twenty lines: every frame of two seconds of the microphone, as it is written by who made it."""
    assert len((EXAMPLES / "subscriber.py").read_text().splitlines()) <= 20
    assert "lived" not in [line.split()[1].split(".")[0] for line in _imports(EXAMPLES / "subscriber.py")]
    output = tmp_path / "mic.pcm"
    command = [sys.executable, str(EXAMPLES / "subscriber.py"), "mic", str(tmp_path / "run")]
    with Talk(tmp_path, DEAF, audio=marked_wav(tmp_path / "user.wav", 60)).start(), running(command, output):
        wait_until(lambda: output.stat().st_size > 2 * 32_000, 30)
    (run,) = runs(output.read_bytes()[: 2 * 32_000])
    assert run.frames == 32_000


def _imports(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line.startswith(("import ", "from "))]


@functools.cache
def missing() -> str | None:
    """Why there is no zeromq.js to test with, None when there is; installs it the first time."""
    if shutil.which("node") is None or (npm := shutil.which("npm")) is None:
        return "node and npm are not installed"
    wanted, stamp = (EXAMPLES / "package.json").read_bytes(), NODE / "package.json"
    if (NODE / "node_modules/zeromq/package.json").exists() and stamp.read_bytes() == wanted:
        return None
    NODE.mkdir(parents=True, exist_ok=True)
    stamp.write_bytes(wanted)
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=NODE, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    except subprocess.TimeoutExpired:
        return f"npm has not installed zeromq within {INSTALL_S} s"
    return None if done.returncode == 0 else f"npm cannot install zeromq: {done.stderr.strip()[-200:]}"


def test_javascript(tmp_path: Path) -> None:
    """zeromq.js: levels of the microphone at their positions, nothing lost, and events as they are published."""
    if (reason := missing()) is not None:
        pytest.skip(reason)
    shutil.copy(EXAMPLES / "subscriber.mjs", NODE)  # node looks for packages beside the program
    output = tmp_path / "heard.jsonl"
    command = ["node", str(NODE / "subscriber.mjs"), str(tmp_path / "run")]
    with Talk(tmp_path, DEAF, audio=marked_wav(tmp_path / "user.wav", 60)).start() as talk, running(command, output):
        wait_until(lambda: output.stat().st_size > 0, 30)
        talk.simulator.say("Hello.")
        wait_until(lambda: '"transcript"' in output.read_text(), 30, output.read_text)
        wait_until(lambda: len(_levels(output)) >= 3, 30, output.read_text)
    levels = _levels(output)
    steps = [later["position"] - before["position"] for before, later in pairwise(levels)]
    assert set(steps) == {16_000}
    assert all(level["lost"] == 0 for level in levels)
    assert max(level["level"] for level in levels) > 0


def _levels(output: Path) -> list[dict[str, int]]:
    lines = [json.loads(line) for line in output.read_text().splitlines() if line.endswith("}")]
    return [line for line in lines if "level" in line]
