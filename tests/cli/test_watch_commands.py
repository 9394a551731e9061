"""livectl monitor and top with a door and the buses, and no daemon behind them."""

import json
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fakes.bus import BusFixture
from fakes.daemon import wait_until
from fakes.door import FakeDoor
from lived.units import Turn
from lived.wire.events import Said

SAID = Said(side="user", turn=Turn(1), text="Hello.")


@pytest.fixture
def bus() -> Iterator[BusFixture]:
    """A bus with a door beside it."""
    with BusFixture() as bus, FakeDoor(bus.directory):
        yield bus


@contextmanager
def started(directory: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """livectl as a process of its own."""
    code = "from lived.cli import main; main()"
    command = [sys.executable, "-u", "-c", code, "--runtime-dir", str(directory), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def rest(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Exit code, output, errors, once it has ended."""
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def line_of(process: "subprocess.Popen[str]") -> str:
    """The next line."""
    assert process.stdout
    return process.stdout.readline().rstrip()


@pytest.mark.parametrize("arguments", [("monitor", "--once"), ("top", "-b"), ("top", "-n", "1"), ("top", "--json")])
def test_no_daemon_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Exit code 3 for whoever does not wait."""
    with started(tmp_path, *arguments) as process:
        assert rest(process) == (3, "", "livectl: The daemon is not running: start it with 'livectl start'.\n")


def test_once_is_state_and_levels(bus: BusFixture) -> None:
    """Three lines, exit code 0."""
    with started(bus.directory, "monitor", "--once") as process:
        code, out, err = rest(process)
    assert (code, err) == (0, "")
    assert [line[9:] for line in out.splitlines()] == [
        "attached",
        "ready: listening, microphone on, volume 100 %, session open",
        "levels mic -/-  model -/-  speaker -/- dBFS",
    ]


def test_happenings_are_lines(bus: BusFixture) -> None:
    """As they come; Ctrl-C ends it with exit code 0."""
    with started(bus.directory, "monitor") as process:
        assert line_of(process).endswith("attached")
        bus.say(SAID)
        lines = [line_of(process)]
        while not lines[-1].endswith("user: Hello."):
            lines.append(line_of(process))
            assert len(lines) < 9, lines
        process.send_signal(signal.SIGINT)
        code, _, err = rest(process)
    assert (code, err) == (0, "")


def test_json_lines_of_the_monitor(bus: BusFixture) -> None:
    """Each line is an object with a type."""
    with started(bus.directory, "monitor", "--once", "--json") as process:
        code, out, _ = rest(process)
    assert code == 0
    assert [json.loads(line)["type"] for line in out.splitlines()] == ["attached", "state", "levels"]


def test_json_lines_of_top(bus: BusFixture) -> None:
    """One object for each picture, with the cost beside each process; none is known of processes that do not live."""
    with started(bus.directory, "top", "-n", "2", "-d", "0.2", "--json") as process:
        code, out, err = rest(process)
    assert (code, err) == (0, "")
    one, two = (json.loads(line) for line in out.splitlines())
    assert [row["name"] for row in one["processes"]] == ["lived", "capture", "gateway"]
    assert {"cpu_percent", "pss_bytes", "restarts"} <= set(two["processes"][1])
    assert two["figures"]["xruns"] == {"overflows": 0, "underflows": None, "underruns": None}


@pytest.mark.parametrize("arguments", [("monitor",), ("top", "-b", "-d", "0.2")])
def test_a_closed_pipe_is_quiet(bus: BusFixture, arguments: tuple[str, ...]) -> None:
    """livectl monitor | head -1: no traceback, and it ends."""
    with started(bus.directory, *arguments) as process:
        assert line_of(process)
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert (process.wait(30), process.stderr.read()) == (1, "")


def test_a_daemon_that_ends_is_waited_for(bus: BusFixture) -> None:
    """The monitor says so, and goes on with the next daemon; meanwhile it notices that nobody reads."""
    with FakeDoor(bus.directory) as door, started(bus.directory, "monitor") as process:
        assert line_of(process).endswith("attached")
        door.close()
        lines = [line_of(process)]
        while not lines[-1].endswith("no daemon, waiting for one"):
            lines.append(line_of(process))
            assert len(lines) < 30, lines
        with FakeDoor(bus.directory):
            assert line_of(process).endswith("attached")
        while not line_of(process).endswith("waiting for one"):
            assert process.poll() is None
        assert process.stdout
        assert not select.select([process.stdout], [], [], 0)[0]
        process.stdout.close()
        assert process.wait(30) == 1


def test_a_daemon_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    """The monitor says so at once."""
    with started(tmp_path, "monitor") as process:
        assert line_of(process).endswith("no daemon, waiting for one")
        process.send_signal(signal.SIGINT)
        assert rest(process) == (0, "", "")


def test_top_ends_with_its_daemon(bus: BusFixture) -> None:
    """One sentence, exit code 3."""
    with FakeDoor(bus.directory) as door, started(bus.directory, "top", "-b", "-d", "0.2") as process:
        assert line_of(process)
        door.close()
        code, _, err = rest(process)
    assert (code, err) == (3, "livectl: The daemon has ended: start it with 'livectl start'.\n")


def test_a_daemon_that_does_not_answer_is_said(bus: BusFixture) -> None:
    """It lives, so it is waited for; the figures are those of before."""
    with FakeDoor(bus.directory) as door, started(bus.directory, "top", "-b", "-d", "0.2") as process:
        assert line_of(process)
        door.silent = True
        wait_until(lambda: "does not answer" in line_of(process), 30)
