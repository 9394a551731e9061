"""Python plugins: described by their hints, run in processes of their own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lived_workers.tools.plugins import Plugins
from lived_workers.tools.tool import Tool, ToolError
from tools.programs import run, surroundings

CODE = '''
import os, time, dataclasses
from typing import Annotated, Literal
from msgspec import Meta

print("imported")  # must not be taken for an answer

Town = Annotated[str, Meta(description="Its name")]

def weather(town: Town, days: int = 1, kind: Literal["rain", "sun"] = "rain") -> str:
    """The weather of a town.

    For some days."""
    print("noise")
    return f"{kind} in {town} for {days + 0} days, {type(days).__name__}"

def count(to: int):
    """Count."""
    for number in range(to):
        yield number
    return "counted"

async def later():
    """Later."""
    return {"pid": os.getpid()}

async def slowly():
    """Slowly."""
    yield 1
    yield 2

def bad(*things): "Anything."
def crash(): os.abort()
def fails(): raise ValueError("no such town")
def hangs():
    while True: time.sleep(1)
hangs.timeout_s = 2.5
hangs.scheduling = "silent"
hangs.behavior = "non_blocking"

class Lamp:
    description = "A lamp."
    parameters = {"type": "object", "properties": {"on": {"type": "boolean"}}}
    def call(self, args):
        return args["on"]

lamp = Lamp()
number = 7
'''


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with plugins."""
    folder = tmp_path / "site"
    about = folder / "probe_plugins-1.0.dist-info"
    about.mkdir(parents=True)
    (folder / "probe_plugins.py").write_text(CODE)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: probe-plugins\nVersion: 1.0\n")
    names = ("weather", "count", "later", "slowly", "bad", "crash", "fails", "hangs", "lamp", "number")
    lines = [f"{name} = probe_plugins:{name}" for name in names] + ["gone = probe_plugins:gone"]
    (about / "entry_points.txt").write_text("\n".join(["[lived.tools]", *lines]) + "\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return tmp_path


@asynccontextmanager
async def loaded(folder: Path, *wanted: str) -> AsyncIterator[tuple[Plugins, dict[str, Tool]]]:
    """Plugins and their tools by name."""
    plugins = Plugins(wanted, surroundings(folder))
    try:
        yield plugins, {tool.name: tool for tool in await plugins.tools()}
    finally:
        await plugins.close()


def test_hints_become_a_schema_and_a_docstring_the_description(plugins: Path) -> None:
    """Nothing has to be written twice; what cannot be used is said, and does not keep the others from it."""

    async def look() -> None:
        async with loaded(plugins, "*") as (found, tools):
            assert sorted(tools) == ["count", "crash", "fails", "hangs", "lamp", "later", "slowly", "weather"]
            weather = tools["weather"].function
            assert weather.description == "The weather of a town.\n\nFor some days."
            assert weather.parameters["required"] == ["town"]
            assert weather.parameters["properties"]["town"] == {"type": "string", "description": "Its name"}
            assert weather.parameters["properties"]["kind"]["enum"] == ["rain", "sun"]
            assert tools["lamp"].function.description == "A lamp."
            hangs = tools["hangs"]
            assert (hangs.timeout_s, hangs.scheduling, hangs.function.behavior) == (2.5, "silent", "non_blocking")
            assert len(found.troubles) == 3
            assert any("bad" in trouble and "'things'" in trouble for trouble in found.troubles)
            assert any("number" in trouble and "neither" in trouble for trouble in found.troubles)
            assert any("gone" in trouble and "AttributeError" in trouble for trouble in found.troubles)

    asyncio.run(look())


def test_only_what_is_named_is_loaded(plugins: Path) -> None:
    """And what is named and not installed is said."""

    async def look() -> None:
        async with loaded(plugins, "lamp", "drum") as (found, tools):
            assert list(tools) == ["lamp"]
            assert found.troubles == (
                "plugin drum: no package that has it in its entry points (lived.tools) is installed",
            )

    asyncio.run(look())


def test_every_kind_of_callable_answers(plugins: Path) -> None:
    """Functions, coroutines, generators of both kinds, objects; arguments are converted to what the hints say."""

    async def look() -> None:
        async with loaded(plugins, "*") as (_, tools):
            said = "rain in Bonn for 2 days, int"
            assert await run(tools["weather"], {"town": "Bonn", "days": "2"}) == ([], {"result": said})
            counted = [{"result": 0}, {"result": 1}]
            assert await run(tools["count"], {"to": 2}) == (counted, {"result": "counted"})
            _, first = await run(tools["later"])
            _, second = await run(tools["later"])
            assert first["result"]["pid"] != second["result"]["pid"]
            assert (await run(tools["slowly"]))[0] == [{"result": 1}, {"result": 2}]
            assert await run(tools["lamp"], {"on": False}) == ([], {"result": False})

    asyncio.run(look())


def test_a_crash_is_that_calls_alone(plugins: Path) -> None:
    """Exceptions, aborts, wrong arguments: each a sentence, and the next call works."""

    async def look() -> None:
        async with loaded(plugins, "*") as (_, tools):
            for name, args, words in (
                ("fails", {}, "fails failed (exit code 1): ValueError: no such town."),
                ("crash", {}, "crash crashed (SIGABRT)"),
                ("weather", {"town": 7}, "Expected `str`, got `int`"),
            ):
                with pytest.raises(ToolError) as error:
                    await run(tools[name], args)
                assert words in str(error.value)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await run(tools["hangs"])
            assert await run(tools["lamp"], {"on": True}) == ([], {"result": True})
        assert (plugins / "running").read_text() == ""

    asyncio.run(look())
