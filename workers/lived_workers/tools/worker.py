"""The process: sources of tools put together, calls handed to the runner, clocks looked at. One thread, asyncio."""

import asyncio
import importlib
import logging
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lived.clock import monotonic_ns
from lived.errors import ConfigError
from lived.programs import Running
from lived.units import SECOND, Ns
from lived.wire.events import (
    Hello,
    SessionState,
    Speech,
    ToolCall,
    ToolCancel,
    ToolTaken,
    Transcript,
    TurnBegan,
    TurnComplete,
    TurnPlayed,
)
from lived.wire.orders import Converse
from lived.worker import Harness, Launch
from lived.worker.harness import Handlers
from lived_workers.tools.builtin import Door, builtin
from lived_workers.tools.calls import Calls
from lived_workers.tools.farewell import Farewell
from lived_workers.tools.offer import Offer, offered, summary
from lived_workers.tools.plugins import Plugins
from lived_workers.tools.program import Surroundings, tool_of
from lived_workers.tools.runner import Runner
from lived_workers.tools.tool import Tool, ToolError

if TYPE_CHECKING:
    from lived_workers.tools.mcp_server import McpServer

log = logging.getLogger("lived.tools")

TICK_S = 0.25
"""Messages wake the loop at once; this is for heartbeats and patience."""

COMPLETE_S = 5.0
"""Longest that the first session is kept waiting for servers and plugins; what comes later is offered later."""


class Tools:
    """Wires the parts to the harness."""

    def __init__(self, launch: Launch) -> None:
        """Put it together.

        Raises:
            ConfigError: MCP servers without the package for them.
        """
        config = launch.config
        if config.mcp and find_spec("mcp") is None:
            raise ConfigError("[[mcp]] needs the package mcp; install it with pip install 'lived[mcp]'.")
        self._harness = harness = Harness(launch, self._handlers())
        folder = Path(launch.state_dir) / "tools"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        running = Running(harness.bus.endpoints.inner / "tools.running")
        running.end_leftovers()
        around = Surroundings(os.environ, folder, running)
        self._calls = Calls(config.toolbox.parallel, Ns(int(config.toolbox.same_call_s * SECOND)))
        self._door = Door(harness.bus.endpoints)
        self._fixed: list[Tool] = [
            *builtin(config.toolbox.builtin, self._door, lambda: self._farewell.asked(monotonic_ns())),
            *(tool_of(configured, around) for configured in config.tools),
        ]
        self._plugins = Plugins(config.toolbox.plugins, around)
        self._of_plugins: list[Tool] = []
        self._around = around
        self._servers: list[McpServer] = []
        self._lives: list[asyncio.Task[None]] = []
        """Servers, and asking for what there is: ended when the worker is."""
        self._complete = not (config.toolbox.plugins or config.mcp)
        self._offered = Offer({}, ())

    def _handlers(self) -> Handlers:
        farewell = self._farewell = Farewell()
        return {
            ToolCall: self._ask,
            ToolCancel: lambda event: self._runner.cancel(event.calls),
            ToolTaken: lambda event: self._calls.taken(event.call, event.number, monotonic_ns()),
            SessionState: self._session,
            Hello: self._greeted,
            Speech: lambda event: self._spoke(event.on),
            Transcript: lambda event: self._spoke(event.side == "user"),
            TurnBegan: lambda event: farewell.began(event.turn, monotonic_ns()),
            TurnPlayed: lambda event: farewell.played(event.turn, monotonic_ns()),
            TurnComplete: lambda event: farewell.complete(event.frames, monotonic_ns()),
            Converse: lambda _: self._say(),
        }

    def close(self) -> None:
        """Leave the buses; what was said last still leaves."""
        self._harness.close()

    async def run(self) -> None:
        """Until told to stop."""
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            self._runner = Runner(self._calls, tasks, self._harness.publish)
            self._harness.hello()
            loop.add_reader(self._harness.inbox.fd, self._harness.turn)
            loop.add_reader(0, self._supervisor_gone)
            self._offer()
            gathering = tasks.create_task(self._gather())
            await self._tick()
            self._runner.end()
            for task in (gathering, *self._lives):
                task.cancel()
        await self._plugins.close()

    async def _gather(self) -> None:
        """Ask plugins and servers; say so when all have answered, or have had the time to."""
        if self._complete:
            return
        self._lives += [self._tasks.create_task(load()) for load in (self._load_plugins, self._load_servers)]
        await asyncio.wait(self._lives, timeout=COMPLETE_S)
        self._complete = True
        self._offer()

    async def _load_servers(self) -> None:
        """Begin the lives of the MCP servers, and wait until each has answered or failed to."""
        if not self._harness.config.mcp:
            return
        # in a thread, and only where it is needed: it takes 45 MB and, on a slow card, seconds
        loop = asyncio.get_running_loop()
        module = await loop.run_in_executor(None, importlib.import_module, "lived_workers.tools.mcp_server")
        self._servers = [module.McpServer(server, self._around, self._offer) for server in self._harness.config.mcp]
        for server in self._servers:
            self._lives.append(self._tasks.create_task(server.run()))
        for server in self._servers:
            await server.answered()

    async def _load_plugins(self) -> None:
        if self._harness.config.toolbox.plugins:
            self._of_plugins = await self._plugins.tools()
            self._offer()

    async def _tick(self) -> None:
        while not self._harness.stopping:
            self._harness.turn()
            now = monotonic_ns()
            self._calls.forget(now)
            self._harness.counters["calls_running"] = self._calls.running
            if self._farewell.over(now):
                self._farewell.hung_up(now)
                self._tasks.create_task(self._hang_up())
            await asyncio.sleep(TICK_S)

    async def _hang_up(self) -> None:
        try:
            await self._door.ask("stop")
        except ToolError as error:
            log.warning("the conversation could not be ended: %s", error)

    def _offer(self) -> None:
        """Tell what there is now."""
        of_servers = [tool for server in self._servers for tool in server.tools]
        self._offered = offered([*self._fixed, *self._of_plugins, *of_servers])
        if self._offered.left_out:
            log.warning("no room for these tools: %s", ", ".join(self._offered.left_out))
        self._runner.use(self._offered)
        self._harness.publish(self._offered.event(self._complete))
        self._say()

    def _say(self) -> None:
        """What status says of us."""
        troubles = [server.trouble for server in self._servers if server.trouble]
        self._harness.ready(summary(self._offered, [*self._plugins.troubles, *troubles]))

    # what is heard

    def _ask(self, event: ToolCall) -> None:
        self._runner.ask(event)

    def _session(self, event: SessionState) -> None:
        if event.state == "open":
            for answer in self._calls.outstanding():
                self._harness.publish(answer)
        elif event.state in ("off", "failed"):
            self._farewell.hung_up(monotonic_ns())

    def _greeted(self, event: Hello) -> None:
        if event.worker == "gateway":
            self._harness.publish(self._offered.event(self._complete))

    def _spoke(self, yes: bool) -> None:
        if yes:
            self._calls.spoke(monotonic_ns())

    def _supervisor_gone(self) -> None:
        if not os.read(0, 4096):
            self._harness.stop()
            asyncio.get_running_loop().remove_reader(0)


def host(launch: Launch) -> None:
    """The worker's main."""
    tools = Tools(launch)
    try:
        asyncio.run(tools.run())
    finally:
        tools.close()
