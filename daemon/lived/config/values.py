"""One value: from text, checked against its option, and shown to a person. Pure."""

import json
import math
import re
import tomllib
from pathlib import Path
from typing import Any, cast

import msgspec

from lived.config.schema import Option, Value

SHOWN_CHARACTERS = 60
"""A value in a sentence is cut to this length."""

DEEPEST = 32
"""Levels of a JSON Schema. A line of dots makes thousands."""

_MARKS = {"sound": "file:", "folder": "folder:"}

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LIKE_A_KEY = re.compile(r"AIza[\w-]{10}|\bAQ\.[\w-]{10}|auth_tokens/|://[^/\s]*@|[?&](key|access_token)=")
"""API keys, ephemeral tokens, and passwords in addresses: a person may paste one in the wrong place."""


class WrongValueError(ValueError):
    """A value does not fit its option. ``expected`` completes "expected …"; the value itself is not in it."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


def from_text(option: Option, text: str) -> object:
    """What ``text`` (environment, --set) stands for: a TOML value, or else the plain string.

    For a string option only a quoted TOML string counts as TOML, so that ``1`` or ``true`` stay strings.
    """
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    value: object = parsed["value"]
    if len(parsed) != 1 or (option.base is str and not isinstance(value, str)):
        return text
    return value


def checked(option: Option, value: object) -> Value:
    """``value`` in the type of ``option`` (a whole number becomes a float, "" None, where one is wanted).

    Raises WrongValueError.
    """
    if option.optional and value == "":
        return None
    try:
        right = cast("Value", msgspec.convert(value, option.type))
    except (msgspec.ValidationError, OverflowError):
        raise WrongValueError(_expected(option, value)) from None
    if isinstance(right, dict) and not is_json(right):
        raise WrongValueError(f"{option.expected}, at most {DEEPEST} deep")
    texts = right if isinstance(right, tuple) else (right,)
    if any(isinstance(text, str) and unprintable(text, lines=option.lines) for text in texts):
        raise WrongValueError(f"{option.expected} without control characters")
    return right


def is_json(value: object, depth: int = DEEPEST) -> bool:
    """Whether JSON can carry ``value``: no dates, no huge or infinite numbers, not nested without end."""
    match value:
        case dict() | list() if depth:
            inner = value.values() if isinstance(value, dict) else value
            return all(is_json(item, depth - 1) for item in inner)
        case str() | bool():
            return True
        case int():
            return value.bit_length() < 64
        case float():
            return math.isfinite(value)
    return False


def unprintable(text: str, *, lines: bool) -> bool:
    """Whether ``text`` holds control characters or is not Unicode; ``lines`` allows line breaks and tabs."""
    return bool((_CONTROL_BUT_LINES if lines else _CONTROL).search(text))


def absolute(option: Option, value: Value, folder: Path, home: str | None) -> Value:
    """``value`` with its path, if it holds one, made absolute: ``~/`` from ``home``, the rest from ``folder``."""
    if option.path == "command" and isinstance(value, tuple) and value and "/" in value[0]:
        return (_absolute(value[0], folder, home), *value[1:])
    if option.path == "path" and isinstance(value, tuple):
        return tuple(_absolute(path, folder, home) for path in value)
    if not option.path or not isinstance(value, str):
        return value
    mark = _MARKS.get(option.path, "")
    path = value.removeprefix(mark)
    if not path or not value.startswith(mark):
        return value
    return f"{mark}{_absolute(path, folder, home)}"


def _absolute(path: str, folder: Path, home: str | None) -> str:
    return str(Path(home) / path[2:] if path.startswith("~/") and home else folder / path)


def shown(value: object) -> str:
    """``value`` as in a TOML file, on one line, cut when long, hidden when it looks like a secret."""
    match value:
        case str():
            return _shown_text(value)
        case bool() | float() | None:
            return toml(value)
        case int():
            # str() of an int of thousands of digits raises
            return str(value) if value.bit_length() <= 64 else "a huge number"
        case tuple():
            return f"[{', '.join(shown(item) for item in value)}]"
        case dict() | list():
            return "a table" if isinstance(value, dict) else "a list"
        case _:
            return "a date or time"


def toml(value: Value) -> str:
    """``value`` as TOML that reads back to the same value."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return f"[{', '.join(toml(item) for item in value)}]"
    if isinstance(value, dict):
        inner = ", ".join(f"{_toml_key(name)} = {toml(item)}" for name, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return '""' if value is None else repr(value)


def _toml_key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else toml(name)


def _shown_text(text: str) -> str:
    if _LIKE_A_KEY.search(text):
        return "(hidden: it looks like a secret)"
    cut = text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
    return json.dumps(cut, ensure_ascii=not cut.isprintable())


def _expected(option: Option, value: Any) -> str:
    if isinstance(value, str) and option.base == tuple[str, ...]:
        return f'{option.expected}, such as ["a", "b"]'
    if isinstance(value, str) and option.base in (int, float, bool):
        return f"{option.expected}, without quotes"
    if option.choices and isinstance(value, str):
        import difflib

        close = difflib.get_close_matches(value.lower(), [c for c in option.choices if c], n=1)
        return option.expected + (f'; did you mean "{close[0]}"?' if close else "")
    return option.expected
