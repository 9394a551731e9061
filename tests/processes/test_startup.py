"""Whatever is wrong at the start is one clear sentence and an exit code, or a retry that says what it waits for."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from fakes.daemon import Daemon, wait_until
from fakes.simulator import environment

pytestmark = pytest.mark.processes

KEY = "AIzaNeverToBeSeen0123456789"


def lived(folder: Path, *settings: str, environ: Mapping[str, str] | None = None, config: str | None = None) -> Daemon:
    """The real program, on the stand-in as its own worker unless told otherwise."""
    defaults = [
        f"daemon.runtime_dir={folder / 'run'}",
        f"daemon.state_dir={folder / 'state'}",
        "audio.input=null",
        "audio.output=null",
    ]
    command = [sys.executable, "-m", "lived"]
    if config is not None:
        path = folder / "lived.toml"
        path.write_text(config)
        command += ["--config", str(path)]
    for setting in [*defaults, *settings]:
        command += ["--set", setting]
    base = environment() | {"HOME": str(folder)}
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "CREDENTIALS_DIRECTORY"):
        base.pop(name, None)
        os.environ.pop(name, None)
    return Daemon(command, folder, base | dict(environ or {}))


def refusal(daemon: Daemon, code: int) -> str:
    """The one line that a program says which ends at once with ``code``."""
    assert daemon.wait_exit() == code, daemon.log
    assert "Traceback" not in daemon.log
    lines = [line for line in daemon.log.splitlines() if line.startswith("lived: ")]
    assert len(lines) == 1, daemon.log
    return lines[0]


def said(daemon: Daemon) -> str:
    """What the status says is wrong."""
    found: str = daemon.ask("status")["text"]
    return found


def retrying(daemon: Daemon) -> bool:
    """Whether the session says that it is tried again, and when."""
    session = daemon.ask("status")["session"]
    return bool(session["state"] == "retrying" and "Trying again in" in session["text"])


def test_a_misspelt_option(tmp_path: Path) -> None:
    """File, line, the key, and the nearest that exists."""
    with lived(tmp_path, config="[live]\nvoice = 'Kore'\nmodle = 'x'\n") as daemon:
        said = refusal(daemon, 78)
        assert all(part in said for part in ("lived.toml", "3", "modle", "live.model"))


def test_an_unreadable_configuration(tmp_path: Path) -> None:
    """A folder in place of a file, told in one sentence."""
    (tmp_path / "conf").mkdir()
    command = [sys.executable, "-m", "lived", "--config", str(tmp_path / "conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode in (66, 78)
    assert str(tmp_path / "conf") in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("credential", [None, "\n"])
def test_no_key(tmp_path: Path, credential: str | None) -> None:
    """None anywhere, or the systemd credential is there and empty: it runs, and says in log and status
    what to do. (What comes then: test_first_run.py.)"""
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)} if credential else {}
    (tmp_path / "api-key").write_text(credential or "")
    with lived(tmp_path, "conversation.announce=false", environ=environ).up() as daemon:
        wait_until(lambda: "run 'livectl setup', or set GEMINI_API_KEY" in said(daemon), 20, lambda: daemon.log)
        assert daemon.ask("status")["state"] == "degraded"
        assert "lived: There is no API key" in daemon.log
        assert "Traceback" not in daemon.log


def test_a_damaged_credential(tmp_path: Path) -> None:
    """Said before anything starts, with the file, and without what is in it."""
    (tmp_path / "api-key").write_text(f"{KEY} and more")
    with lived(tmp_path, environ={"CREDENTIALS_DIRECTORY": str(tmp_path)}) as daemon:
        said = refusal(daemon, 78)
        assert str(tmp_path / "api-key") in said
        assert KEY not in said


def test_a_missing_sound_file(tmp_path: Path) -> None:
    """A configured file that is not there ends the daemon with 66: nobody can plug it in."""
    with lived(tmp_path, f"audio.input=file:{tmp_path}/none.wav", "simulator.enabled=true") as daemon:
        assert daemon.wait_exit() == 66, daemon.log
        assert "none.wav" in daemon.log
        assert "Traceback" not in daemon.log


def test_a_missing_card_is_waited_for(tmp_path: Path) -> None:
    """Not fatal: the status says what is missing and that it is being retried, the rest works."""
    with lived(tmp_path, "audio.input=No Such Card", "simulator.enabled=true").up() as daemon:
        status = daemon.wait_state("degraded")
        wait_until(
            lambda: re.search("No Such Card.* again", daemon.worker("capture")["text"]) is not None,
            15,
            lambda: daemon.log,
        )
        wait_until(lambda: daemon.worker("playback")["ready"], 10)
        assert status["state"] == "degraded"


def test_a_server_that_cannot_be_reached_is_retried(tmp_path: Path) -> None:
    """Connection refused: degraded, in words, with the time of the next try."""
    with socket.socket() as kept:  # nobody listens, and nobody else's server gets this port meanwhile
        kept.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{kept.getsockname()[1]}"
        with lived(tmp_path, f"live.base_url={url}", environ={"GEMINI_API_KEY": KEY}).up() as daemon:
            wait_until(lambda: retrying(daemon), 20, lambda: daemon.log)
            daemon.wait_state("degraded", 10)
            assert KEY not in daemon.log + str(daemon.ask("status"))


def test_the_standins_port_is_taken(tmp_path: Path) -> None:
    """A retry that says so; the conversation begins when the port is free."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        daemon = lived(tmp_path, "simulator.enabled=true", f"simulator.port={port}")
        with daemon.up():
            wait_until(lambda: "stand-in cannot work" in daemon.log, 15, lambda: daemon.log)
            assert "Traceback" not in daemon.log
            taken.close()
            daemon.wait_state("ready", 40)


def test_a_runtime_directory_that_cannot_be_made(tmp_path: Path) -> None:
    """A file is in the way: one sentence, exit code 75."""
    (tmp_path / "run").write_text("")
    with lived(tmp_path, "simulator.enabled=true") as daemon:
        assert "runtime_dir" in refusal(daemon, 75)


def test_a_runtime_directory_with_too_long_a_name(tmp_path: Path) -> None:
    """Unix sockets have short names: said before anything breaks."""
    with lived(tmp_path, f"daemon.runtime_dir={tmp_path}/{'x' * 120}", "simulator.enabled=true") as daemon:
        assert "shorter" in refusal(daemon, 75)


def test_a_state_directory_that_cannot_be_written(tmp_path: Path) -> None:
    """The conversation works; what will not survive a restart is said."""
    (tmp_path / "state").write_text("a file in the way")
    with lived(tmp_path, "simulator.enabled=true").up() as daemon:
        daemon.wait_state("ready")
        daemon.ask("volume", percent=40)
        wait_until(lambda: "will not survive" in daemon.log, 5, lambda: daemon.log)
        assert "Traceback" not in daemon.log


@pytest.mark.parametrize("wrong", ["--confg", "--set"])
def test_a_wrong_command_line(wrong: str) -> None:
    """Usage, exit code 64, no traceback."""
    command = [sys.executable, "-m", "lived", wrong]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 64, done.stderr
    assert "Traceback" not in done.stderr
