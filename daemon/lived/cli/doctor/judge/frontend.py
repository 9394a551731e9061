"""The front end: what it needs, and whether it does what it is there for."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lived.cli.doctor.finding import Finding, failure, ok, skipped, warning

CHECK = "front end"


class Need(NamedTuple):
    """A package that the configuration asks for."""

    package: str
    purpose: str
    """What is missing without it: "Echo is not cancelled"."""
    remedy: str
    """Command that installs it."""
    vital: bool = False
    """Whether nothing is sent to the model without it."""


def missing(absent: Sequence[Need]) -> list[Finding]:
    """One for each package that is not installed."""
    return [
        (failure if need.vital else warning)(CHECK, f"{need.purpose}: {need.package} is not installed.", need.remedy)
        for need in absent
    ]


def models(unreadable: Sequence[tuple[str, str]], vital: bool) -> list[Finding]:
    """Files of wake words with why each cannot be used; ``vital``: no other wake word is left in mode "wake"."""
    return [
        (failure if vital else warning)(
            CHECK, f"The wake model {file} cannot be used: {why}; correct frontend.wake.models.", "livectl config check"
        )
        for file, why in unreadable
    ]


def running(told: Mapping[str, Any]) -> list[Finding]:
    """What the running daemon says of its front end (docs/protocol.md, "The door")."""
    workers = {worker["name"]: worker for worker in told["workers"]}
    worker = workers.get("frontend")
    if worker is None:
        return [warning(CHECK, "The running daemon began without its front end.", "livectl restart")]
    text = str(worker.get("text", "")).rstrip(".")
    if worker["state"] != "running":
        why = text or f"it is {worker['state']}"
        return [warning(CHECK, f"The model hears the microphone itself ({why}).", "livectl restart frontend")]
    if not worker.get("ready") and told.get("conversing"):
        return [failure(CHECK, f"{text or 'It is not ready'}.", "livectl logs")]
    return [_half_duplex(worker.get("counters", {}), text), *_substituted(workers.get("gateway", {}))]


def _half_duplex(counters: Mapping[str, int], text: str) -> Finding:
    # asked for by frontend.echo it is no fault, and the worker gives no reason
    if counters.get("echo_half_duplex") and "cannot be cancelled" in text:
        told = f"echo reduced by {counters.get('echo_erle_db', 0)} dB, {counters.get('echo_jumps', 0)} jumps"
        return warning(CHECK, f"Nobody can speak over a reply: {text} ({told}).", "livectl volume 60")
    return ok(CHECK, f"{text or 'It runs'} (as the running daemon says).")


def _substituted(gateway: Mapping[str, Any]) -> list[Finding]:
    times = gateway.get("counters", {}).get("substituted", 0)
    if not times:
        return []
    text = f"It stayed away {times:,} times since the gateway began, and the model heard the microphone itself."
    return [warning(CHECK, text, "livectl logs")]


def off() -> Finding:
    """It is not asked for."""
    return skipped(CHECK, "It is off (frontend.enabled).")
