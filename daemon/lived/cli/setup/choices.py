"""What can be chosen, how loud something is, and the file that keeps the choice. Pure."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from lived.config.values import toml

KEYS = ("audio.input", "audio.output", "frontend.enabled", "live.voice", "live.language")
"""The options that are asked for; in the order in which they are written."""

FILE = "10-setup.toml"
"""In conf.d: before a person's own fragments, which win."""

HEAD = """\
# Written by 'livectl setup', which writes it anew. Your own settings belong into lived.toml or another file in this
# folder: files are read in the order of their names, and the last one wins.
"""

BAR = 30
QUIETEST_DBFS = -60.0
"""Where the level meter begins; a quiet room with a usual microphone."""

HEARD_DBFS = -35.0
"""A voice at arm's length reaches it with a usual microphone; noise of a usual room does not."""


class Device(msgspec.Struct, frozen=True):
    """Of a sound device what matters here; the fields are those of ``lived.soundcard.DeviceInfo``."""

    name: str
    card_id: str = ""
    inputs: int = 0
    outputs: int = 0
    default_input: bool = False
    default_output: bool = False


class Offer(NamedTuple):
    """One line of a list to choose from."""

    value: str
    """For the configuration."""
    words: str


def offers(found: Sequence[Device], way: Literal["input", "output"], current: str) -> list[Offer]:
    """The default one, each card, and what is configured now. A card by its ALSA id where it has one, since that
    stays when cards change places."""
    able = [device for device in found if (device.inputs if way == "input" else device.outputs)]
    default = next((d.name for d in able if (d.default_input if way == "input" else d.default_output)), "")
    listed = {"default": f"default ({default})" if default else "default"}
    for device in able:
        listed.setdefault(device.card_id or device.name, device.name)
    listed.setdefault(current, f"{current} (as configured)")
    return [Offer(value, words) for value, words in listed.items()]


def bar(peak: float | None) -> str:
    """A level meter: ``peak`` in dBFS, None = digital silence."""
    level = QUIETEST_DBFS if peak is None else max(QUIETEST_DBFS, min(0.0, peak))
    full = round(BAR * (level - QUIETEST_DBFS) / -QUIETEST_DBFS)
    words = "silence" if peak is None else f"{peak:.0f} dBFS"
    return f"[{'#' * full}{'.' * (BAR - full)}] {words:<9}"


def verdict(loudest: float | None) -> str:
    """What a microphone's loudest moment says of it; empty when all is well."""
    if loudest is None:
        return "It gives digital silence: is it muted, is it the right one?"
    if loudest < HEARD_DBFS:
        return (
            f"Hardly anything was heard ({loudest:.0f} dBFS): speak up, raise its level (alsamixer), or take another."
        )
    return ""


def kept(text: str) -> dict[str, Any]:
    """The options in an older file, by dotted key. Raises tomllib.TOMLDecodeError."""
    tables = tomllib.loads(text)
    return {f"{name}.{key}": value for name, table in tables.items() for key, value in table.items()}


def fragment(options: Mapping[str, Any]) -> str:
    """``options`` by dotted key, as TOML."""
    sections: dict[str, list[str]] = {}
    for key, value in sorted(options.items()):
        section, _, name = key.partition(".")
        sections.setdefault(section, []).append(f"{name} = {toml(value)}\n")
    return HEAD + "".join(f"\n[{section}]\n{''.join(lines)}" for section, lines in sections.items())
