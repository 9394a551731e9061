"""The worker and the tool of examples/, in a real daemon."""

import shutil
from pathlib import Path
from typing import Any

import psutil
import pytest

from fakes.daemon import wait_until
from lived.wire.events import ToolAnswer
from processes.talk import DEAF, Talk

pytestmark = pytest.mark.processes

EXAMPLES = Path(__file__).parents[2] / "examples"
DOORBELL = """
[[workers]]
name = "doorbell"
module = "doorbell"
path = "{folder}"
settings = {{ file = "{folder}/rung", text = "{text}" }}
"""


def configured(tmp_path: Path, text: str = "(Somebody rings.)") -> dict[str, str]:
    """The configuration with the doorbell of examples/, as an environment."""
    (tmp_path / "lived.toml").write_text(DOORBELL.format(folder=tmp_path, text=text))
    return {"LIVED_CONFIG": str(tmp_path / "lived.toml")}


def typed(talk: Talk) -> list[Any]:
    """What the server was told in text."""
    return [str(entry) for entry in talk.simulator.journal() if "rings" in str(entry)]


def ring(talk: Talk, folder: Path, times: int) -> None:
    """And wait until the model was told."""
    (folder / "rung").touch()
    wait_until(lambda: len(typed(talk)) >= times, 15, lambda: talk.daemon.log)
    assert not (folder / "rung").exists()


def test_a_worker_of_ones_own(tmp_path: Path) -> None:
    """Started, ready, heard by the model; killed and back; without the key; a change restarts it and nobody else."""
    shutil.copy(EXAMPLES / "custom_worker" / "doorbell.py", tmp_path)
    with Talk(tmp_path, DEAF, environ=configured(tmp_path)).start() as talk:
        wait_until(lambda: talk.daemon.worker("doorbell")["ready"], 10, lambda: talk.daemon.log)
        assert talk.daemon.worker("doorbell")["text"] == f"waiting for {tmp_path}/rung"
        pids = {worker["name"]: worker["pid"] for worker in talk.daemon.ask("status")["workers"]}
        process = psutil.Process(pids["doorbell"])
        assert process.environ()["PYTHONPATH"].split(":")[0] == str(tmp_path)
        assert "GEMINI_API_KEY" not in process.environ()
        ring(talk, tmp_path, 1)

        talk.back("doorbell", talk.kill("doorbell"), 10)
        ring(talk, tmp_path, 2)

        before = talk.daemon.worker("doorbell")["pid"]
        configured(tmp_path, "(The neighbour rings.)")
        assert talk.daemon.ask("reload")["restarted"] == ["doorbell"]
        talk.back("doorbell", before, 10)
        ring(talk, tmp_path, 3)
        assert "neighbour" in typed(talk)[-1]
        after = {worker["name"]: worker["pid"] for worker in talk.daemon.ask("status")["workers"]}
        assert after == pids | {"doorbell": after["doorbell"]}

        (tmp_path / "lived.toml").write_text("")
        assert talk.daemon.ask("reload")["need_restart"] == ["workers.doorbell"]


def test_a_worker_that_cannot_be_leaves_the_conversation_alone(tmp_path: Path) -> None:
    """Wrong settings: it says so and is not started again; one that ends at once is tried again; all else is ready."""
    shutil.copy(EXAMPLES / "custom_worker" / "doorbell.py", tmp_path)
    (tmp_path / "brief.py").write_text("raise SystemExit(3)\n")
    (tmp_path / "lived.toml").write_text(
        f'[[workers]]\nname = "doorbell"\nmodule = "doorbell"\npath = "{tmp_path}"\n'
        f'[[workers]]\nname = "brief"\nmodule = "brief"\npath = "{tmp_path}"\n'
    )
    environ = {"LIVED_CONFIG": str(tmp_path / "lived.toml")}
    with Talk(tmp_path, DEAF, environ=environ, but_for=("doorbell", "brief")).start() as talk:
        wait_until(lambda: talk.daemon.worker("doorbell")["state"] == "fatal", 10, lambda: talk.daemon.log)
        wait_until(lambda: talk.daemon.worker("brief")["restarts"] >= 2, 30, lambda: talk.daemon.log)
        assert "The doorbell needs settings" in talk.daemon.log
        assert talk.daemon.ask("status")["state"] == "ready"


def test_the_tool(tmp_path: Path) -> None:
    """Its configuration as it stands, with the path corrected: offered, run, answered."""
    toml = (EXAMPLES / "tool" / "next-bus.toml").read_text()
    (tmp_path / "lived.toml").write_text(toml.replace("/usr/local/bin", str(EXAMPLES / "tool")))
    with Talk(tmp_path, DEAF, environ={"LIVED_CONFIG": str(tmp_path / "lived.toml")}) as talk:
        wait_until(lambda: talk.daemon.worker("tools")["text"] == "1 tool", 10, lambda: talk.daemon.log)
        talk.daemon.ask("tool", name="next_bus", args={"stop": "Station"})
        assert talk.ear
        answer = talk.ear.wait_for(ToolAnswer, 10)
        assert answer.response["result"]["stop"] == "Station"
