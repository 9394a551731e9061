"""What the doctor says: a level, one sentence, and the command that mends it. Pure."""

from enum import StrEnum

import msgspec


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, or may work, but not as well as it could."""
    FAILURE = "failure"
    """There is no conversation until this is mended."""
    SKIPPED = "skipped"
    """Not looked at; the sentence says why."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    check: str
    level: Level
    text: str
    """One sentence."""
    remedy: str = ""
    """A command, where one mends it."""


def ok(check: str, text: str) -> Finding:
    """All is well."""
    return Finding(check, Level.OK, text)


def warning(check: str, text: str, remedy: str = "") -> Finding:
    """Worth mending."""
    return Finding(check, Level.WARNING, text, remedy)


def failure(check: str, text: str, remedy: str = "") -> Finding:
    """Has to be mended."""
    return Finding(check, Level.FAILURE, text, remedy)


def skipped(check: str, text: str) -> Finding:
    """Not looked at."""
    return Finding(check, Level.SKIPPED, text)
