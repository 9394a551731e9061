"""Packages that only some configurations need: missed before anything starts, not when they are first used."""

from collections.abc import Mapping
from importlib.util import find_spec

from lived.config.options import Config
from lived.config.sources import Source
from lived.errors import ConfigError


def check(config: Config, sources: Mapping[str, Source]) -> None:
    """Whether everything that ``config`` needs is installed. Raises ConfigError, which says how to install it."""
    wanted = (
        ("mcp[0]", bool(config.mcp), "[[mcp]]", "mcp", ("mcp",)),
        ("metrics.listen", bool(config.metrics.listen), "[metrics]", "metrics", ("prometheus_client", "psutil")),
    )
    for key, asked, table, extra, packages in wanted:
        missing = next((name for name in packages if asked and find_spec(name) is None), None)
        if missing:
            package = missing.replace("_", "-")
            raise ConfigError(
                f"{sources[key]}: {table} needs the package {package}; install it with pip install 'lived[{extra}]'."
            )
