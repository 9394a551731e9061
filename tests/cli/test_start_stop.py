"""livectl start, stop and restart against processes that behave and misbehave."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.daemon import wait_until
from fakes.door import STATUS, FakeDoor
from lived.cli.commands import start as starting
from lived.cli.detached import Detached, command_line, command_of, last_words
from lived.cli.options import Options
from lived.errors import LivedError

from .conftest import Livectl


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that ends when told to."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def test_start_begins_the_conversation_of_a_running_daemon(livectl: Livectl, door: FakeDoor) -> None:
    """It asks for the conversation, waits until it is ready, and says so."""
    door.answers["start"] = {"conversing": True}
    door.answers["status"] = [{**STATUS, "state": "starting", "text": "opening the sound card"}, STATUS]
    said = livectl("start")
    assert (said.code, said.out) == (0, "Ready: listening.\n")
    assert said.err == "Waiting: opening the sound card\n"
    assert door.asked[0] == ("start", {})


def test_start_as_json(livectl: Livectl, door: FakeDoor) -> None:
    """--json prints the status that it came to, and nothing else."""
    door.answers["start"] = {"conversing": True}
    said = livectl("start", "--json")
    assert (json.loads(said.out), said.err) == (STATUS, "")


def test_start_degraded(livectl: Livectl, door: FakeDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """What still does not work after a moment is exit code 4, with the reason."""
    monkeypatch.setattr(starting, "SETTLE_S", 0.1)
    door.answers["start"] = {"conversing": True}
    door.answers["status"] = {**STATUS, "state": "degraded", "text": "capture: No sound device matches 'USB'"}
    said = livectl("start")
    assert (said.code, said.out) == (4, "Degraded: capture: No sound device matches 'USB'.\n")


def test_start_never_ready(livectl: Livectl, door: FakeDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its limit start ends with what is still waited for; that is not success."""
    monkeypatch.setattr(starting, "LIMIT_S", 0.2)
    door.answers["start"] = {"conversing": True}
    door.answers["status"] = {**STATUS, "state": "starting", "text": "opening the session"}
    said = livectl("start")
    assert (said.code, said.out) == (4, "Starting: opening the session.\n")


def test_start_tells_why_the_daemon_ended(livectl: Livectl, runtime: Path) -> None:
    """A daemon that refuses to start: its own sentence, exit code 1, no traceback."""
    said = livectl("start", "--runtime-dir", str(runtime), "--config", str(runtime / "none.toml"))
    assert said.code == 1
    assert "none.toml does not exist" in said.err
    assert "Traceback" not in said.err


def test_start_without_a_key(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real daemon, without a key: it runs, and what it waits for reaches the person who started it."""
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    command = [sys.executable, "-c", "from lived.cli import main; main()", "--runtime-dir", str(runtime)]

    def call(*arguments: str) -> "subprocess.CompletedProcess[str]":
        # a process of its own: it starts a daemon, and does not wait for its end
        return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False, timeout=60)

    state = runtime / "state"
    try:
        settings = (f"daemon.state_dir={state}", "audio.input=null", "audio.output=null")
        said = call("start", *(f"--set={setting}" for setting in settings))
        assert said.returncode == 4
        assert said.stderr.splitlines()[0] == f"Started the daemon; it logs to {state}/lived.log."
        assert "There is no API key; run 'livectl setup', or set GEMINI_API_KEY." in " ".join(said.stdout.split())
    finally:
        ended = call("stop", "--daemon")
    assert ended.returncode == 0


def test_stop_daemon_waits_until_it_is_gone(
    livectl: Livectl, door: FakeDoor, sleeper: "subprocess.Popen[bytes]"
) -> None:
    """stop --daemon returns when the process has ended, not when it was asked."""
    door.answers["status"] = {**STATUS, "pid": sleeper.pid}
    door.answers["shutdown"] = {}
    reaper = threading.Thread(target=_end_when_asked, args=(door, sleeper), daemon=True)
    reaper.start()
    said = livectl("stop", "--daemon")
    assert (said.code, said.out) == (0, "The daemon has ended.\n")
    reaper.join(10)
    assert sleeper.poll() is not None


def _end_when_asked(door: FakeDoor, process: "subprocess.Popen[bytes]") -> None:
    while ("shutdown", {}) not in door.asked:
        threading.Event().wait(0.01)
    process.kill()
    process.wait(10)


def test_stop_daemon_that_does_not_end(
    livectl: Livectl, door: FakeDoor, sleeper: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon that does not go is exit code 1, and what would end it."""
    monkeypatch.setattr("lived.cli.commands.stop.LIMIT_S", 0.1)
    door.answers["status"] = {**STATUS, "pid": sleeper.pid}
    door.answers["shutdown"] = {}
    said = livectl("stop", "--daemon")
    assert said.code == 1
    assert f"kill -9 {sleeper.pid}" in said.err


def test_detached_says_its_last_words(tmp_path: Path) -> None:
    """The reason is what was said since this start, not before."""
    log = tmp_path / "state" / "lived.log"
    Detached([sys.executable, "-c", "import sys; sys.exit('lived: an old reason.')"], log).process.wait(20)
    daemon = Detached([sys.executable, "-c", "import sys; sys.exit('lived: No API key: set one.')"], log)
    daemon.process.wait(20)
    assert daemon.failure() == f"The daemon ended: No API key: set one. (log: {log})"
    silent = Detached([sys.executable, "-c", "raise SystemExit(75)"], log)
    silent.process.wait(20)
    assert "it ended with code 75" in silent.failure()


def test_detached_rotates_a_long_log(tmp_path: Path) -> None:
    """The log of a daemon without systemd does not grow for ever."""
    log = tmp_path / "lived.log"
    log.write_bytes(b"x" * 1_048_577)
    Detached(["true"], log).process.wait(20)
    assert log.stat().st_size == 0
    assert (tmp_path / "lived.log.1").stat().st_size == 1_048_577


def test_detached_needs_a_log(tmp_path: Path) -> None:
    """A state directory that cannot be made is a sentence that names the option."""
    (tmp_path / "file").write_text("")
    with pytest.raises(LivedError, match=r"set daemon\.state_dir"):
        Detached(["true"], tmp_path / "file" / "lived.log")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("", ""),
        ("12:00:00 info    lived: ready\n12:00:01 error   gateway: The key is wrong.\n12:00:02 info    lived: ended\n",
         "The key is wrong."),
        ("Traceback (most recent call last):\nValueError: x\n", "ValueError: x"),
        ("lived: No API key.\n\n", "No API key."),
    ],
)  # fmt: skip
def test_last_words(said: str, words: str) -> None:
    """The last error, else the last line, without the log's prefix."""
    assert last_words(said) == words


def test_command_of_passes_the_options_on() -> None:
    """The daemon is started with what livectl was called with."""
    options = Options(config=Path("a.toml"), overrides=["audio.volume=50"], runtime_dir=Path("/tmp/x"))
    assert command_of(options)[1:] == [
        *("-m", "lived", "--config", "a.toml", "--set", "audio.volume=50"),
        *("--set", "daemon.runtime_dir=/tmp/x"),
    ]


def test_command_line_of_a_process(sleeper: "subprocess.Popen[bytes]") -> None:
    """A daemon is restarted as it was started."""
    wait_until(lambda: Path(f"/proc/{sleeper.pid}/cmdline").read_bytes() != b"", 10)  # fork and exec are two steps
    assert command_line(sleeper.pid) == (["sleep", "60"], Path.cwd())
    with pytest.raises(LivedError, match="Cannot see how"):
        command_line(2**22 + os.getpid())
