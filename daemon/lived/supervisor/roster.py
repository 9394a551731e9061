"""Which workers run, and which of them a changed option concerns."""

from collections.abc import Container, Iterable, Iterator

from lived.config import Config
from lived.supervisor.member import Spec

CAPTURE = Spec("capture", "lived_workers.capture")
PLAYBACK = Spec("playback", "lived_workers.playback")
FRONTEND = Spec("frontend", "lived_workers.frontend", essential=False)
GATEWAY = Spec("gateway", "lived_workers.gateway")
CAMERA = Spec("camera", "lived_workers.camera", essential=False)
TOOLS = Spec("tools", "lived_workers.tools", essential=False)
RECORDER = Spec("recorder", "lived_workers.recorder", essential=False)
METRICS = Spec("metrics", "lived_workers.metrics", essential=False)
HOOKS = Spec("hooks", "lived_workers.hooks", essential=False)
SIMULATOR = Spec("simulator", "lived_workers.simulator", essential=False)

HOLDS_THE_KEY = frozenset({GATEWAY.name})
"""The only workers that are handed the API key."""

_OWN = "workers."
"""Before the name of somebody's own worker."""

_CONCERNED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("audio.input", ("capture",)),
    ("audio.loop", ("capture",)),
    ("audio.output", ("playback",)),
    ("audio.prebuffer_ms", ("playback",)),
    ("audio.volume", ()),  # an order does it
    ("audio.", ("capture", "playback")),
    ("live.backlog_s", ("capture", "gateway")),
    ("live.", ("gateway",)),
    ("frontend.", ("frontend", "gateway")),
    ("camera.", ("camera",)),
    ("simulator.", ("simulator",)),
    ("tools", ("tools",)),
    ("mcp", ("tools",)),
    ("toolbox.", ("tools",)),
    ("record.", ("recorder",)),
    ("metrics.", ("metrics",)),
    ("hooks", ("hooks",)),
    ("conversation.autostart", ()),  # about the next start
    ("conversation.", ("gateway",)),
    ("usage.", ("gateway",)),
    ("daemon.realtime", ("capture", "playback")),
)
"""The first prefix that fits decides. Options that no prefix fits need a new daemon."""


def roster(config: Config) -> tuple[Spec, ...]:
    """The workers in the order of their start: the card first, since sound cannot be had again later."""
    wanted = (
        (CAPTURE, True),
        (PLAYBACK, True),
        (FRONTEND, config.frontend.enabled),
        (SIMULATOR, config.simulator.enabled),
        (GATEWAY, True),
        (CAMERA, config.camera.device),
        (TOOLS, config.toolbox.builtin or config.toolbox.plugins or config.tools or config.mcp),
        (RECORDER, config.record.directory),
        (METRICS, config.metrics.listen),
        (HOOKS, config.hooks),
    )
    own = (Spec(worker.name, worker.module, essential=False, path=worker.path) for worker in config.workers)
    return (*(spec for spec, asked in wanted if asked), *own)


def forked(specs: Iterable[Spec]) -> Iterator[str]:
    """The modules that are forked off the daemon: those of lived. What others wrote gets no part of its memory."""
    return (spec.module for spec in specs if spec.path is None)


def in_detail(keys: Iterable[str], old: Config, new: Config) -> set[str]:
    """``keys`` with ``workers.NAME`` for each of somebody's own that differs, in place of ``workers``."""
    before, after = ({worker.name: worker for worker in config.workers} for config in (old, new))
    own = {f"{_OWN}{name}" for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return {key for key in keys if key != "workers"} | own


def concerned(keys: Iterable[str], running: Container[str], wanted: Container[str]) -> tuple[set[str], set[str]]:
    """(workers to restart, keys that only a new daemon takes) for changed ``keys``.

    ``running`` are the workers that there are, ``wanted`` those of the new configuration: which ones there are is
    settled when the daemon starts.
    """
    workers: set[str] = set()
    beyond: set[str] = set()
    for key in keys:
        names = _concerned_by(key)
        if names is None or any((name in running) != (name in wanted) for name in names):
            beyond.add(key)
        workers.update(name for name in names or () if name in running and name in wanted)
    return workers, beyond


def _concerned_by(key: str) -> tuple[str, ...] | None:
    if key.startswith(_OWN):
        return (key.removeprefix(_OWN),)
    return next((names for prefix, names in _CONCERNED if key.startswith(prefix)), None)
