"""livectl tools against a door and buses of real sockets."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from fakes.bus import BusFixture
from fakes.door import FakeDoor
from lived.cli.commands.tools import arguments_of
from lived.errors import UsageError
from lived.units import Ms
from lived.wire.events import ToolAnswer

from .conftest import Livectl

FUNCTIONS = [
    {
        "name": "get_weather",
        "description": "The weather\nof a town.",
        "parameters": {
            "type": "object",
            "properties": {"town": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["town"],
        },
        "behavior": "",
    },
    {"name": "mute", "description": "Switch the microphone off.", "parameters": {}, "behavior": ""},
]


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[BusFixture]:
    """Buses that livectl finds by itself."""
    with BusFixture() as fixture:
        monkeypatch.setenv("RUNTIME_DIRECTORY", str(fixture.directory))
        yield fixture


def test_list(livectl: Livectl, door: FakeDoor) -> None:
    """Names with their arguments, optional ones marked; descriptions below; the door's answer as JSON."""
    door.answers["tools"] = {"functions": FUNCTIONS, "complete": True}
    said = livectl("tools", "list")
    assert said.out.splitlines() == [
        "get_weather(town: string, days: integer?)",
        "  The weather of a town.",
        "mute()",
        "  Switch the microphone off.",
    ]
    assert json.loads(livectl("tools", "list", "--json").out)["functions"] == FUNCTIONS
    door.answers["tools"] = {"functions": [], "complete": False}
    words = livectl("tools", "list").out
    assert "no tool" in words
    assert "still being asked" in words


class _Worker:
    """Answers on the bus when the door has been asked for a call."""

    def __init__(self, bus: BusFixture, door: FakeDoor, *answers: ToolAnswer) -> None:
        door.answers["tool"] = {"call": "local-1"}
        self._bus, self._door, self._answers = bus, door, answers
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        self._bus.wait_for(lambda: self._door.asked, "the question")
        for answer in self._answers:
            self._bus.say(answer)


def answer(response: dict[str, Any], call: str = "local-1", more: bool = False) -> ToolAnswer:
    """To a call of get_weather."""
    return ToolAnswer(call=call, name="get_weather", response=response, more=more, took_ms=Ms(230))


def test_call(livectl: Livectl, bus: BusFixture) -> None:
    """Intermediate answers as they come, then the last; nobody else's."""
    with FakeDoor(bus.directory) as door:
        others = answer({"result": "not this"}, call="local-2")
        _Worker(bus, door, others, answer({"result": "looking"}, more=True), answer({"result": {"degrees": 12}}))
        said = livectl("tools", "call", "get_weather", '{"town": "Bonn"}')
        assert (said.code, said.out, said.err) == (0, 'looking\n{"degrees":12}\n', "")
        assert door.asked == [("tool", {"name": "get_weather", "args": {"town": "Bonn"}})]


def test_a_failure_is_exit_code_1(livectl: Livectl, bus: BusFixture) -> None:
    """The sentence for people on stderr, the whole answer with --json on stdout."""
    with FakeDoor(bus.directory) as door:
        _Worker(bus, door, answer({"error": "There is no such town."}))
        said = livectl("tools", "call", "get_weather")
        assert (said.code, said.out, said.err) == (1, "", "livectl: There is no such town.\n")
    with FakeDoor(bus.directory) as door:
        _Worker(bus, door, answer({"error": "There is no such town."}))
        said = livectl("--json", "tools", "call", "get_weather")
        assert said.code == 1
        assert json.loads(said.out)["response"] == {"error": "There is no such town."}


def test_no_answer_is_exit_code_1(livectl: Livectl, bus: BusFixture) -> None:
    """After --timeout, with where to look."""
    with FakeDoor(bus.directory) as door:
        door.answers["tool"] = {"call": "local-1"}
        said = livectl("tools", "call", "get_weather", "--timeout", "0.2")
        assert said.code == 1
        assert "did not answer within 0.2 s" in said.err


@pytest.mark.parametrize("text", ["", "town", "[1]", '"x"', "{", "null"])
def test_wrong_arguments_are_wrong_usage(text: str) -> None:
    """With an example of right ones."""
    with pytest.raises(UsageError, match="town"):
        arguments_of(text)


def test_no_daemon_is_exit_code_3(livectl: Livectl) -> None:
    """As everywhere."""
    assert livectl("tools", "list").code == 3
    assert livectl("tools", "call", "mute").code == 3


def test_an_extra_that_is_missing_is_said(livectl: Livectl, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """livectl config check and start-up refuse [[mcp]] without the package, with the command that helps."""
    monkeypatch.setattr("lived.config.extras.find_spec", lambda _: None)
    file = tmp_path / "lived.toml"
    file.write_text('[[mcp]]\nname = "home"\ncommand = ["home-mcp"]\n')
    said = livectl("config", "check", "--config", str(file))
    assert said.code == 1
    assert str(file) in said.err
    assert said.err.endswith("[[mcp]] needs the package mcp; install it with pip install 'lived[mcp]'.\n")
