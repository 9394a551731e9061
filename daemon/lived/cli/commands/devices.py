"""livectl devices: the sound cards, by the names that audio.input and audio.output take."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lived.cli.options import Options, common, pass_options, say
from lived.errors import DeviceError

if TYPE_CHECKING:
    from lived.soundcard import DeviceInfo

_CARDS = Path("/proc/asound/cards")
"""ALSA's own list; absent when the kernel has no sound at all."""


@click.command()
@common
@pass_options
def devices(options: Options) -> None:
    """List sound devices with the rates that they take."""
    import msgspec

    from lived.soundcard import devices as look

    found = look()
    if not found:
        raise DeviceError(no_device(os.environ))
    say(options, "\n".join(lines(found)), [msgspec.to_builtins(device) for device in found])


def lines(found: "Sequence[DeviceInfo]") -> Iterator[str]:
    """For people: a device's names, then what it records and plays."""
    for device in found:
        defaults = [f"default {way}" for way in ("input", "output") if getattr(device, f"default_{way}")]
        notes = ", ".join([*([f"card id {device.card_id}"] if device.card_id else []), *defaults])
        yield f"{device.name}{f'   [{notes}]' if notes else ''}"
        for verb, channels, rates in (
            ("records", device.inputs, device.input_rates),
            ("plays", device.outputs, device.output_rates),
        ):
            if channels:
                yield f"    {verb:<8} {_channels(channels):<14} {_rates(rates)}"
    yield ""
    yield "audio.input and audio.output take a name, a part of one, a card id, or default."


def _channels(count: int) -> str:
    # sound servers claim 32 or 64 and convert
    return "any channels" if count >= 32 else f"{count} channel{'' if count == 1 else 's'}"


def _rates(rates: Sequence[int]) -> str:
    return f"{', '.join(map(str, rates))} Hz" if rates else "no rate now: is a program using it?"


def no_device(environ: Mapping[str, str], cards: Path = _CARDS) -> str:
    """Why there may be none, and what to do next."""
    try:
        listed = cards.read_text()
    except OSError:
        listed = ""
    if listed and "no soundcards" not in listed:
        if not os.access("/dev/snd/timer", os.R_OK | os.W_OK):
            return "No sound device that this user may use: run 'sudo usermod -aG audio $USER' and log in again."
        return "No sound device that can be opened: a program may hold it ('fuser -v /dev/snd/*' tells which)."
    if environ.get("PULSE_SERVER") or environ.get("XDG_RUNTIME_DIR"):
        return (
            "No sound device: plug one in; for one that only PipeWire or PulseAudio knows, 'sudo apt install "
            "libasound2-plugins' and start lived as the user of that session."
        )
    return "No sound device: plug one in, and see that 'cat /proc/asound/cards' lists it."
