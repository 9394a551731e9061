"""livectl events: JSON lines from a real bus."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fakes.bus import BusFixture
from fakes.door import FakeDoor
from lived.cli.commands.events import line_of
from lived.units import Turn
from lived.wire.events import FloorChanged, Transcript, VolumeChanged

FLOOR = FloorChanged(floor="user", turn=Turn(3))


@pytest.fixture
def bus() -> Iterator[BusFixture]:
    """A bus with a door beside it."""
    with BusFixture() as bus, FakeDoor(bus.directory):
        yield bus


@contextmanager
def started(directory: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """livectl events as a process of its own."""
    code = "from lived.cli import main; main()"
    command = [sys.executable, "-u", "-c", code, "--runtime-dir", str(directory), "events", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def say_until_ended(bus: BusFixture, process: "subprocess.Popen[str]") -> list[str]:
    """Say the same few things again and again, since nobody knows when it has subscribed; its lines."""

    def ended() -> bool:
        bus.say(VolumeChanged(percent=60))
        bus.say(FLOOR)
        return process.poll() is not None

    bus.wait_for(ended, "livectl events to end")
    assert process.stdout
    return process.stdout.read().splitlines()


def test_once_prints_one_and_ends(bus: BusFixture) -> None:
    """The first event, as one line of JSON, exit code 0."""
    with started(bus.directory, "--once") as process:
        (line,) = say_until_ended(bus, process)
    assert json.loads(line)["type"] in ("volume", "floor")
    assert process.returncode == 0


def test_type_filters(bus: BusFixture) -> None:
    """Only the type that was asked for."""
    with started(bus.directory, "--once", "--type", "floor", "--type", "cut") as process:
        said = say_until_ended(bus, process)
    assert [json.loads(line) for line in said] == [{"type": "floor", "floor": "user", "turn": 3}]


def test_closed_pipe_is_quiet(bus: BusFixture) -> None:
    """livectl events | head: no traceback, and it ends."""
    with started(bus.directory) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()

        def ended() -> bool:
            bus.say(FLOOR)
            return process.poll() is not None

        bus.wait_for(ended, "livectl events to notice that nobody reads")
        assert (process.returncode, process.stderr.read()) == (1, "")


def test_a_daemon_that_ends_is_said(bus: BusFixture) -> None:
    """When nobody is at the door any more, it ends with exit code 3."""
    door = bus.directory / "door.sock"
    door.unlink()
    with FakeDoor(bus.directory) as fake, started(bus.directory, "--type", "transcript") as process:

        def heard_one() -> bool:
            bus.say(Transcript(side="user", turn=Turn(1), text="Hi"))
            return _readable(process)

        bus.wait_for(heard_one, "the first line")
        fake.close()
        assert process.wait(20) == 3
        assert process.stderr
        assert "has ended" in process.stderr.read()


def _readable(process: "subprocess.Popen[str]") -> bool:
    import select

    assert process.stdout
    return bool(select.select([process.stdout], [], [], 0.05)[0])


def test_line_of_passes_on_what_it_does_not_know(capfd: pytest.CaptureFixture[str]) -> None:
    """Events of a newer daemon are printed, orders and greetings are not, garbage is said on stderr."""
    assert line_of([b"new.thing/", b'{"type": "new.thing", "x": 1}']) == '{"type": "new.thing", "x": 1}'
    assert line_of([b"new.thing/", b'{\n"type": "new.thing"}']) == '{"type": "new.thing"}'
    assert line_of([b"order/gateway/", b'{"type": "stop"}']) is None
    assert line_of([b"hello/1/", b"{}"]) is None
    assert line_of([b"one frame"]) is None
    assert line_of([b"floor/", b"\xff{"]) is None
    assert "not an event" in capfd.readouterr().err
