"""The process: each event to the hooks that want it. One thread, asyncio; at most one program of each hook."""

import asyncio
import logging
import os
from pathlib import Path

from lived.bus import DoorClient
from lived.clock import monotonic_ns
from lived.errors import LivedError
from lived.programs import Running, environment
from lived.units import SECOND
from lived.wire.events import Event
from lived.wire.events.named import types_of
from lived.wire.snapshot import states
from lived.worker import Harness, Launch
from lived_workers.hooks.hook import Hook

log = logging.getLogger("lived.hooks")

TICK_S = 0.25
"""Messages wake the loop at once; this is for heartbeats."""

DOOR_MS = 1_000
"""The supervisor answers in a millisecond; a heartbeat must not wait for it for long."""


class Hooks:
    """Wires the parts to the harness."""

    def __init__(self, launch: Launch) -> None:
        self._wanted: dict[type[Event], list[Hook]] = {}
        for configured in launch.config.hooks:
            for kind in types_of(configured.event):
                self._wanted.setdefault(kind, [])
        self._harness = harness = Harness(launch, dict.fromkeys(self._wanted, self._take))
        folder = Path(launch.state_dir) / "hooks"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        running = Running(harness.bus.endpoints.inner / "hooks.running")
        running.end_leftovers()
        environ = environment(os.environ)
        self._hooks = []
        for index, configured in enumerate(launch.config.hooks):
            name = f"hooks[{index}] ({configured.event})"
            hook = Hook(name, configured, environ, folder, running, harness.counters)
            self._hooks.append(hook)
            for kind in types_of(configured.event):
                self._wanted[kind].append(hook)

    def close(self) -> None:
        """Leave the buses."""
        self._harness.close()

    async def run(self) -> None:
        """Until told to stop."""
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as tasks:
            lives = [tasks.create_task(hook.run(), name=hook.name) for hook in self._hooks]
            self._harness.hello()
            self._catch_up()
            loop.add_reader(self._harness.inbox.fd, self._harness.turn)
            loop.add_reader(0, self._supervisor_gone)
            while not self._harness.stopping:
                self._harness.turn()
                await asyncio.sleep(TICK_S)
            for life in lives:
                life.cancel()

    def _catch_up(self) -> None:
        """How things are: a light has to be right from the start. Events that came since are newer, and wait."""
        try:
            with DoorClient(self._harness.bus.endpoints, DOOR_MS) as door:
                events = states(door.ask("status"))
        except LivedError as error:
            log.warning("hooks begin with the next event, not with how things are: %s", error)
            events = []
        for event in events:
            self._take(event)
        count = len(self._hooks)
        self._harness.ready(f"{count} hook{'s' if count > 1 else ''}")

    def _take(self, event: Event) -> None:
        for hook in self._wanted.get(type(event), ()):
            hook.put(event, monotonic_ns() / SECOND)

    def _supervisor_gone(self) -> None:
        if not os.read(0, 4096):
            self._harness.stop()
            asyncio.get_running_loop().remove_reader(0)


def host(launch: Launch) -> None:
    """The worker's main."""
    hooks = Hooks(launch)
    try:
        asyncio.run(hooks.run())
    finally:
        hooks.close()
