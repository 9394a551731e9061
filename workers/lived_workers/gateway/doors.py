"""The way in: a new ``Door`` when the server has moved or there is another credential, else the one there is."""

import asyncio
import logging
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from lived.config import Config
from lived_workers.gateway.target import STAND_IN_KEY, Target, target_of
from lived_workers.gateway.tokens import Credentials

if TYPE_CHECKING:
    from lived_workers.gateway.gemini import Door

log = logging.getLogger(__name__)

SLOW_IMPORT_S = 5.0
"""Ten times what it takes here (half a second): from here on a log says what is waited for."""
LOST_IMPORT_S = 60.0
"""An SD card that is worn out reads 40 MB in less. Later a new process is the better hope."""


class ImportLostError(Exception):
    """The SDK's import does not end. The worker ends with it, and is started again."""


class Doors:
    """Belongs to the loop's thread; only certificates are read elsewhere."""

    def __init__(self, config: Config, key: str, runtime_dir: Path, gemini: "asyncio.Future[ModuleType]") -> None:
        """``gemini``: the SDK's door, as a module that is being imported."""
        self._config, self._runtime_dir, self._gemini = config, runtime_dir, gemini
        self.credentials = credentials_for(config, key)
        self._door: tuple[Target, str, Door] | None = None

    @property
    def base_url(self) -> str:
        """Of the server that was dialled last, or will be first."""
        return self._door[0].base_url if self._door else self._config.live.base_url

    async def get(self, fresh: bool) -> "Door":
        """The door for the next connection. ``fresh``: it begins a new session.

        Raises:
            LinkLostError: no credential, no server, no certificates.
            ImportLostError: the SDK is not there within ``LOST_IMPORT_S`` of being asked for.
        """
        target = target_of(self._config, self._runtime_dir)
        key = await self.credentials.key(fresh)
        if self._door is None or self._door[:2] != (target, key):
            gemini = await imported(self._gemini)
            door = await asyncio.to_thread(gemini.Door, self._config, target, key)
            self._door = target, key, door
        return self._door[2]

    def forget(self) -> None:
        """Read certificates and headers again: the files may have been replaced."""
        self._door = None


async def imported(
    module: "asyncio.Future[ModuleType]", slow_s: float = SLOW_IMPORT_S, lost_s: float = LOST_IMPORT_S
) -> ModuleType:
    """``module``, when its thread has it. Raises ImportLostError after ``lost_s``; says what it waits for before."""
    done, _ = await asyncio.wait({module}, timeout=slow_s)
    if not done:
        log.warning("google-genai is still being imported after %.0f s: the machine is busy or its disk slow", slow_s)
        done, _ = await asyncio.wait({module}, timeout=lost_s - slow_s)
    if not done:
        raise ImportLostError(f"google-genai was not imported within {lost_s:.0f} s")
    return module.result()


def credentials_for(config: Config, key: str) -> Credentials:
    """The key, a source of tokens; for the stand-in neither, since a real one is never shown to it."""
    if config.simulator.enabled:
        return Credentials(STAND_IN_KEY)
    live = config.live
    if live.vertex or not (live.token_url or live.token_command or live.token_file):
        return Credentials(key)
    from lived_workers.gateway.token_sources import source_of  # an HTTP client, TLS: not before they are needed

    return Credentials(key, source_of(live))
