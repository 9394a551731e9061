"""What all probes are told: the machine, the configuration, and the daemon that runs on it."""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lived import credentials
from lived.cli.options import Options
from lived.config import Config, places

FOLDER_OF_THE_KEY = Path("etc/lived")
"""Where the LoadCredential= of the system's unit takes the key from; the user's is beside the user's lived.toml."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Facts that need no probe of their own."""

    options: Options
    config: Config
    """The defaults where the configuration cannot be used."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    status: Mapping[str, Any] | None = None
    """What the daemon says of itself (docs/protocol.md, "The door"); None when none runs."""
    directory: Path | None = None
    """Where that daemon's sockets are."""
    deaf: str = ""
    """Why the daemon could not be asked although there is one."""
    root: Path = Path("/")
    """Where /proc, /sys, /run and /var are looked for: tests have a tree of their own."""

    @property
    def user(self) -> str:
        """Who is asking."""
        try:
            return self.environ.get("USER") or pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            return str(os.getuid())

    @property
    def workers(self) -> dict[int, str]:
        """Process ids of the daemon that runs, with their names."""
        if self.status is None:
            return {}
        found = {int(worker["pid"]): str(worker["name"]) for worker in self.status["workers"] if worker.get("pid")}
        return {int(self.status["pid"]): "lived", **found}

    @property
    def state_dir(self) -> Path:
        """Of this configuration."""
        return places.state_dir(self.config, self.environ)

    def secrets(self) -> dict[str, str]:
        """The environment in which the key is looked for: with a service's file where nothing else names one."""
        home = self.environ.get("XDG_CONFIG_HOME") or f"{self.environ.get('HOME', '')}/.config"
        for folder in (Path(home) / "lived", self.root / FOLDER_OF_THE_KEY):
            if os.access(folder / credentials.CREDENTIAL, os.R_OK):
                return {"CREDENTIALS_DIRECTORY": str(folder), **self.environ}
        return {**self.environ}
