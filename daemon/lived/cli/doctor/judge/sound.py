"""The sound card: library, server, groups, who holds it, what it takes, and what came back from it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from lived.cli.doctor.finding import Finding, failure, ok, skipped, warning

SERVERS = ("pipewire", "wireplumber", "pipewire-pulse", "pulseaudio")
"""Programs that hold a card for everybody."""

QUIET_DBFS = -70.0
"""Quieter than any room through any microphone that is switched on."""
CLIPPED_DBFS = -0.2
LATE_MS = 400.0
"""A loudspeaker on Bluetooth, mostly: people answer before they have heard the end."""

Told = Mapping[str, Any]
"""What the daemon says of itself (docs/protocol.md, "The door")."""


class Holder(NamedTuple):
    """A process that has a sound device open."""

    pid: int
    name: str
    device: str
    """Below /dev/snd or /proc/asound."""


class Listed(msgspec.Struct, frozen=True):
    """One device as ``lived.soundcard`` knows it."""

    name: str
    input_rates: tuple[int, ...] = ()
    output_rates: tuple[int, ...] = ()
    inputs: int = 0
    outputs: int = 0


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What two seconds of recording and playing have shown."""

    error: str = ""
    """Why the microphone could not be used; "" = it could."""
    output_error: str = ""
    input: str = ""
    """The device with rate and channels, as it was opened."""
    output: str = ""
    seconds: float = 0.0
    """Of sound that was recorded."""
    peak_dbfs: float = -120.0
    rms_dbfs: float = -120.0
    overflows: int = 0
    underflows: int = 0
    echo_db: float | None = None
    """How much quieter than it was played the microphone hears the loudspeaker; None = not at all."""
    delay_ms: float = 0.0
    """From handing sound to the card until it is given back."""


def servers(own: Sequence[str], others: Sequence[str], system_service: bool) -> Finding:
    """``own``: sound servers of this user; ``others``: users who have one."""
    if system_service and (own or others):
        whose = others[0] if others else "this user"
        text = f"A sound server of {whose} holds the card, and the service of the system cannot reach it."
        return warning("sound server", text, "livectl install-service --user")
    if own:
        return ok("sound server", f"{', '.join(own)} of this user; lived plays through it.")
    if others:
        text = f"The sound server belongs to user {others[0]}; another user finds the card busy."
        return warning("sound server", text, f"sudo -u {others[0]} -i livectl status")
    return ok("sound server", "None runs: lived uses ALSA directly.")


def groups(user: str, cards: bool, may_use: bool, may_control: bool | None) -> list[Finding]:
    """``may_control``: whether this user may talk to the daemon; None where that is no question."""
    found = []
    if not cards:
        found.append(skipped("group audio", "There is no /dev/snd: no card of its own, or sound over the network."))
    elif may_use:
        found.append(ok("group audio", f"{user} may use the sound devices."))
    else:
        text = f"{user} may not use the sound devices; log in again afterwards."
        found.append(failure("group audio", text, f"sudo usermod -aG audio {user}"))
    if may_control is False:
        text = f"{user} may not talk to the daemon; log in again afterwards."
        found.append(failure("group lived", text, f"sudo usermod -aG lived {user}"))
    elif may_control:
        found.append(ok("group lived", f"{user} may control the daemon."))
    return found


def holders(found: Sequence[Holder], ours: Mapping[int, str]) -> Finding:
    """Somebody else's hold on the card is what "Device unavailable" means."""
    strangers = [one for one in found if one.pid not in ours and one.name not in SERVERS]
    if strangers:
        one = strangers[0]
        return warning(
            "card", f"{one.name} (process {one.pid}) holds {one.device}: lived may find it busy.", f"kill {one.pid}"
        )
    if not found:
        return ok("card", "Nobody holds the sound card.")
    return ok("card", f"{', '.join(dict.fromkeys(one.name for one in found))} has the sound card, as it should.")


