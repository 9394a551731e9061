"""[[tools]]: a program of the configuration. Arguments as JSON on its standard input, the answer on its output."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from lived.config.options import Tool as Configured
from lived.errors import ProgramError
from lived.programs import Child, Running, environment
from lived.wire.events import Function
from lived_workers.tools.output import Output
from lived_workers.tools.tool import Args, More, Response, Tool, ToolError

MEGABYTE = 1_048_576


class Surroundings(msgspec.Struct, frozen=True):
    """What all programs have in common."""

    environ: Mapping[str, str]
    """The worker's; a program gets a part of it."""
    folder: Path
    """Where they are started, and may keep files."""
    running: Running

    def start(self, name: str, command: Sequence[str], environ: Mapping[str, str], memory: int) -> Child:
        """Start a program; ``memory`` in bytes, for each of its processes.

        Raises:
            ToolError: there is no such program, or it cannot be started.
        """
        try:
            return Child(name, command, environ, self.folder, memory)
        except ProgramError as error:
            raise ToolError(str(error)) from error


def tool_of(configured: Configured, around: Surroundings) -> Tool:
    """The tool that runs a configured program."""
    environ = environment(around.environ, configured.environment)
    memory = configured.memory_mb * MEGABYTE

    def start() -> Child:
        return around.start(configured.name, configured.command, environ, memory)

    async def run(args: Args, more: More) -> Response:
        return await converse(start(), msgspec.json.encode(args), configured.output_bytes, more, around.running)

    return Tool(
        function=Function(
            name=configured.name,
            description=configured.description,
            parameters=configured.parameters,
            behavior=configured.behavior,
        ),
        run=run,
        timeout_s=configured.timeout_s,
        scheduling=configured.scheduling,
    )


async def converse(child: Child, told: bytes, limit: int, more: More, running: Running) -> Response:
    """Tell a child its arguments and hear its answer, at most ``limit`` bytes of it.

    Raises:
        ToolError: it did not end well.
    """
    output = Output(limit)
    child.tell(told)
    code = await child.run(_hear(output, more), running)
    if code != 0 and not output.full:
        raise ToolError(child.failure(code))
    return output.final()


def _hear(output: Output, more: More) -> Callable[[bytes], bool]:
    def take(piece: bytes) -> bool:
        for partial in output.feed(piece):
            more(partial)
        return not output.full

    return take
