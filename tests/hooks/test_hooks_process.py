"""The worker as a process, between the bus and real programs."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.bus import BusFixture
from fakes.daemon import wait_until
from fakes.door import STATUS, FakeDoor
from lived.config import Config
from lived.config.options import Hook
from lived.units import Frames, Turn
from lived.wire.events import FloorChanged, Heartbeat, MicChanged, Ready, TurnComplete
from processes.talk import DEAF, Talk

pytestmark = pytest.mark.processes

NOTE = """
import json, os, sys
variables = {k: v for k, v in os.environ.items() if k.startswith("LIVED_")}
line = json.dumps([json.load(sys.stdin), variables, sorted(os.environ), os.getcwd()])
with open("notes", "a") as file: file.write(line + "\\n")
"""
"""A program that writes down what it was told."""


def hook(event: str, code: str = NOTE, **more: Any) -> Hook:
    """A hook that runs Python code."""
    return Hook(**({"event": event, "command": (sys.executable, "-c", code)} | more))


@pytest.fixture
def bus() -> Iterator[BusFixture]:
    """Both buses, and a door that tells how things are."""
    with BusFixture() as fixture, FakeDoor(fixture.directory) as door:
        door.answers["status"] = STATUS | {"usage": {}}
        yield fixture


def start(bus: BusFixture, *hooks: Hook) -> Any:
    """The worker with these hooks, once it hears."""
    worker = bus.start_worker("lived_workers.hooks", bus.launch("hooks", Config(hooks=hooks)))
    bus.wait_event(Ready, worker="hooks", text=f"{len(hooks)} hook{'s' if len(hooks) > 1 else ''}")
    return worker


def notes(folder: Path) -> list[Any]:
    """What NOTE has written so far."""
    path = folder / "hooks" / "notes"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def counter(bus: BusFixture, name: str) -> int:
    """The newest of one count."""
    beats = [e for e in bus.heard(Heartbeat, worker="hooks") if isinstance(e, Heartbeat)]
    return beats[-1].counters.get(name, 0) if beats else 0


def test_it_is_told_how_things_are_and_what_changes(bus: BusFixture) -> None:
    """JSON on standard input, variables in an environment without anything else, in a folder of its own."""
    start(bus, hook("floor"))
    wait_until(lambda: len(notes(bus.directory)) == 1, 10)
    bus.say(FloorChanged(floor="model", turn=Turn(42)))
    wait_until(lambda: len(notes(bus.directory)) == 2, 10)
    now, later = notes(bus.directory)
    assert now[0] == {"type": "floor", "floor": "nobody", "turn": 41}
    assert later[:2] == [
        {"type": "floor", "floor": "model", "turn": 42},
        {"LIVED_EVENT_TYPE": "floor", "LIVED_EVENT_FLOOR": "model", "LIVED_EVENT_TURN": "42"},
    ]
    assert {name for name in later[2] if not name.startswith("LIVED_EVENT_")} <= {"PATH", "HOME", "LANG", "LC_CTYPE"}
    assert later[3] == str(bus.directory / "hooks")


def test_only_what_matches(bus: BusFixture) -> None:
    """A family, and fields; a hook whose state is another now is not run for it."""
    start(bus, hook("worker", match={"worker": "gateway", "state": "running"}), hook("mic", match={"muted": True}))
    wait_until(lambda: len(notes(bus.directory)) == 1, 10)
    bus.say(MicChanged(muted=False))
    bus.say(MicChanged(muted=True))
    wait_until(lambda: len(notes(bus.directory)) == 2, 10)
    told = [note[0] for note in notes(bus.directory)]
    assert told[0] == {"type": "worker.state", "worker": "gateway", "state": "running", "text": ""}
    assert told[1] == {"type": "mic", "muted": True}


SLOW = """
import pathlib, sys, time
event = sys.stdin.read()
with open("begun", "a") as file: file.write(event)
while not pathlib.Path("go").exists(): time.sleep(0.01)
"""


def test_a_slow_one_gets_the_newest_state_and_is_alone(bus: BusFixture) -> None:
    """One process at a time; states that are over are left out."""
    begun = bus.directory / "hooks" / "begun"
    start(bus, hook("floor", SLOW, timeout_s=60.0))
    wait_until(lambda: begun.exists() and "nobody" in begun.read_text(), 10)
    for floor in ("user", "model", "user", "model"):
        bus.say(FloorChanged(floor=floor, turn=Turn(50)))
    bus.wait_for(lambda: len(bus.heard(FloorChanged)) == 4, "all of them")
    beats = len(bus.heard(Heartbeat, worker="hooks"))
    bus.wait_for(lambda: len(bus.heard(Heartbeat, worker="hooks")) > beats + 1, "the worker to have read them")
    (bus.directory / "hooks" / "go").touch()
    wait_until(lambda: begun.read_text().count("\n") == 2, 10)
    assert '"floor":"model"' in begun.read_text().splitlines()[1]
    bus.wait_for(lambda: counter(bus, "ok") == 2, "both to end")
    assert begun.read_text().count("\n") == 2


def test_the_misbehaving_are_counted_and_the_next_one_runs(bus: BusFixture) -> None:
    """A failure, one that takes too long, one that writes without end, one that is not there."""
    start(
        bus,
        hook("turn.complete", "raise SystemExit('no light')"),
        hook("turn.complete", "import time; time.sleep(600)", timeout_s=0.2),
        hook("turn.complete", "while True: print('x' * 1000)", timeout_s=60.0),
        Hook(event="turn.complete", command=("/no/such/program",)),
        hook("turn.complete"),
    )
    for turn in (1, 2):
        bus.say(TurnComplete(turn=Turn(turn), frames=Frames(1)))
    wanted = {"failed": 4, "timeout": 2, "flood": 2, "ok": 2}
    bus.wait_for(lambda: {name: counter(bus, name) for name in wanted} == wanted, str(wanted))
    assert [note[0]["turn"] for note in notes(bus.directory)] == [1, 2]


def test_a_killed_worker_leaves_nothing_behind(bus: BusFixture) -> None:
    """Its successor ends what still ran."""
    code = "import os, time; open('pid', 'w').write(f'{os.getpid()}\\n'); time.sleep(600)"
    worker = start(bus, hook("floor", code, timeout_s=600.0))
    path = bus.directory / "hooks" / "pid"
    wait_until(lambda: path.exists() and path.read_text().endswith("\n"), 10)
    first = int(path.read_text())
    wait_until(lambda: str(first) in (bus.directory / "inner" / "hooks.running").read_text(), 10)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    start(bus, hook("mic"))
    wait_until(
        lambda: not Path(f"/proc/{first}/cmdline").exists() or not Path(f"/proc/{first}/cmdline").read_bytes(), 10
    )


def test_hooks_of_a_daemon(tmp_path: Path) -> None:
    """States at the start, mute, an error and its end; no secret in the environment, whatever the daemon's has."""
    conf = tmp_path / "lived.toml"
    program = tmp_path / "note.py"
    program.write_text(NOTE)
    command = json.dumps([sys.executable, str(program)])
    conf.write_text("\n".join(f'[[hooks]]\nevent = "{event}"\ncommand = {command}' for event in ("mic", "health")))
    with Talk(tmp_path, DEAF, environ={"LIVED_CONFIG": str(conf)}) as talk:

        def told() -> list[Any]:
            return [note[0] for note in notes(tmp_path / "state")]

        wait_until(lambda: {"type": "mic", "muted": False} in told(), 10, lambda: talk.daemon.log)
        wait_until(lambda: {"type": "health", "state": "off", "text": ""} in told(), 10)
        talk.start()
        wait_until(lambda: {"type": "health", "state": "ready", "text": ""} in told(), 10)
        talk.daemon.ask("mute", on=True)
        wait_until(lambda: {"type": "mic", "muted": True} in told(), 10)
        for _ in range(5):  # each time it is away for longer: once it is for longer than the hook runs
            talk.back("capture", talk.kill("capture"), 10)
        wait_until(
            lambda: any(
                e.get("state") == "degraded" and "capture: killed by signal 9" in e.get("text", "") for e in told()
            ),
            10,
            lambda: str(told()),
        )
        assert "AIza" not in (tmp_path / "state" / "hooks" / "notes").read_text()
        assert not any("GEMINI_API_KEY" in note[2] for note in notes(tmp_path / "state"))
