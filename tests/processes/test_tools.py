"""Tools and the real daemon: offered, called by hand, changed while it runs, killed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fakes.daemon import wait_until
from lived.errors import DoorError
from lived.wire.events import ToolAnswer
from processes.talk import DEAF, Talk

pytestmark = pytest.mark.processes

PYTHON = json.dumps(sys.executable)
TOML = f"""
[toolbox]
builtin = ["set_volume", "mute", "end_conversation"]

[[tools]]
name = "double"
description = "Twice a number."
command = [{PYTHON}, "-c", "import json,sys; print(2 * json.load(sys.stdin)['number'])"]
parameters = {{type = "object", properties = {{number = {{type = "integer"}}}}, required = ["number"]}}
"""


def livectl(talk: Talk, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """One call."""
    command = [sys.executable, "-c", "from lived.cli import main; main()", *arguments]
    command += ["--runtime-dir", str(talk.folder / "run")]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def names(talk: Talk) -> set[str]:
    """What is offered now."""
    return {function["name"] for function in talk.daemon.ask("tools")["functions"]}


def test_tools_of_a_daemon(tmp_path: Path) -> None:
    """Listed, called, refused in words; a killed worker is back with them; a reload brings others."""
    conf = tmp_path / "lived.toml"
    conf.write_text(TOML)
    with Talk(tmp_path, DEAF, environ={"LIVED_CONFIG": str(conf)}) as talk:
        wait_until(lambda: names(talk) == {"set_volume", "mute", "end_conversation", "double"}, 10)
        wait_until(lambda: talk.daemon.worker("tools")["text"] == "4 tools", 10)  # said after the offer
        assert "double(number: integer)" in livectl(talk, "tools", "list").stdout
        called = livectl(talk, "tools", "call", "double", '{"number": 21}')
        assert (called.stdout, called.returncode) == ("42\n", 0)
        wrong = livectl(talk, "tools", "call", "double")
        assert wrong.returncode == 1
        assert "'number' is a required property" in wrong.stderr
        assert "There is no tool 'sing'" in livectl(talk, "tools", "call", "sing").stderr
        assert livectl(talk, "tools", "call", "set_volume", '{"percent": 40}').stdout == "The volume is 40 %.\n"
        assert talk.daemon.ask("status")["volume"] == 40
        with pytest.raises(DoorError, match="an object"):
            talk.daemon.ask("tool", name="double", args=[1])
        with pytest.raises(DoorError, match="60000 bytes"):
            talk.daemon.ask("tool", name="double", args={"x": "y" * 60_001})

        old = talk.kill("tools")
        talk.back("tools", old, 10)
        assert livectl(talk, "tools", "call", "double", '{"number": 4}').stdout == "8\n"

        conf.write_text(TOML.replace("double", "twice"))
        talk.daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "twice" in names(talk), 10, lambda: talk.daemon.log)
        assert "double" not in names(talk)


def test_the_model_may_end_the_conversation(tmp_path: Path) -> None:
    """Called by hand there is no farewell to wait for: it ends after a moment, and the daemon lives."""
    with Talk(tmp_path, DEAF, 'toolbox.builtin=["end_conversation"]').start() as talk:
        assert talk.ear
        talk.daemon.ask("tool", name="end_conversation", args={})
        talk.ear.wait_for(ToolAnswer, 5)
        wait_until(lambda: talk.daemon.ask("status")["state"] == "off", 20, lambda: str(talk.daemon.ask("status")))


def test_without_any_tool_there_is_no_worker(tmp_path: Path) -> None:
    """A device that wants none does not pay for them."""
    with Talk(tmp_path, DEAF) as talk:
        assert "tools" not in {w["name"] for w in talk.daemon.ask("status")["workers"]}
        assert names(talk) == set()
        with pytest.raises(DoorError, match="there are none"):
            talk.daemon.ask("tool", name="mute", args={})


def test_no_secret_reaches_a_tool(tmp_path: Path) -> None:
    """Not in its environment, whatever the configuration names; nor in the worker's."""
    conf = tmp_path / "lived.toml"
    code = "import os; print(dict(os.environ))"
    conf.write_text(
        f'[[tools]]\nname = "env"\ndescription = "x"\ncommand = [{PYTHON}, "-c", "{code}"]\n'
        'environment = ["GEMINI_API_KEY", "GOOGLE_API_KEY", "CREDENTIALS_DIRECTORY"]\n'
    )
    with Talk(tmp_path, DEAF, environ={"LIVED_CONFIG": str(conf)}) as talk:
        wait_until(lambda: "env" in names(talk), 10)
        said = livectl(talk, "tools", "call", "env").stdout
        assert "PATH" in said
        key = os.environ.get("GEMINI_API_KEY", "AIzaNeverToBeSeen0123456789")
        worker = Path(f"/proc/{talk.daemon.worker('tools')['pid']}/environ").read_text()
        assert key not in said + worker
