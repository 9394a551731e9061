"""livectl token create: an ephemeral token for a device, made where the key is."""

import os
import re
from datetime import datetime
from typing import Any

import click

from lived.cli.options import Exit, Options, common, pass_options, say
from lived.errors import ConfigError

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
_LONGEST_S = 20 * 3600
"""As the Live API has it."""


class _Duration(click.ParamType[float]):
    """Seconds, from ``90``, ``90s``, ``30m`` or ``20h``."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds, or click's complaint."""
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"([0-9]{1,6})([smh]?)", value.strip())
        seconds = float(int(found[1]) * _UNITS[found[2]]) if found else 0.0
        if not 0 < seconds <= _LONGEST_S:
            self.fail(f"{value!r} is no time up to 20 hours, such as 60s, 30m or 20h", param, ctx)
        return seconds


@click.group()
@common
def token() -> None:
    """Ephemeral tokens: for devices that are not trusted with the key."""


@token.command()
@click.option("--uses", type=click.IntRange(0, 10_000), default=1, show_default=True, help="Sessions; 0 = any number.")
@click.option("--expire", type=_Duration(), default="30m", show_default=True, help="It ends everything then.")
@click.option(
    "--new-session-expire", type=_Duration(), default="60s", show_default=True, help="No new session after that."
)
@click.option("--lock", is_flag=True, help="For the configured model, instruction and voice alone.")
@common
@pass_options
def create(options: Options, uses: int, expire: float, new_session_expire: float, lock: bool) -> int:
    """Print a new token; on a machine that has the key. Its times go to standard error."""
    result = _mint(
        options, {"uses": uses, "expire_s": expire, "new_session_expire_s": new_session_expire, "lock": lock}
    )
    times = [f"{words} {_local(result[field])}" for words, field in _TIMES]
    click.echo(f"{', '.join(times)}.", err=True)
    say(options, str(result["name"]), result)
    return Exit.DONE


_TIMES = (("It begins sessions until", "newSessionExpireTime"), ("and ends at", "expireTime"))


def _local(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone().strftime("%H:%M:%S")


def _mint(options: Options, wanted: dict[str, Any]) -> dict[str, Any]:
    """Raises LivedError with the sentence of whoever refused."""
    from lived.cli.sdk import ask
    from lived.config.load import load

    config = load(options.config, options.overrides, os.environ)
    if config.live.vertex:
        raise ConfigError("Vertex AI has no ephemeral tokens; set live.vertex to false, and use an API key.")
    return ask(options, config, "token", wanted)