def devices(listed: Sequence[Listed]) -> list[Finding]:
    """One for each device: the rates that it accepts now."""
    if not any(one.inputs for one in listed):
        return [failure("devices", "There is no microphone: plug one in.", "cat /proc/asound/cards")]
    if not any(one.outputs for one in listed):
        return [failure("devices", "There is no loudspeaker: plug one in.", "cat /proc/asound/cards")]
    return [ok("rates", f"{one.name}: {_ways(one)}.") for one in listed]


def _ways(one: Listed) -> str:
    ways = (("records at", one.inputs, one.input_rates), ("plays at", one.outputs, one.output_rates))
    return ", ".join(
        f"{verb} {'/'.join(map(str, rates))} Hz" if rates else f"{verb} no rate now (busy?)"
        for verb, channels, rates in ways
        if channels
    )


def heard(facts: Heard, front_end: bool) -> list[Finding]:
    """Microphone, loudspeaker, and what one hears of the other; ``front_end``: something takes the echo out."""
    return [_microphone(facts), _loudspeaker(facts), _echo(facts, front_end)]


def _microphone(facts: Heard) -> Finding:
    if facts.error:
        return failure("microphone", facts.error, "livectl devices")
    told = f"{facts.input}: {facts.seconds:.1f} s, peak {facts.peak_dbfs:.0f}, mean {facts.rms_dbfs:.0f} dBFS"
    if facts.peak_dbfs <= QUIET_DBFS:
        return failure(
            "microphone", f"The microphone is silent ({told}): it is muted, or another one is meant.", "alsamixer"
        )
    if facts.overflows:
        text = f"The machine was too busy to record ({facts.overflows} overflows; {told})."
        return warning("microphone", text, "livectl top")
    if facts.peak_dbfs >= CLIPPED_DBFS:
        return warning("microphone", f"The microphone is overdriven ({told}): turn its gain down.", "alsamixer")
    return ok("microphone", f"{told}.")


def _loudspeaker(facts: Heard) -> Finding:
    if facts.output_error:
        return failure("loudspeaker", facts.output_error, "livectl devices")
    if facts.underflows:
        text = f"The machine was too busy to play without gaps ({facts.underflows} underruns; {facts.output})."
        return warning("loudspeaker", text, "livectl top")
    return ok("loudspeaker", f"{facts.output}: played without a gap.")


def _echo(facts: Heard, front_end: bool) -> Finding:
    if facts.error or facts.output_error:
        return skipped("echo", "Microphone and loudspeaker have to work first.")
    if facts.echo_db is None:
        text = "The microphone does not hear the loudspeaker: right with headphones, else it is off or too quiet."
        return warning("echo", text, "alsamixer")
    text = f"The microphone hears the loudspeaker ({facts.echo_db:+.0f} dB), {facts.delay_ms:.0f} ms later"
    if facts.delay_ms > LATE_MS:
        return warning("echo", f"{text}: that is late; Bluetooth is, and sound servers with long buffers.", "pw-top")
    if not front_end:
        text += ": unless the card cancels that by itself, the model interrupts itself"
        return warning("echo", f"{text}; set frontend.enabled = true.", "livectl setup")
    return ok("echo", f"{text}.")


def running(told: Told) -> list[Finding]:
    """Microphone and loudspeaker as the running daemon has them: the card is not taken from it."""
    found = []
    for worker in told["workers"]:
        if worker["name"] not in ("capture", "playback"):
            continue
        check = "microphone" if worker["name"] == "capture" else "loudspeaker"
        counters = worker.get("counters", {})
        lost = {name: counters[name] for name in ("overflows", "underruns", "underflows") if counters.get(name)}
        words = ", ".join(f"{count:,} {name}" for name, count in lost.items())
        text = str(worker.get("text", "")).rstrip(".") or "the running daemon has it"
        if worker["state"] != "running" or not (worker.get("ready") or not told.get("conversing")):
            found.append(failure(check, f"{text}.", f"livectl restart {worker['name']}"))
        elif lost:
            found.append(warning(check, f"{text}; {words} since the worker began.", "livectl top"))
        else:
            found.append(ok(check, f"{text} (as the running daemon says)."))
    return [*found, skipped("echo", "The daemon runs and keeps the card: 'livectl stop --daemon' first.")]
