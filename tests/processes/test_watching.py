"""livectl monitor and top beside a whole conversation: in a terminal, and as plain text."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from fakes.daemon import wait_until
from fakes.terminal import Terminal
from processes.talk import DEAF, Talk

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]


def livectl(talk: Talk, *arguments: str) -> list[str]:
    """The command line of one call."""
    code = "from lived.cli import main; main()"
    return [sys.executable, "-c", code, "--runtime-dir", str(talk.daemon.endpoints.directory), *arguments]


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    """A conversation that has begun."""
    with Talk(tmp_path, DEAF) as talk:
        yield talk.start()


def left_as_it_was(terminal: Terminal) -> None:
    """The program has ended well: the screen of before, the cursor, the keyboard."""
    assert terminal.process.wait(20) == 0
    assert terminal.process.stderr
    assert terminal.process.stderr.read() == b""
    wait_until(lambda: terminal.screen.cursor, 20)
    assert (terminal.screen.alternate, terminal.settings) == (False, terminal.before)


def shows(terminal: Terminal, pattern: str) -> None:
    """Wait for a line that begins like this."""
    line = re.compile(f"^{pattern}", re.MULTILINE)
    wait_until(lambda: line.search(terminal.text()) is not None, 20, terminal.text)


def test_monitor_in_a_terminal(talk: Talk) -> None:
    """Shows the conversation as it happens, follows the terminal's size, costs little, and leaves nothing behind."""
    with Terminal(livectl(talk, "monitor")) as terminal:
        terminal.wait_for("Ready: listening.")
        assert terminal.screen.alternate
        talk.daemon.ask("say", text="Hello")
        terminal.wait_for("Ready: the model speaks.")
        terminal.wait_for(" model ")
        wait_until(lambda: "█" in terminal.text(), 20, terminal.text)
        talk.daemon.ask("interrupt")
        terminal.wait_for("[cut]")
        talk.daemon.ask("mute", on=True)
        terminal.wait_for("mic      muted")
        for columns in (40, 200):
            terminal.resize(columns, 20)
            shows(terminal, f"─{{{columns}}}$")
            assert max(len(line) for line in terminal.text().splitlines()) == columns
        terminal.type(b"q")
        left_as_it_was(terminal)


def test_monitor_is_calm_and_cheap(talk: Talk) -> None:
    """Under a tenth of a core and 4 kB/s while the model speaks, and hardly a byte while nothing happens."""
    with Terminal(livectl(talk, "monitor")) as terminal:
        terminal.wait_for("Ready: listening.")
        process = psutil.Process(terminal.process.pid)
        talk.daemon.ask("say", text="Hello")
        terminal.wait_for("Ready: the model speaks.")
        written, used, began = len(terminal.raw), process.cpu_times(), time.monotonic()
        terminal.wait_for("Ready: listening.")
        took, now = time.monotonic() - began, process.cpu_times()
        assert (now.user + now.system - used.user - used.system) / took < 0.10
        assert (len(terminal.raw) - written) / took < 4_000
        wait_until(lambda: quiet_for(terminal, 2.0), 30)
        terminal.interrupt()
        left_as_it_was(terminal)


def quiet_for(terminal: Terminal, seconds: float) -> bool:
    """Whether nothing at all was written for so long."""
    before, until = len(terminal.raw), time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > until or len(terminal.raw) > before, seconds + 10)
    return len(terminal.raw) == before


def test_a_terminal_that_takes_nothing_holds_up_nobody(talk: Talk) -> None:
    """After Ctrl-S the program goes on; after Ctrl-Q its terminal shows how things are now, and not what was."""
    with Terminal(livectl(talk, "monitor")) as terminal:
        terminal.wait_for("Ready: listening.")
        terminal.type(b"\x13")
        for volume in range(20, 31):
            talk.daemon.ask("volume", percent=volume)
        talk.daemon.ask("mute", on=True)
        assert quiet_for(terminal, 1.0), "it is stopped"
        written = len(terminal.raw)
        terminal.type(b"\x11")
        terminal.wait_for("volume 30 %")
        terminal.wait_for("mic      muted")
        assert len(terminal.raw) - written < 4_000
        terminal.type(b"\x13")
        terminal.process.terminate()
        assert terminal.process.wait(20) == 128 + signal.SIGTERM


def test_ctrl_z_gives_the_terminal_back(talk: Talk) -> None:
    """Stopped, the screen is that of before; brought back, all is drawn anew."""
    with Terminal(livectl(talk, "monitor")) as terminal:
        terminal.wait_for("Ready: listening.")
        process = psutil.Process(terminal.process.pid)
        process.send_signal(signal.SIGTSTP)
        wait_until(lambda: process.status() == psutil.STATUS_STOPPED, 20)
        wait_until(lambda: not terminal.screen.alternate, 20)
        assert terminal.settings == terminal.before
        terminal.screen.rows.clear()
        process.send_signal(signal.SIGCONT)
        terminal.wait_for("Ready: listening.")
        assert terminal.screen.alternate
        terminal.type(b"q")
        left_as_it_was(terminal)


def test_top_in_a_terminal(talk: Talk) -> None:
    """Processes with what they cost, a restart, a cut, ages; and it waits when the daemon has ended."""
    with Terminal(livectl(talk, "top", "-d", "0.5"), rows=30) as terminal:
        pid = talk.daemon.worker("gateway")["pid"]
        shows(terminal, rf"gateway +{pid} +[0-9.]+ +[0-9.]+ ")
        shows(terminal, r"mic +[1-9][0-9]* +[0-9.]+ ")
        talk.daemon.ask("say", text="Hello")
        terminal.wait_for("Ready: the model speaks.")
        talk.daemon.ask("interrupt")
        shows(terminal, r"cuts +1, to silence last [0-9.]+ ms")
        talk.back("gateway", talk.kill("gateway"), 20)
        shows(terminal, r"gateway .* running +1 ")
        talk.daemon.process.terminate()
        terminal.wait_for("No daemon: waiting for one.")
        terminal.type(b"q")
        left_as_it_was(terminal)


def test_top_as_plain_text_and_json(talk: Talk) -> None:
    """80 columns, no escape codes; the same figures as JSON; sound arrives within a tenth of a second of the card."""
    environ = {**os.environ, "TERM": "xterm-256color"}

    def told(*arguments: str) -> str:
        return subprocess.run(
            livectl(talk, "top", "-n", "1", "-d", "1", *arguments),
            env=environ,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    lines = told().splitlines()
    assert max(len(line) for line in lines) <= 80
    assert not any("\x1b" in line for line in lines)
    assert [line.split()[0] for line in lines if line][:2] == ["Ready:", "lived"]
    found = json.loads(told("--json"))
    assert {row["name"]: row["state"] for row in found["processes"]} == dict.fromkeys(
        ("lived", "capture", "playback", "gateway"), "running"
    )
    assert all(row["pss_bytes"] > 1_000_000 and row["cpu_percent"] is not None for row in found["processes"])
    streams = {stream["stream"]: stream for stream in found["streams"]}
    assert 0 < streams["mic"]["age_p50_ms"] < 100
    assert {name: stream["missed_frames"] for name, stream in streams.items()} == {"mic": 0, "model": 0, "speaker": 0}
    assert set(found["figures"]["queues"]) == {"uplink_messages", "reply_s"}
    assert None not in found["figures"]["queues"].values()
