"""How one option is described: what the structs beside this file are written in."""

from typing import Any, Literal

from msgspec import Meta

INSTRUCTION_BYTES = 64 * 1024
"""Longest system instruction, UTF-8 bytes: about 16,000 tokens, an eighth of the model's window."""

NAME_CHARACTERS = 256
"""Longest device, voice or model name that is taken seriously."""

PATH_CHARACTERS = 4096
"""PATH_MAX of Linux, with the ``file:`` in front."""


def option(
    text: str,
    *,
    unit: str = "",
    ge: float | None = None,
    le: float | None = None,
    pattern: str | None = None,
    max_length: int | None = None,
    expected: str = "",
    path: Literal["", "path", "sound", "folder", "command"] = "",
    lines: bool = False,
) -> Meta:
    """Describe one option.

    ``text`` is its help, one line. ``expected`` replaces the generated "what was expected" where the type
    alone does not tell. ``path`` says that the value (``sound``: what follows ``file:``; ``folder``: what follows
    ``folder:``; ``command``: its first word, if there is a slash in it) is a path, made absolute on loading.
    ``lines`` allows line breaks and tabs in a string.
    """
    extra = {"unit": unit, "expected": expected, "path": path, "lines": lines}
    # Meta's stub knows numbers or strings, not "whichever was given"
    given: dict[str, Any] = {"ge": ge, "le": le, "pattern": pattern, "max_length": max_length}
    return Meta(**given, description=text, extra=extra)
