"""What every command understands (--json, --config, --set, --runtime-dir), and the exit codes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

import click


class Exit(IntEnum):
    """What livectl says when it ends."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_RUNNING = 3
    DEGRADED = 4
    """The daemon runs, but something in it does not work."""
    INTERRUPTED = 130
    """Ctrl-C, as shells have it: 128 + SIGINT."""


@dataclass
class Options:
    """The common options of one call; given before or behind the command's name."""

    json: bool = False
    config: Path | None = None
    overrides: list[str] = field(default_factory=list)
    runtime_dir: Path | None = None

    @property
    def choose_a_daemon(self) -> bool:
        """Whether they ask for a daemon of their own rather than for the installed service."""
        return bool(self.config or self.overrides or self.runtime_dir)


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if not value:
        return
    options = ctx.ensure_object(Options)
    if param.name == "overrides":
        options.overrides.extend(value)
    else:
        setattr(options, str(param.name), value)


def _option(*names: str, **attributes: Any) -> Callable[[Any], Any]:
    return click.option(*names, expose_value=False, callback=_keep, **attributes)


_CONFIG = click.Path(path_type=Path)
_COMMON = (
    _option("--json", is_flag=True, help="Print JSON."),
    _option("--config", type=_CONFIG, metavar="FILE", help="The configuration file."),
    _option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Set one option, as often as needed."),
    _option("--runtime-dir", type=_CONFIG, metavar="DIR", help="Where the daemon's sockets are."),
)


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the common options to a command."""
    for option in reversed(_COMMON):
        command = option(command)
    return command


pass_options = click.make_pass_decorator(Options, ensure=True)
"""Hands the ``Options`` of this call to a command as its first argument."""


def say(options: Options, words: str, data: Mapping[str, Any] | list[Any]) -> None:
    """Print the answer: ``data`` as one line of JSON with --json, else ``words``; nothing when those are empty."""
    if options.json:
        import msgspec

        click.echo(msgspec.json.encode(data).decode())
    elif words:
        click.echo(words)
