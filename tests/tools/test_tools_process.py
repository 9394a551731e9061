"""The worker as a process, between the gateway's events and real programs."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes.bus import BusFixture
from fakes.daemon import wait_until
from fakes.door import FakeDoor
from lived.config import Config
from lived.config.options import Mcp, Toolbox
from lived.config.options.tools import BUILTIN
from lived.units import Epoch, Frames, Position, Turn
from lived.wire.events import (
    Hello,
    Ready,
    SessionState,
    Speech,
    ToolAnswer,
    ToolCall,
    ToolCancel,
    ToolsOffered,
    ToolTaken,
    TurnBegan,
    TurnPlayed,
)
from tools.programs import configured

pytestmark = pytest.mark.processes

COUNT = "open('runs', 'a').write('x')\nprint('counted')"
"""A program that leaves a mark each time it runs."""


@pytest.fixture
def bus() -> Iterator[BusFixture]:
    """Both buses."""
    with BusFixture() as fixture:
        yield fixture


def start(bus: BusFixture, *tools: Any, **options: Any) -> Any:
    """The worker with these [[tools]], once it has said what it offers."""
    mcp: tuple[Mcp, ...] = options.pop("mcp", ())
    config = Config(tools=tools, mcp=mcp, toolbox=Toolbox(**{"builtin": BUILTIN} | options))
    before = len(bus.heard(Hello, worker="tools"))
    worker = bus.start_worker("lived_workers.tools", bus.launch("tools", config))
    bus.wait_for(lambda: len(bus.heard(Hello, worker="tools")) > before, "hello")
    bus.wait_event(Ready, worker="tools")
    return worker


def answers(bus: BusFixture, call: str) -> list[ToolAnswer]:
    """What was answered to one call so far."""
    return [e for e in bus.events if isinstance(e, ToolAnswer) and e.call == call]


def answer(bus: BusFixture, call: str, count: int = 1) -> ToolAnswer:
    """The last of ``count`` answers to a call, waiting for it."""
    bus.wait_for(lambda: len(answers(bus, call)) >= count, f"answer {count} to {call}")
    return answers(bus, call)[count - 1]


def runs(bus: BusFixture) -> int:
    """How often COUNT has run."""
    path = bus.directory / "tools" / "runs"
    return len(path.read_text()) if path.exists() else 0


def test_what_is_offered(bus: BusFixture) -> None:
    """All functions, said at the start and to each gateway; status counts them."""
    start(bus, configured("", parameters={"type": "object", "properties": {"n": {"type": "integer"}}}))
    offered = bus.heard(ToolsOffered)[0]
    assert isinstance(offered, ToolsOffered)
    assert [f.name for f in offered.functions] == ["set_volume", "mute", "end_conversation", "probe"]
    assert offered.complete
    bus.wait_event(Ready, worker="tools", text="4 tools")
    bus.say(Hello(worker="gateway", pid=1))
    bus.wait_for(lambda: len(bus.heard(ToolsOffered)) == 2, "the offer again")


def test_every_call_is_answered(bus: BusFixture) -> None:
    """A result, a failure, wrong arguments, an unknown name, no time: each with a sentence."""
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    start(
        bus,
        configured("import json,sys; print(json.load(sys.stdin)['n'] + 1)", name="next", parameters=schema),
        configured("raise SystemExit('no such bus')", name="fails", scheduling="silent"),
        configured("import time; time.sleep(600)", name="hangs", timeout_s=0.3, behavior="blocking"),
    )
    for name, args in (("next", {"n": 1}), ("next", {"n": "one"}), ("fails", {}), ("hangs", {}), ("sing", {})):
        bus.say(ToolCall(call=f"{name} {args}", name=name, args=args))
    good = answer(bus, "next {'n': 1}")
    assert (good.response, good.scheduling, good.more, good.number) == ({"result": 2}, "when_idle", False, 0)
    wrong = answer(bus, "next {'n': 'one'}").response["error"]
    assert wrong == "The arguments of next are wrong at n: 'one' is not of type 'integer'."
    fails = answer(bus, "fails {}")
    assert fails.response == {"error": "fails failed (exit code 1): no such bus."}
    assert fails.scheduling == "when_idle"  # of a failure the user is told in any case
    hangs = answer(bus, "hangs {}")
    assert hangs.response == {"error": "hangs did not answer within 0.3 s."}
    assert hangs.scheduling == ""
    assert 250 < hangs.took_ms < 5_000
    assert answer(bus, "sing {}").response == {"error": "There is no tool sing."}


def test_what_is_asked_again_runs_once(bus: BusFixture) -> None:
    """The server forgets a call and asks again under another id; a user who asks again is served again."""
    start(bus, configured(COUNT))
    bus.say(ToolCall(call="a", name="probe"))
    answer(bus, "a")
    bus.say(ToolCall(call="b", name="probe"))
    assert answer(bus, "b").response == {"result": "counted"}
    assert runs(bus) == 1
    bus.say(ToolTaken(call="a"))
    bus.say(Speech(on=True, source="server"))
    bus.say(ToolCall(call="c", name="probe"))
    answer(bus, "c")
    assert runs(bus) == 2


def test_answers_are_repeated_until_they_are_taken(bus: BusFixture) -> None:
    """A session that opens hears of what it may have missed."""
    start(bus, configured(COUNT))
    bus.say(ToolCall(call="a", name="probe"))
    bus.say(ToolCall(call="local-1", name="probe"))
    answer(bus, "a")
    answer(bus, "local-1")
    bus.say(SessionState(state="retrying"))
    bus.say(SessionState(state="open", connection=2))
    assert answer(bus, "a", 2) == answer(bus, "a")
    bus.say(ToolTaken(call="a"))
    bus.say(SessionState(state="open", connection=3))
    bus.say(ToolCall(call="sign", name="no such"))
    answer(bus, "sign")
    assert (len(answers(bus, "a")), len(answers(bus, "local-1"))) == (2, 1)


def test_calls_run_side_by_side_and_the_rest_waits(bus: BusFixture) -> None:
    """toolbox.parallel of them; thirty at once are all answered."""
    code = """
