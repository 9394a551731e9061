"""Looking at the sound card."""

import contextlib
import os
import re
import sys
from pathlib import Path

import msgspec

from lived.cli.doctor import programs
from lived.cli.doctor.finding import Finding, failure, ok, skipped
from lived.cli.doctor.judge import sound as judge
from lived.cli.doctor.site import Site
from lived.config import places

SOUNDCHECK_S = 13.0
"""Two seconds of sound; a card with many rates takes as long again to be asked for them."""


def server(site: Site) -> list[Finding]:
    """Sockets of PipeWire and PulseAudio, of this user and of others."""
    own = Path(site.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    sessions = [folder for folder in (site.root / "run/user").glob("*") if folder.name != own.name]
    others = [folder.name for folder in sessions if _servers(folder)]
    return [judge.servers(_servers(own), others, _is_of_the_system(site))]


def _servers(session: Path) -> list[str]:
    found = []
    for place, name in (("pipewire-0", "PipeWire"), ("pulse/native", "PulseAudio (or its stand-in)")):
        with contextlib.suppress(OSError):
            if (session / place).exists():
                found.append(name)
    return found


def _is_of_the_system(site: Site) -> bool:
    return site.status is not None and site.directory == places.SYSTEM_RUNTIME


def groups(site: Site) -> list[Finding]:
    """What this user may open."""
    folder = site.root / "dev/snd"
    try:
        cards = [place for place in folder.iterdir() if place.name.startswith(("pcm", "timer"))]
    except OSError:
        cards = []
    may_use = any(os.access(place, os.R_OK | os.W_OK) for place in cards)
    may_control = False if "join its group" in site.deaf else (True if site.status is not None else None)
    return judge.groups(site.user, bool(cards), may_use, may_control)


def holders(site: Site) -> list[Finding]:
    """ALSA names the owner of each stream; of our own processes the open files tell it too."""
    proc = site.root / "proc"
    found = {(pid, device) for pid, device in (*_owners(proc), *_openers(proc))}
    named = [judge.Holder(pid, _name(proc, pid), device) for pid, device in sorted(found)]
    return [judge.holders([one for one in named if one.name], site.workers)]


def _owners(proc: Path) -> list[tuple[int, str]]:
    found = []
    for status in proc.glob("asound/card*/pcm*/sub*/status"):
        with contextlib.suppress(OSError):
            owners = re.findall(r"^owner_pid\s*:\s*(\d+)", status.read_text(), re.MULTILINE)
            found += [(int(pid), "/".join(status.parts[-4:-2])) for pid in owners]
    return found


def _openers(proc: Path) -> list[tuple[int, str]]:
    found = []
    for file in proc.glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError, ValueError):
            target = str(file.readlink())
            if target.startswith("/dev/snd/pcm"):
                found.append((int(file.parts[-3]), target))
    return found


def _name(proc: Path, pid: int) -> str:
    try:
        return (proc / str(pid) / "comm").read_text().strip()
    except OSError:
        return ""  # it has ended


def soundcheck(site: Site) -> list[Finding]:
    """Library, devices, rates, and two seconds of sound; of a running daemon what it says itself."""
    if site.status is not None:
        return judge.running(site.status)
    if site.deaf:
        return [skipped("sound", "The daemon runs and keeps the card.")]
    request = msgspec.json.encode(site.config.audio).decode() + "\n"
    command = (sys.executable, "-m", "lived.cli.doctor.soundcheck")
    ran = programs.run(site.environ, *command, text=request, patience_s=SOUNDCHECK_S)
    if ran is None:
        return [failure("sound", f"The sound card did not answer within {SOUNDCHECK_S:.0f} s: plug it in again.")]
    if ran.code:
        last = (ran.err.strip().splitlines() or ["no reason given"])[-1]
        return [failure("sound", f"The sound check ended with code {ran.code}: {last}.", "livectl devices")]
    return _told(msgspec.json.decode(ran.out), site.config.frontend.enabled)


def _told(report: dict[str, object], front_end: bool) -> list[Finding]:
    if error := report["error"]:
        return [failure("portaudio", str(error), "sudo apt install libportaudio2")]
    heard = report["heard"]
    found = [
        ok("portaudio", "PortAudio is there."),
        *judge.devices(msgspec.convert(report["devices"], list[judge.Listed])),
    ]
    if heard is None:
        return [*found, skipped("microphone", "No card of its own is configured, or there is none.")]
    return [*found, *judge.heard(msgspec.convert(heard, judge.Heard), front_end)]
