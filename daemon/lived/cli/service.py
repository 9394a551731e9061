"""lived.service: whether systemd has it, and telling systemd about it."""

import getpass
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from lived.errors import LivedError

UNIT = "lived.service"
TARGET = "lived.target"
"""In its place where each worker is a unit of its own (systemd/split)."""
PARTS = "lived-*"
"""Those units, for systemctl and journalctl."""
BROKER = "lived-broker.service"
"""The one of them that answers at the door."""
BOOTED = Path("/run/systemd/system")
"""Exists when systemd is in charge of this machine: sd_booted(3)."""
LINGER = Path("/var/lib/systemd/linger")
"""A file for each user whose services run without a session."""
_PATIENCE_S = 30.0
"""systemctl without --no-block returns when a stop is through; the unit gives up after TimeoutStopSec=."""


class Service(NamedTuple):
    """The unit of one manager: the machine's, or the one of this user."""

    user: bool
    split: bool = False
    """A unit for each worker; only the machine's manager has that."""

    @property
    def unit(self) -> str:
        """What is started."""
        return TARGET if self.split else UNIT

    def start(self) -> None:
        """Have it started; returns at once, the door tells when it is up.

        Raises:
            LivedError: systemd refused, in systemd's words.
        """
        # --no-block: a unit of Type=notify is "started" only when sound flows
        self._order("start", "--no-block")

    def stop(self) -> None:
        """Have it stopped, and wait. Raises LivedError as ``start``."""
        # a target is "stopped" while its units still stop
        self._order("stop", *([PARTS] if self.split else []))

    def restart(self) -> None:
        """Have it stopped and started. Raises LivedError as ``start``."""
        self._order("restart", "--no-block")

    def failure(self) -> str:
        """Why it is not coming up, in one sentence; empty while it is."""
        wanted = "ActiveState,Result,ExecMainStatus,StatusText"
        shown = _systemctl(self.user, "show", "-p", wanted, PARTS if self.split else UNIT).stdout
        units = (dict(line.split("=", 1) for line in each.splitlines() if "=" in line) for each in shown.split("\n\n"))
        facts = next((facts for facts in units if facts.get("ActiveState") == "failed"), None)
        if facts is None:
            return ""
        code = facts.get("ExecMainStatus", "?")
        # the daemon's last sentence, which systemd keeps
        reason = f"{facts['StatusText'].rstrip('.')}; {self.journal} says more." if facts.get("StatusText") else ""
        return f"The service failed ({facts.get('Result')}, exit code {code}): {reason or f'{self.journal} says why.'}"

    @property
    def words(self) -> str:
        """For sentences."""
        if self.split:
            return "the units of the system"
        return "the service of a user" if self.user else "the service of the system"

    def warning(self, linger: Path = LINGER) -> str:
        """What its owner should know, in a sentence; empty when nothing."""
        name = getpass.getuser() if self.user else ""
        if not name or (linger / name).exists():
            return ""
        return f"This service ends when {name} logs out: 'loginctl enable-linger' keeps it."

    @property
    def journal(self) -> str:
        """The command that shows its log."""
        return f"'journalctl {'--user ' if self.user else ''}-u {'lived-* ' if self.split else 'lived '}-n 20'"

    def _order(self, verb: str, *options: str) -> None:
        done = _systemctl(self.user, verb, *options, self.unit)
        if done.returncode:
            said = next((line for line in done.stderr.splitlines() if line.strip()), f"exit code {done.returncode}")
            raise LivedError(f"systemctl {verb} lived: {said.rstrip('.')}. Use sudo, or see 'systemctl status lived'.")


def installed(booted: Path = BOOTED) -> Service | None:
    """The unit; None when there is none or no systemd. An enabled one comes first (a package brings both, and one of
    them is meant), then this user's before the machine's."""
    if not booted.is_dir():
        return None
    loaded = []
    for service in (Service(user=True), Service(user=False), Service(user=False, split=True)):
        wanted = ("show", "-p", "LoadState,UnitFileState", "--value", service.unit)
        try:
            shown = _systemctl(service.user, *wanted).stdout.split()
        except FileNotFoundError:
            return None
        if "loaded" in shown:
            loaded.append((service, "enabled" in shown))
    return next((service for service, enabled in loaded if enabled), loaded[0][0] if loaded else None)


def running_as(pid: int, proc: Path = Path("/proc")) -> Service | None:
    """The unit that the process belongs to; None when it was started otherwise."""
    try:
        groups = (proc / str(pid) / "cgroup").read_text()
    except OSError:
        return None
    units = groups.replace("\n", "/").split("/")
    if BROKER in units:
        return Service(user=False, split=True)
    return Service(user="user@" in groups) if UNIT in units else None


def _systemctl(user: bool, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command: Sequence[str] = ["systemctl", *(["--user"] if user else []), "--no-pager", *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise LivedError(
            f"systemctl {arguments[0]} lived takes longer than {_PATIENCE_S:.0f} s: see 'systemctl status lived'."
        ) from None
