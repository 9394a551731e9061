"""The stand-in as a worker of the daemon: ``[simulator] enabled = true``."""

import asyncio
import contextlib
from pathlib import Path

from lived.config.places import stand_in_dir
from lived.errors import ConfigError, RuntimeDirError
from lived.worker import Harness, Launch, run
from lived_workers.simulator.app import Ready, serve
from lived_workers.simulator.faults import ScenarioError
from lived_workers.simulator.script import Mode
from lived_workers.simulator.settings import Settings

TURN_S = 0.1
"""How often orders are looked for when nothing wakes us."""


def _settings(launch: Launch) -> Settings:
    wanted = launch.config.simulator
    directory = stand_in_dir(launch.config, Path(launch.runtime_dir))
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise RuntimeDirError(f"Cannot make {directory} for the stand-in's journal: {error.strerror}.") from error
    scenario = Path(wanted.scenario) if wanted.scenario else None
    return Settings(
        directory, port=wanted.port, scenario=scenario, mode=Mode(wanted.mode), model=launch.config.live.model
    )


async def _until_stopped(harness: Harness) -> None:
    """Keep the harness turning; returns when the daemon says so or is gone."""
    loop = asyncio.get_running_loop()
    loop.add_reader(harness.inbox.fd, harness.turn)
    while not (harness.stopping or harness.orphaned()):
        harness.turn()
        await asyncio.sleep(TURN_S)
    loop.remove_reader(harness.inbox.fd)


async def _run(harness: Harness, settings: Settings) -> None:
    def ready(told: Ready) -> None:
        harness.ready(f"listening on https://127.0.0.1:{told.port}, journal {told.journal}")

    serving = asyncio.ensure_future(serve(settings, ready))
    waiting = asyncio.ensure_future(_until_stopped(harness))
    await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def host(launch: Launch) -> None:
    """Serve until told to stop.

    Raises:
        ConfigError: the scenario makes no sense.
        RuntimeDirError: port taken, or the journal cannot be written.
    """
    harness = Harness(launch, {})
    harness.hello()
    try:
        asyncio.run(_run(harness, _settings(launch)))
    except ScenarioError as error:
        raise ConfigError(f"simulator.scenario: {error}") from error
    except OSError as error:
        raise RuntimeDirError(f"The stand-in cannot work: {error.strerror or error}.") from error
    harness.close()


if __name__ == "__main__":
    run(host)
