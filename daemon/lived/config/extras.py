"""Packages that only some configurations need, and modules: missed before anything starts, not when first used."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from lived.config.options import Config, Worker
from lived.config.sources import Source
from lived.errors import ConfigError


def check(config: Config, sources: Mapping[str, Source]) -> None:
    """Whether everything that ``config`` needs is installed. Raises ConfigError, which says how to install it."""
    wanted = (
        ("mcp[0]", bool(config.mcp), "[[mcp]]", "mcp", "mcp"),
        ("record.directory", bool(config.record.directory), "[record]", "soundfile", "record"),
        ("camera.device", bool(config.camera.device), "[camera]", "PIL", "camera"),
        ("camera.device", _is_v4l2(config.camera.device), "[camera]", "linuxpy", "camera"),
        ("metrics.listen", bool(config.metrics.listen), "[metrics]", "prometheus_client", "metrics"),
    )
    for key, asked, table, module, extra in wanted:
        if asked and find_spec(module) is None:
            package = {"PIL": "pillow"}.get(module, module.replace("_", "-"))
            raise ConfigError(
                f"{sources[key]}: {table} needs the package {package}; install it with pip install 'lived[{extra}]'."
            )
    for index, worker in enumerate(config.workers):
        if not _is_there(worker):
            where, remedy = (
                (f" in {worker.path}", "correct module or path")
                if worker.path
                else ("", "install it, or set path to its folder")
            )
            raise ConfigError(
                f"{sources[f'workers[{index}]']}: there is no module {worker.module}{where} for the worker "
                f"'{worker.name}'; {remedy}."
            )


def _is_v4l2(device: str) -> bool:
    return bool(device) and not device.startswith("folder:")


def _is_there(worker: Worker) -> bool:
    """Whether the outermost package of its module is; what is inside shows when it runs."""
    outermost = worker.module.partition(".")[0]
    if worker.path:
        place = Path(worker.path) / outermost
        if place.is_dir() or place.with_suffix(".py").is_file():
            return True
    return find_spec(outermost) is not None
