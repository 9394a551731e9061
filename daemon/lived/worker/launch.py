"""What a worker is told at its start: one line of JSON on its standard input.

Standard input stays open for as long as the supervisor lives; its end tells the worker to end too.
The key travels here and nowhere else: never in argv, never in the environment.
"""

import os
from typing import Any

import msgspec

from lived.config import Config
from lived.errors import ConfigError
from lived.units import Ns

MAX_LAUNCH_BYTES = 1_048_576
"""An instruction of 64 KiB and the rest of the configuration, with much room."""


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """The first and only line."""

    worker: str
    config: Config
    runtime_dir: str
    state_dir: str
    origin: Ns
    """When the daemon began: file input is paced from here, so a restarted reader goes on where a microphone would."""
    conversing: bool = False
    muted: bool = False
    volume: int = 100
    secret: str = ""
    """The API key, or the credentials of Vertex AI; empty for every worker but the gateway."""

    @property
    def settings(self) -> dict[str, Any]:
        """What [[workers]] says to this worker; empty for those of lived."""
        return next((own.settings for own in self.config.workers if own.name == self.worker), {})

    def __repr__(self) -> str:
        return f"Launch(worker={self.worker!r})"


def encode(launch: Launch) -> bytes:
    """The line for the worker's standard input."""
    return msgspec.json.encode(launch) + b"\n"


def read(fd: int = 0) -> Launch:
    """Read the line.

    Raises:
        ConfigError: no line, or not a launch: the program was not started by the daemon.
    """
    line = bytearray()
    while not line.endswith(b"\n") and len(line) < MAX_LAUNCH_BYTES:
        piece = os.read(fd, 65_536)
        if not piece:
            break
        line += piece
    try:
        return msgspec.json.decode(line, type=Launch)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ConfigError("A worker is started by the daemon, not by hand: run 'lived'.") from None
