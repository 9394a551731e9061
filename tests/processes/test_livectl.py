"""livectl and the real daemon: started detached, asked, restarted, stopped; nothing is left."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from fakes.daemon import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

OVERRIDES = ("audio.input=null", "audio.output=null", "simulator.enabled=true")


class Home:
    """A user with nothing of his own, and his livectl."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        dropped = ("LIVED_", "GEMINI_", "GOOGLE_", "RUNTIME_DIRECTORY", "STATE_DIRECTORY")
        self._environ = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        self._environ["LIVED_CONFIG"] = os.environ["LIVED_CONFIG"]
        self._environ |= {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "XDG_RUNTIME_DIR": str(folder)}

    def livectl(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """One call; it must say what it has to say within a minute."""
        command = [sys.executable, "-c", "from lived.cli import main; main()", *arguments]
        command += ["--runtime-dir", str(self.folder / "run")]
        return subprocess.run(
            command, env=self._environ, capture_output=True, text=True, timeout=60, check=False, cwd=self.folder
        )

    def status(self) -> dict[str, Any]:
        """``livectl status --json``."""
        found: dict[str, Any] = json.loads(self.livectl("status", "--json").stdout)
        return found


@pytest.fixture
def home() -> Iterator[Home]:
    """Ends the daemon that the test started, should it still be there."""
    with tempfile.TemporaryDirectory(prefix="livectl-", dir="/tmp") as folder:
        home = Home(Path(folder))
        yield home
        home.livectl("stop", "--daemon")


def start(home: Home) -> "subprocess.CompletedProcess[str]":
    """Start it with the stand-in and without a sound card."""
    chosen = [word for override in OVERRIDES for word in ("--set", override)]
    return home.livectl("start", *chosen)


def test_a_life(home: Home) -> None:
    """start, ask, change, stop, stop --daemon: each does what it says, each exit code is right."""
    assert home.livectl("status").returncode == 3
    started = start(home)
    assert (started.returncode, started.stdout) == (0, "Ready: listening.\n")
    assert str(home.folder / "state" / "lived" / "lived.log") in started.stderr

    family = psutil.Process(home.status()["pid"])
    processes = [family, *family.children(recursive=True)]
    assert {worker["name"] for worker in home.status()["workers"]} >= {"capture", "gateway", "playback"}

    assert home.livectl("volume", "40").stdout == "The volume is 40 %.\n"
    assert home.livectl("volume", "-15").stdout == "The volume is 25 %.\n"
    assert home.livectl("toggle").stdout == "The microphone is muted.\n"
    assert home.status()["muted"] is True
    assert home.livectl("unmute").returncode == 0
    assert home.livectl("say", "Hello").returncode == 0
    event = json.loads(home.livectl("events", "--once", "--type", "transcript").stdout)
    assert event["side"] == "model"

    assert home.livectl("stop").returncode == 0
    assert home.status()["conversing"] is False
    assert home.livectl("stop", "--daemon").returncode == 0
    _, alive = psutil.wait_procs(processes, timeout=5)
    assert alive == []
    assert home.livectl("status").returncode == 3


def test_second_start_is_welcome(home: Home) -> None:
    """start is idempotent: the daemon that runs stays, and converses."""
    start(home)
    pid = home.status()["pid"]
    home.livectl("stop")
    again = home.livectl("start")
    assert again.returncode == 0
    assert (home.status()["pid"], home.status()["conversing"]) == (pid, True)


def test_restart_brings_it_back_as_it_was_started(home: Home) -> None:
    """Another process, the same options, the conversation goes on."""
    start(home)
    pid = home.status()["pid"]
    restarted = home.livectl("restart")
    assert restarted.returncode == 0, restarted.stderr
    assert home.status()["pid"] != pid
    assert home.status()["conversing"] is True
    assert "simulator" in {worker["name"] for worker in home.status()["workers"]}


def test_restart_of_one_worker(home: Home) -> None:
    """Only that process is another one afterwards."""
    start(home)
    before = {worker["name"]: worker["pid"] for worker in home.status()["workers"]}
    assert home.livectl("restart", "playback").returncode == 0

    def pids() -> dict[str, int]:
        return {worker["name"]: worker["pid"] for worker in home.status()["workers"] if worker["ready"]}

    wait_until(lambda: pids().get("playback") not in (None, before["playback"]), 20, lambda: str(home.status()))
    wait_until(lambda: set(pids()) == set(before), 20, lambda: str(home.status()))
    assert {name for name, pid in pids().items() if pid != before[name]} == {"playback"}
    unknown = home.livectl("restart", "trombone")
    assert unknown.returncode == 1
    assert "trombone" in unknown.stderr
