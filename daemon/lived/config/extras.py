"""Packages that only some configurations need: missed before anything starts, not when they are first used."""

from collections.abc import Mapping
from importlib.util import find_spec

from lived.config.options import Config
from lived.config.sources import Source
from lived.errors import ConfigError


def check(config: Config, sources: Mapping[str, Source]) -> None:
    """Whether everything that ``config`` needs is installed. Raises ConfigError, which says how to install it."""
    wanted = (
        ("mcp[0]", bool(config.mcp), "[[mcp]]", "mcp", "mcp"),
        ("metrics.listen", bool(config.metrics.listen), "[metrics]", "prometheus_client", "metrics"),
    )
    for key, asked, table, module, extra in wanted:
        if asked and find_spec(module) is None:
            package = module.replace("_", "-")
            raise ConfigError(
                f"{sources[key]}: {table} needs the package {package}; install it with pip install 'lived[{extra}]'."
            )