import json, os, sys, time
n = json.load(sys.stdin)["n"]
open(f"at-work-{n}", "w").close()
print(sum(name.startswith("at-work") for name in os.listdir(".")))
time.sleep(0.05)
os.remove(f"at-work-{n}")
"""
    start(bus, configured(code), parallel=3)
    for n in range(30):
        bus.say(ToolCall(call=f"c{n}", name="probe", args={"n": n}))
    counts = [answer(bus, f"c{n}").response["result"] for n in range(30)]
    assert max(counts) <= 3


def test_a_cancelled_call_is_ended(bus: BusFixture) -> None:
    """The program is, and its answer goes nowhere; what it had started too."""
    start(bus, configured("import os,time; print(os.getpid(), file=open('pid','w'), flush=True); time.sleep(600)"))
    bus.say(ToolCall(call="a", name="probe"))
    pid_file = bus.directory / "tools" / "pid"
    wait_until(lambda: pid_file.exists() and pid_file.read_text().endswith("\n"), 10)
    pid = int(pid_file.read_text())
    bus.say(ToolCancel(calls=["a", "unknown"]))
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), 10)
    bus.say(ToolCall(call="b", name="no such"))
    answer(bus, "b")
    assert answers(bus, "a") == []


def test_a_killed_worker_leaves_nothing_running(bus: BusFixture) -> None:
    """Its successor ends the programs that nobody waits for any more, and works."""
    tool = configured("import os,time; print(os.getpid(), file=open('pid','w'), flush=True); time.sleep(600)")
    worker = start(bus, tool)
    bus.say(ToolCall(call="a", name="probe"))
    pid_file = bus.directory / "tools" / "pid"
    wait_until(lambda: pid_file.exists() and pid_file.read_text().endswith("\n"), 10)
    pid = int(pid_file.read_text())
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    start(bus, tool)
    wait_until(
        lambda: not Path(f"/proc/{pid}").exists() or "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text(), 15
    )
    bus.say(ToolCall(call="b", name="no such"))
    answer(bus, "b")


def test_the_volume_and_the_microphone(bus: BusFixture) -> None:
    """Through the door, as anybody else would; what the door refuses, the model is told."""
    start(bus)
    with FakeDoor(bus.directory) as door:
        door.answers |= {"volume": {"percent": 70}, "mute": {"muted": True}}
        bus.say(ToolCall(call="a", name="set_volume", args={"change": -10}))
        assert answer(bus, "a").response == {"result": "The volume is 70 %."}
        bus.say(ToolCall(call="b", name="set_volume", args={"change": -10}))  # quieter still: each is meant
        answer(bus, "b")
        bus.say(ToolCall(call="c", name="mute"))
        assert "off" in answer(bus, "c").response["result"]
        door.refuse("volume", "bad_request", "A volume is a whole number from 0 to 100, not 'x'.")
        bus.say(ToolCall(call="d", name="set_volume", args={"percent": "x"}))
        assert answer(bus, "d").response == {"error": "A volume is a whole number from 0 to 100, not 'x'."}
        bus.say(ToolCall(call="e", name="set_volume"))
        assert "needs percent or change" in answer(bus, "e").response["error"]
        assert door.asked[:3] == [("volume", {"change": -10}), ("volume", {"change": -10}), ("mute", {"on": True})]


def test_the_conversation_ends_after_the_farewell(bus: BusFixture) -> None:
    """Answered first, hung up when the goodbye was heard, and only once."""
    start(bus)
    with FakeDoor(bus.directory) as door:
        door.answers["stop"] = {"conversing": False}
        bus.say(ToolCall(call="a", name="end_conversation", turn=Turn(7)))
        assert "goodbye" in answer(bus, "a").response["result"]
        bus.say(TurnBegan(turn=Turn(8), epoch=Epoch(1), position=Position(0)))
        bus.say(ToolCall(call="b", name="no such"))
        answer(bus, "b")
        assert door.asked == []
        bus.say(TurnPlayed(turn=Turn(8), frames=Frames(24_000)))
        wait_until(lambda: bool(door.asked), 5)
        bus.say(SessionState(state="off"))
        bus.say(TurnPlayed(turn=Turn(9), frames=Frames(24_000)))
        bus.say(ToolCall(call="c", name="no such"))
        answer(bus, "c")
        assert door.asked == [("stop", {})]


def test_an_incomplete_offer_is_completed(bus: BusFixture) -> None:
    """What is known is offered at once; a server that is not there keeps nobody waiting, and status says so."""
    start(bus, configured(COUNT), mcp=(Mcp(name="home", command=("/no/such/program",)),), builtin=())
    bus.wait_event(ToolsOffered, complete=True)
    first, *_, last = bus.heard(ToolsOffered)
    assert isinstance(first, ToolsOffered)
    assert isinstance(last, ToolsOffered)
    assert ([f.name for f in first.functions], first.complete) == (["probe"], False)
    assert [f.name for f in last.functions] == ["probe"]
    said = "1 tool; MCP server home cannot be reached (No such file or directory)"
    bus.wait_event(Ready, worker="tools", text=said)


def test_the_tools_of_a_server_are_offered_when_it_is_there(bus: BusFixture) -> None:
    """And can be called; status counts them."""
    home = str(Path(__file__).with_name("mcp_home.py"))
    start(bus, mcp=(Mcp(name="home", command=(sys.executable, home, "stdio"), allow=("add",)),), builtin=())
    bus.wait_event(Ready, worker="tools", text="1 tool (1 from MCP server home)")
    bus.say(ToolCall(call="a", name="add", args={"a": 2, "b": 2}))
    assert answer(bus, "a").response == {"result": 4}
    bus.say(ToolCall(call="b", name="add", args={"a": 2}))
    assert "'b' is a required property" in answer(bus, "b").response["error"]


def test_garbage_on_the_bus_harms_nothing(bus: BusFixture) -> None:
    """A call with a strange name and huge arguments is answered like any other."""
    start(bus, configured(COUNT))
    bus.say(ToolCall(call="a", name="x" * 10_000, args={"y": ["z" * 50_000]}))
    assert answer(bus, "a").response == {"error": f"There is no tool {'x' * 64}."}
    assert msgspec.json.encode(answers(bus, "a")[0])
