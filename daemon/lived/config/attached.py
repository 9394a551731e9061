"""Files that options name: their form, looked at before anything starts, and how workers read them.

Nothing that stands in a file of headers or credentials is ever told: sentences name the file and the line.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from lived.config import files
from lived.config.options import Config
from lived.config.schema import table_values, values
from lived.config.sources import Source
from lived.config.values import unprintable
from lived.errors import InputError

HISTORY_BYTES = 1024 * 1024
"""Longest history that is read; a tenth of it is the most that is ever told to the model."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x20-\x7e\t]*")
_OURS = ("host", "connection", "upgrade", "content-length", "transfer-encoding")
"""Headers that belong to the connection itself, besides those that begin with ``sec-websocket-``."""

_ACCOUNTS = ("service_account", "authorized_user", "external_account", "impersonated_service_account")


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of ``live.history_file``."""

    side: Literal["user", "model"]
    text: str


def check(config: Config, sources: Mapping[str, Source]) -> None:
    """Look at every file that ``config`` names and that has to be there by now.

    A client of the daemon does not call this: it may not be allowed to read them. Raises InputError, which
    names the option, what set it, and the file.
    """
    for key, value in (values(config) | table_values(config)).items():
        table, bracket, _ = key.partition("]")
        option = re.sub(r"\[\d+\]", "", key)
        if not value or option not in _FORMS:
            continue
        try:
            _FORMS[option](Path(str(value)))
        except InputError as error:
            raise InputError(f"{sources[table + bracket]}: {option}: {error}") from None


def headers(path: Path) -> dict[str, str]:
    """HTTP headers, one ``Name: value`` a line; empty lines and those that begin with # count for nothing.

    Raises InputError, which never tells what stands in the file.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(files.read_text(path).replace("\r\n", "\n").split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise InputError(f'{path}, line {number}: this is no header; write "Name: value".')
        if name.lower() in _OURS or name.lower().startswith("sec-websocket-"):
            raise InputError(f"{path}, line {number}: this header belongs to the connection itself; remove it.")
        if name.lower() in {known.lower() for known in found}:
            raise InputError(f"{path}, line {number}: this header stands there twice; keep one.")
        found[name] = value.strip()
    return found


def history(path: Path) -> list[Line]:
    """What was said before a conversation began, the oldest first. Raises InputError."""
    found: list[Line] = []
    for number, line in enumerate(files.read_text(path, HISTORY_BYTES).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            said = msgspec.json.decode(line, type=Line)
        except msgspec.MsgspecError:
            said = None
        if said is None or not said.text.strip() or unprintable(said.text, lines=True):
            wanted = '{"side": "user" or "model", "text": "..."}'
            raise InputError(f"{path}, line {number}: this is nothing that was said; write {wanted}.")
        found.append(said)
    return found


def account(path: Path) -> dict[str, Any]:
    """The credentials of Vertex AI. Raises InputError, which never tells what stands in the file."""
    try:
        found = msgspec.json.decode(files.read_text(path), type=dict[str, Any])
    except msgspec.MsgspecError:
        found = {}
    if found.get("type") not in _ACCOUNTS:
        raise InputError(f"{path} is no credentials file of Google Cloud; download one as JSON.")
    return found


_FORMS: Mapping[str, Callable[[Path], object]] = {
    "live.headers_file": headers,
    "live.history_file": history,
    "live.credentials_file": account,
    "mcp.headers_file": headers,
}
"""By option. ``live.token_file`` is not here: it may come later."""
