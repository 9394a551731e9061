"""The daemon, its service, and what an old one has left behind."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lived.cli.doctor.finding import Finding, failure, ok, skipped, warning


class Unit(NamedTuple):
    """lived.service, or lived.target in its place, as one manager knows it."""

    loaded: bool
    enabled: bool
    state: str
    """ActiveState of systemd."""
    restarts: int = 0
    name: str = "lived"
    """For systemctl."""

    @property
    def on(self) -> bool:
        """Whether it runs, or will with the machine."""
        return self.loaded and (self.enabled or self.state == "active")


class Orphan(NamedTuple):
    """A worker whose daemon is gone."""

    pid: int
    name: str


MANY_RESTARTS = 5


def daemon(told: Mapping[str, Any] | None, deaf: str, place: str) -> Finding:
    """As it says itself; ``place``: its runtime directory."""
    if deaf:
        return failure("daemon", deaf, "livectl status")
    if told is None:
        return warning("daemon", "It does not run.", "livectl start")
    text = str(told["text"]).rstrip(".")
    if told["state"] == "degraded":
        return failure("daemon", f"It runs in {place}, but: {text}.", "livectl status")
    return ok("daemon", f"It runs in {place} and is {told['state']}: {text}.")


def scope(system: Unit | None, user: Unit | None, serving: bool, split: Unit | None = None) -> Finding:
    """``serving``: this user has a sound server; ``split``: a unit for each worker. None = no such manager."""
    if system is None and user is None:
        return skipped("service", "No systemd here.")
    if split is not None and split.on:
        if system is not None and system.on:
            text = "Both lived.service and lived.target are on: they fight for one card."
            return failure("service", text, "sudo systemctl disable --now lived.service")
        system = split
    units = {"system": system, "user": user}
    there = {name: unit for name, unit in units.items() if unit is not None and unit.loaded}
    if not there:
        return ok("service", "Not installed as a service: 'livectl install-service' does that.")
    if len([unit for unit in there.values() if unit.on]) > 1:
        remedy = (
            f"sudo systemctl disable --now {there['system'].name}"
            if serving
            else "systemctl --user disable --now lived"
        )
        return failure(
            "service", "Both the service of the system and the user's are on: they fight for one card.", remedy
        )
    shown = [(name, unit) for name, unit in there.items() if unit.state == "active"] or list(there.items())
    return _unit(*shown[0])


def _unit(name: str, unit: Unit) -> Finding:
    manager = "systemctl --user" if name == "user" else "systemctl"
    if unit.state == "failed":
        return failure(
            "service", f"The service of the {name} has failed: its log says why.", f"{manager} status {unit.name}"
        )
    if unit.restarts >= MANY_RESTARTS:
        text = f"systemd had to start the service of the {name} anew {unit.restarts} times."
        return warning("service", text, f"{manager} status {unit.name}")
    if not unit.enabled:
        remedy = f"{'' if name == 'user' else 'sudo '}{manager} enable --now {unit.name}"
        return warning("service", f"The service of the {name} does not start by itself.", remedy)
    return ok("service", f"The service of the {name} is {unit.state}.")


def linger(user: str, installed: bool, lingers: bool) -> Finding:
    """Without it a user's service ends with the user's last session."""
    if not installed:
        return skipped("linger", "Only a service of the user needs it.")
    if lingers:
        return ok("linger", f"Services of {user} run without anybody logged in.")
    text = f"The service of {user} ends when {user} logs out, and does not start with the machine."
    return warning("linger", text, f"sudo loginctl enable-linger {user}")


def leftovers(stale: Sequence[str], answering: Sequence[str], orphans: Sequence[Orphan]) -> list[Finding]:
    """``stale``: runtime directories with sockets where nobody answers; ``answering``: those where somebody does."""
    found = []
    if orphans:
        names = ", ".join(f"{one.name} ({one.pid})" for one in orphans)
        text = f"Workers without a daemon are still there and may hold the card: {names}."
        found.append(failure("leftovers", text, f"kill {' '.join(str(one.pid) for one in orphans)}"))
    if len(answering) > 1:
        text = f"Two daemons run, in {' and '.join(answering)}: they fight for one card."
        found.append(failure("leftovers", text, f"livectl --runtime-dir {answering[-1]} stop --daemon"))
    if stale:
        text = f"{stale[0]} has sockets of a daemon that was killed; the next one there replaces them."
        found.append(warning("leftovers", text, f"rm -r {stale[0]}"))
    return found or [ok("leftovers", "Nothing is left of an old instance.")]
