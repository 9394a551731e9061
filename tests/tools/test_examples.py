"""The examples that docs/tools.md sends people to work."""

import asyncio
import shutil
from pathlib import Path

import pytest

from lived_workers.tools.plugins import Plugins
from lived_workers.tools.tool import ToolError
from tools.programs import program, run, surroundings

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_next_bus(tmp_path: Path) -> None:
    """It answers, and fails in words."""
    tool = program(tmp_path, "", name="next_bus", command=(str(EXAMPLES / "tool" / "next-bus"),))
    _, answer = asyncio.run(run(tool, {"stop": "Station"}))
    assert 1 <= answer["result"]["in_minutes"] <= 15
    with pytest.raises(ToolError, match=r"There is no stop Moon; known are Town hall and Station\."):
        asyncio.run(run(tool, {"stop": "Moon"}))


def test_dice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As installed: the entry point of its pyproject is found and answers."""
    folder = tmp_path / "site"
    about = folder / "lived_dice-1.0.dist-info"
    about.mkdir(parents=True)
    shutil.copy(EXAMPLES / "dice" / "lived_dice.py", folder)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: lived-dice\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[lived.tools]\nroll_dice = lived_dice:roll_dice\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    assert 'roll_dice = "lived_dice:roll_dice"' in (EXAMPLES / "dice" / "pyproject.toml").read_text()

    async def roll() -> None:
        plugins = Plugins(("roll_dice",), surroundings(tmp_path))
        try:
            (dice,) = await plugins.tools()
            assert dice.function.description.startswith("Roll dice.")
            assert 1 <= int((await run(dice))[1]["result"]) <= 6
            with pytest.raises(ToolError, match="2 to 1000 sides"):
                await run(dice, {"sides": 1})
        finally:
            await plugins.close()

    asyncio.run(roll())
