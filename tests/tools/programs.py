"""Programs that behave as tests want, and the surroundings to run them in."""

import os
import sys
from pathlib import Path
from typing import Any

from lived.config.options import Tool as Configured
from lived.programs import Running
from lived_workers.tools.program import Surroundings, tool_of
from lived_workers.tools.tool import Args, Response, Tool


def surroundings(folder: Path) -> Surroundings:
    """Run in ``folder``, with the record of what runs beside."""
    return Surroundings(dict(os.environ), folder, Running(folder / "running"))


def python(code: str) -> tuple[str, ...]:
    """The command that runs ``code``."""
    return (sys.executable, "-c", code)


def configured(code: str, **more: Any) -> Configured:
    """A [[tools]] that runs Python code."""
    return Configured(**({"name": "probe", "description": "For tests.", "command": python(code)} | more))


def program(folder: Path, code: str, **more: Any) -> Tool:
    """The tool for it."""
    return tool_of(configured(code, **more), surroundings(folder))


async def run(tool: Tool, args: Args | None = None) -> tuple[list[Response], Response]:
    """All answers: the intermediate ones, and the last."""
    partial: list[Response] = []
    last = await tool.run(args or {}, partial.append)
    return partial, last
