"""The board: Python, disk, heat, supply, clock, real-time rights."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from lived.cli.doctor.finding import Finding, failure, ok, skipped, warning

OLDEST_PYTHON = (3, 11)
FULL_MB = 100
"""Less than this, and handles, logs and recordings cannot be written soon."""
SCARCE_MB = 500
HOT_C = 75.0
"""A Raspberry Pi slows down at 80 degrees Celsius."""
TOO_HOT_C = 82.0

_NOW = ((0, "the supply's voltage is too low"), (1, "the clock frequency is capped"), (2, "it is throttled"),
        (3, "it is at its soft limit of temperature"))  # fmt: skip
"""Bits of ``vcgencmd get_throttled``; the same, 16 higher, since the machine was started."""


class Disk(NamedTuple):
    """A folder that lived writes to."""

    folder: str
    free_mb: int


class Clock(NamedTuple):
    """The wall's clock. Seconds since 1970."""

    now: float
    installed: float
    """When the program was installed: no right clock is before that."""
    synchronised: bool | None
    """None where the kernel does not tell."""


class RealTime(NamedTuple):
    """The right to real-time priority."""

    refused: str
    """Why this user is refused it; "" = granted."""
    granted: bool | None
    """Whether the running daemon's sound threads have it; None = no daemon, or not seen."""
    wanted: bool


def python(version: tuple[int, int, int], bits: int) -> Finding:
    """Old or 32 bits: the libraries do not exist there."""
    name = f"Python {'.'.join(map(str, version))}, {bits} bit"
    if version[:2] < OLDEST_PYTHON:
        return failure("python", f"{name}: lived needs 3.11 or newer.", "sudo apt install python3")
    if bits < 64:
        return failure("python", f"{name}: lived's libraries exist for 64 bit only; install a 64-bit system.")
    return ok("python", f"{name}.")


def disk(disks: Sequence[Disk]) -> Finding:
    """The fullest one decides."""
    if not disks:
        return skipped("disk", "No folder that lived writes to can be seen.")
    worst = min(disks, key=lambda one: one.free_mb)
    text = f"{worst.free_mb:,} MB are free for {worst.folder}"
    remedy = f"sudo du -xh -d 2 {worst.folder} /var/log | sort -h | tail"
    if worst.free_mb < FULL_MB:
        return failure("disk", f"Only {text}: make room.", remedy)
    return warning("disk", f"Only {text}.", remedy) if worst.free_mb < SCARCE_MB else ok("disk", f"{text}.")


def temperature(celsius: float | None) -> Finding:
    """Heat makes the processor slow, and slow makes sound crackle."""
    if celsius is None:
        return skipped("temperature", "This machine tells no temperature.")
    text = f"The processor has {celsius:.0f} °C"
    if celsius >= TOO_HOT_C:
        return failure(
            "temperature", f"{text} and slows down: give it a heat sink, a fan, or air.", "vcgencmd measure_temp"
        )
    if celsius >= HOT_C:
        return warning("temperature", f"{text}; at 80 °C it slows down: give it air.", "vcgencmd measure_temp")
    return ok("temperature", f"{text}.")


def throttling(flags: int | None) -> Finding:
    """``flags`` of ``vcgencmd get_throttled``; None where there is no such program."""
    if flags is None:
        return skipped("throttling", "No vcgencmd: not a Raspberry Pi, or not allowed.")
    now = [words for bit, words in _NOW if flags >> bit & 1]
    before = [words for bit, words in _NOW if flags >> bit + 16 & 1]
    advice = "use the board's own supply and a short cable"
    if now:
        return failure(
            "throttling", f"The board is slowed down now: {', '.join(now)}; {advice}.", "vcgencmd get_throttled"
        )
    if before:
        text = f"The board was slowed down since it was started: {', '.join(before)}; {advice}."
        return warning("throttling", text, "vcgencmd get_throttled")
    return ok("throttling", "The board runs at full speed.")


def clock(facts: Clock) -> Finding:
    """A wrong clock makes every certificate wrong."""
    told = datetime.fromtimestamp(facts.now, UTC).strftime("%Y-%m-%d %H:%M UTC")
    remedy = "sudo timedatectl set-ntp true"
    if facts.now < facts.installed:
        return failure(
            "clock", f"The clock says {told}, before lived was installed: certificates will be refused.", remedy
        )
    if facts.synchronised is None:
        return skipped("clock", f"The clock says {told}; the kernel does not tell whether that is synchronised.")
    if not facts.synchronised:
        return warning("clock", f"The clock says {told} and is not synchronised.", remedy)
    return ok("clock", f"The clock is synchronised ({told}).")


def realtime(facts: RealTime) -> Finding:
    """Without it a busy machine crackles; nothing else breaks."""
    if not facts.wanted:
        return skipped("real time", "daemon.realtime is off.")
    if facts.granted:
        return ok("real time", "The sound threads of the running daemon have real-time priority.")
    if facts.granted is False:
        return warning("real time", "The sound threads of the running daemon have no real-time priority.", _LIMITS)
    if facts.refused:
        text = f"This user may not ask for real-time priority ({facts.refused}); the service lived.service may."
        return warning("real time", text, _LIMITS)
    return ok("real time", "This user may ask for real-time priority.")


_LIMITS = "echo '@audio - rtprio 30' | sudo tee /etc/security/limits.d/lived.conf"
