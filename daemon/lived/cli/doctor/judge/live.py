"""The Live API: is the key taken, does the model take this configuration."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from lived.cli.doctor.finding import Finding, failure, ok, skipped

_KEY_STATUS = (400, 401, 403)
_ANSWERED = ("closed", "http")
_REFUSAL = (1007, 1008)


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt at a session went, as ``lived_workers.gateway.handshake`` tells it."""

    cause: str = ""
    """"" = the session was set up."""
    code: int = 0
    """Close code or HTTP status."""
    reason: str = ""
    """The server's own words."""
    sentence: str = ""
    """For a person."""
    ms: int = 0


def about(facts: Handshake) -> Literal["", "key", "configuration", "way"]:
    """What was refused: nothing, the key, the model or settings, or it was not the server's opinion of us."""
    if not facts.cause:
        return ""
    if facts.cause in ("no key", "account", "token"):
        return "key"
    if facts.cause not in _ANSWERED:
        return "way"
    if (facts.cause == "http" and facts.code in _KEY_STATUS) or "api key" in facts.reason.lower():
        return "key"
    return "configuration" if facts.code in _REFUSAL or facts.code == 404 else "way"


def handshake(facts: Handshake, model: str) -> list[Finding]:
    """The key, then what it opens."""
    match about(facts):
        case "":
            text = f"{model} takes this configuration: a session was set up in {facts.ms} ms."
            return [ok("key", "The server takes it."), ok("session", text)]
        case "key":
            return [
                failure("key", facts.sentence, "livectl models"),
                skipped("session", "The key has to be accepted first."),
            ]
        case "configuration":
            return [ok("key", "The server takes it."), failure("session", facts.sentence, "livectl models")]
        case _:
            return [skipped("key", "The server was not asked."), failure("session", facts.sentence, "livectl status")]


def of_the_daemon(session: Mapping[str, Any]) -> list[Finding]:
    """What the running daemon says of its own (docs/protocol.md, "The door")."""
    state, text = session.get("state", ""), str(session.get("text", "")).rstrip(".")
    if state == "open":
        return [ok("key", "The running daemon's is accepted."), ok("session", "The running daemon has one open.")]
    key = skipped("key", "The running daemon has one that is not told to this user.")
    if state in ("retrying", "failed"):
        return [key, failure("session", f"{text or 'The running daemon has none'}.", "livectl status")]
    return [key, skipped("session", f"The running daemon has none now ({text or state}).")]
