"""Packages that only some configurations need: missed before anything starts, not when they are first used."""

from collections.abc import Mapping
from importlib.util import find_spec

from lived.config.options import Config
from lived.config.sources import Source
from lived.errors import ConfigError


def check(config: Config, sources: Mapping[str, Source]) -> None:
    """Whether everything that ``config`` needs is installed. Raises ConfigError, which says how to install it."""
    if config.mcp and find_spec("mcp") is None:
        raise ConfigError(
            f"{sources['mcp[0]']}: [[mcp]] needs the package mcp; install it with pip install 'lived[mcp]'."
        )
    if config.record.directory and find_spec("soundfile") is None:
        raise ConfigError(
            f"{sources['record.directory']}: a recording needs the package soundfile; "
            "install it with pip install 'lived[record]'."
        )
