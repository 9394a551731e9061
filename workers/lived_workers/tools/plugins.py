"""Python plugins (entry points, group ``lived.tools``).

Each call runs in a process of its own, which is started before it is needed: a crash, a hang or a leak is that call's
alone, and nobody waits for imports.
"""

import asyncio
import logging
import sys
from collections.abc import Sequence

import msgspec

from lived.programs import Child, environment
from lived.wire.events import Function
from lived_workers.tools.plugin_host import Described
from lived_workers.tools.program import MEGABYTE, Surroundings, converse
from lived_workers.tools.tool import Args, More, Response, Tool, ToolError

log = logging.getLogger("lived.tools")

MEMORY = 256 * MEGABYTE
OUTPUT_BYTES = 16_384
"""As the defaults of [[tools]]."""

DESCRIPTION_BYTES = 1_048_576
DESCRIBE_S = 30.0
"""Imports take long on a slow card."""


class Plugins:
    """The plugins of one configuration, and one process that waits for the next call of any of them."""

    def __init__(self, wanted: Sequence[str], around: Surroundings) -> None:
        self._command = [sys.executable, "-m", "lived_workers.tools.plugin_host", *wanted]
        self._around = around
        self._environ = environment(around.environ, ("PYTHONPATH", "VIRTUAL_ENV"))
        self._spare: Child | None = None
        self.troubles: tuple[str, ...] = ()
        """What is wrong with which plugin, for status."""

    async def tools(self) -> list[Tool]:
        """Import them and ask what they are; those that cannot be used are named in ``troubles``."""
        said = bytearray()

        def hear(piece: bytes) -> bool:
            said.extend(piece)
            return len(said) <= DESCRIPTION_BYTES

        try:
            child = self._start("plugins")
            child.tell(b'{"describe": true}\n')
            async with asyncio.timeout(DESCRIBE_S):
                code = await child.run(hear, self._around.running)
            if code != 0:
                raise ToolError(child.last_words or f"exit code {code}")
            described = msgspec.json.decode(said, type=list[Described])
        except (ToolError, TimeoutError, msgspec.MsgspecError) as error:
            self.troubles = (f"the plugins cannot be loaded ({error or 'too slow'})",)
            log.warning("%s", self.troubles[0])
            return []
        self.troubles = tuple(f"plugin {plugin.name}: {plugin.error}" for plugin in described if plugin.error)
        for trouble in self.troubles:
            log.warning("%s", trouble)
        tools = [self._tool(plugin) for plugin in described if not plugin.error]
        self._keep_a_spare(bool(tools))
        return tools

    async def close(self) -> None:
        """End the process that waits."""
        if self._spare is not None:
            await self._spare.end()

    def _start(self, name: str) -> Child:
        return self._around.start(name, self._command, self._environ, MEMORY)

    def _keep_a_spare(self, wanted: bool = True) -> None:
        try:
            self._spare = self._start("plugins") if wanted else None
        except ToolError as error:
            log.warning("%s", error)  # the call that needs one will say so to the model
            self._spare = None

    async def _take(self, name: str) -> Child:
        child, self._spare = self._spare, None
        if child is not None and child.gone:
            await child.end()
            child = None
        child = child or self._start(name)
        child.name = name
        return child

    def _tool(self, plugin: Described) -> Tool:
        async def run(args: Args, more: More) -> Response:
            child = await self._take(plugin.name)
            told = msgspec.json.encode({"plugin": plugin.name, "args": args}) + b"\n"
            try:
                return await converse(child, told, OUTPUT_BYTES, more, self._around.running)
            finally:
                if self._spare is None:
                    self._keep_a_spare()

        return Tool(
            function=Function(
                name=plugin.name,
                description=plugin.description,
                parameters=plugin.parameters,
                behavior=plugin.behavior,
            ),
            run=run,
            timeout_s=plugin.timeout_s,
            scheduling=plugin.scheduling,
        )
