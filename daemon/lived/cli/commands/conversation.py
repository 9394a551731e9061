"""livectl interrupt, mute, unmute, toggle, volume, say: what one does in the middle of a conversation."""

import re
from typing import Any

import click

from lived.cli.door import ask
from lived.cli.options import Options, common, pass_options
from lived.cli.options import say as tell
from lived.errors import UsageError

_VOLUME = re.compile(r"([+-]?)([0-9]{1,3})%?")


@click.command()
@common
@pass_options
def interrupt(options: Options) -> None:
    """Silence what the model is saying."""
    result = ask(options, "interrupt")
    turn = result.get("turn", 0)
    tell(options, f"Reply {turn} was cut." if turn else "Nothing was being said.", result)


def _mute(options: Options, on: bool | str) -> None:
    result = ask(options, "mute", on=on)
    tell(options, "The microphone is muted." if result.get("muted") else "The microphone is on.", result)


@click.command()
@common
@pass_options
def mute(options: Options) -> None:
    """Let nothing that the microphone hears leave its process."""
    _mute(options, True)


@click.command()
@common
@pass_options
def unmute(options: Options) -> None:
    """Let the microphone be heard again."""
    _mute(options, False)


@click.command()
@common
@pass_options
def toggle(options: Options) -> None:
    """Mute or unmute, whichever it is not."""
    _mute(options, "toggle")


# "-10" is a change, not an option
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("amount", required=False, metavar="[+|-]N")
@common
@pass_options
def volume(options: Options, amount: str | None) -> None:
    """Set the loudness (0 to 100), change it (+10, -10), or tell it."""
    result = ask(options, "volume", **volume_arguments(amount))
    tell(options, f"The volume is {result.get('percent')} %.", result)


def volume_arguments(amount: str | None) -> dict[str, Any]:
    """What ``amount`` asks the door for.

    Raises:
        UsageError: it is neither a loudness nor a change.
    """
    if amount is None:
        return {}
    found = _VOLUME.fullmatch(amount.strip())
    if not found or int(found[2]) > 100:
        raise UsageError(f"'{amount}' is no volume: give 0 to 100, or a change such as +10 or -10.")
    if found[1]:
        return {"change": int(found[1] + found[2])}
    return {"percent": int(found[2])}


@click.command()
@click.argument("text", nargs=-1, required=True)
@common
@pass_options
def say(options: Options, text: tuple[str, ...]) -> None:
    """Give the model typed input: livectl say What time is it?"""
    tell(options, "Said.", ask(options, "say", text=" ".join(text)))
