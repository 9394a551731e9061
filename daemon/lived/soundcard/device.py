"""Sound devices by name. Pure: a list in, a choice out."""

import re
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

Direction = Literal["input", "output"]

RATES = (16_000, 24_000, 44_100, 48_000)
"""Hz. What ``livectl devices`` tries: what the Live API hears and speaks, and what cards usually have."""


class DeviceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One device of PortAudio."""

    index: int
    """PortAudio's; changes whenever something is plugged in."""
    name: str
    card_id: str = ""
    """ALSA's short name of the card, which stays: ``cat /proc/asound/cards``; "" where there is none."""
    inputs: int
    """Most channels it records; 0 for none. 32 and more mean a sound server that converts to any number."""
    outputs: int
    """Most channels it plays."""
    default_rate: int
    """Hz."""
    input_rates: tuple[int, ...] = ()
    """Those of ``RATES`` that recording accepts (mono or more)."""
    output_rates: tuple[int, ...] = ()
    """Those of ``RATES`` that playing accepts."""
    default_input: bool = False
    default_output: bool = False

    def channels(self, direction: Direction) -> int:
        """Most channels in one direction."""
        return self.inputs if direction == "input" else self.outputs

    def is_default(self, direction: Direction) -> bool:
        """Whether ``default`` means this one."""
        return self.default_input if direction == "input" else self.default_output


def hardware(name: str) -> tuple[int, int] | None:
    """ALSA's card and device number out of "USB Audio: - (hw:1,0)"; None for anything but bare hardware."""
    found = re.search(r"\(hw:(\d+),(\d+)\)$", name)
    return (int(found[1]), int(found[2])) if found else None


def choose(devices: Sequence[DeviceInfo], wanted: str, direction: Direction) -> list[DeviceInfo]:
    """The devices that ``wanted`` may mean, best first; empty when there is none.

    ``default`` means the default one. Otherwise the first of these that matches anything: the exact name, the
    ALSA card id, a part of the name; capitals do not matter.
    """
    able = [d for d in devices if d.channels(direction)]
    key = wanted.casefold()
    ways: tuple[Callable[[DeviceInfo], bool], ...] = (
        lambda d: d.name.casefold() == key,
        lambda d: bool(d.card_id) and d.card_id.casefold() == key,
        lambda d: key in d.name.casefold(),
    )
    if key == "default":
        ways = (lambda d: d.is_default(direction), *ways[:1])
    for way in ways:
        if found := [d for d in able if way(d)]:
            return found
    return []
