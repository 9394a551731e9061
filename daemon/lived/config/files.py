"""The files: which ones there are, their text, and the line a key stands on."""

import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lived.credentials import CREDENTIAL
from lived.errors import ConfigError, InputError

FILE_NAME = "lived.toml"
FRAGMENTS = "conf.d"
SYSTEM_FILE = Path("/etc/lived") / FILE_NAME

FILE_BYTES = 64 * 1024
"""Longest file that is read. The example with every option is a tenth of it; a wrong path may lead to gigabytes."""

ATTEMPTS = 200
"""Parses spent on finding a line: at 1 ms for a usual file 0.2 s, and no file can make it hang."""

_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class Located(NamedTuple):
    """The files to read, in order, and the folder where relative paths in them start (the main file's)."""

    files: list[Path]
    folder: Path


def find(path: Path | None, environ: Mapping[str, str]) -> list[Path]:
    """Files that are read, in order: the main file, then ``conf.d/*.toml`` beside it, sorted by name.

    ``path`` (--config), else $LIVED_CONFIG, is taken even where it does not exist (reading it is then the
    error); else the first of the usual places that has a main file or fragments. Empty: defaults only.
    Raises InputError when ``conf.d`` cannot be listed.
    """
    return located(path, environ).files


def located(path: Path | None, environ: Mapping[str, str]) -> Located:
    """As ``find``, with the folder that relative paths start from."""
    named = path or (Path(environ["LIVED_CONFIG"]) if environ.get("LIVED_CONFIG") else None)
    if named is not None:
        return Located([named, *_fragments(named)], (here() / named).parent)
    for candidate in places(environ):
        found = [*([candidate] if is_there(candidate) else []), *_fragments(candidate)]
        if found:
            return Located(found, candidate.parent)
    return Located([], SYSTEM_FILE.parent)


def here() -> Path:
    """The current folder. Raises InputError when it has been removed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise InputError("The current folder does not exist any more; change to another one.") from None


def places(environ: Mapping[str, str]) -> list[Path]:
    """Where the main file is looked for when nobody names it."""
    home = environ.get("XDG_CONFIG_HOME") or (f"{environ['HOME']}/.config" if environ.get("HOME") else "")
    return [*([Path(home) / "lived" / FILE_NAME] if home.startswith("/") else []), SYSTEM_FILE]


def key_files(path: Path | None, environ: Mapping[str, str]) -> list[Path]:
    """Where a person's API key may be: beside the main file, the one that ``path`` (--config) or $LIVED_CONFIG names,
    then wherever it is looked for."""
    named = path or (Path(environ["LIVED_CONFIG"]) if environ.get("LIVED_CONFIG") else None)
    mains = [*([here() / named] if named else []), *places(environ)]
    return [main.with_name(CREDENTIAL) for main in mains]


def read_text(path: Path, limit: int = FILE_BYTES) -> str:
    """The text of a file, at most ``limit`` bytes of UTF-8. Raises InputError."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not path.samefile(os.devnull):
            # a FIFO or a terminal would block the start for ever
            kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
            raise InputError(f"{path} is {kind}; name a text file.")
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; create it or correct the path.") from None
    except PermissionError:
        raise InputError(f"{path} cannot be read (permission denied); let this user read it.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); correct the path or the file.") from None
    if len(data) > limit:
        raise InputError(f"{path} is longer than {limit // 1024} KiB; is it the right file?")
    return _decoded(path, data)


def parse(path: Path, text: str) -> dict[str, Any]:
    """``text`` as TOML. Raises ConfigError naming ``path`` and the line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = _LINE.sub("", str(error))
        found = _LINE.search(str(error))
        line = int(found[1]) if found and found[1] else len(text.splitlines()) or 1
    except (ValueError, RecursionError):
        # digits beyond Python's limit, brackets nested beyond its stack: no line is known
        raise ConfigError(f"{path}: this is not usable TOML (too long a number or too many brackets).") from None
    raise ConfigError(f"{path}, line {line}: this is not TOML ({reason}); correct that line.")


def line_of(text: str, key: Sequence[str | int]) -> int:
    """The line, counted from 1, where ``key`` is set or its section opened; 0 when that cannot be told.

    A number in ``key`` is an index into a list of tables. tomllib keeps no lines. So: the first line that mentions
    the key and makes it appear in what is parsed.
    """
    name = next(part for part in reversed(key) if isinstance(part, str))
    # as tomllib does, and not as str.splitlines(), which also breaks at form feeds and the like
    lines = text.replace("\r\n", "\n").split("\n")
    tries = iter(range(ATTEMPTS))
    for number, line in enumerate(lines, start=1):
        if name not in line.partition("#")[0]:
            continue
        before = _attempt(lines[: number - 1], tries)
        if before is None or _has(before, key):
            continue
        # the value may have several lines: the parse succeeds where it ends
        ends = range(number, len(lines) + 1)
        after = next((found for end in ends if (found := _attempt(lines[:end], tries)) is not None), None)
        if _has(after, key):
            return number
    return 0


def _attempt(lines: list[str], tries: Iterator[int]) -> dict[str, Any] | None:
    if next(tries, None) is None:
        return None
    try:
        return tomllib.loads("\n".join(lines))
    except ValueError:
        return None


def _has(table: Any, key: Sequence[str | int]) -> bool:
    for part in key:
        try:
            table = table[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _decoded(path: Path, data: bytes) -> str:
    try:
        # utf-8-sig: editors on Windows put a byte order mark in front
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path}, line {line}: this is not UTF-8 text; save the file as UTF-8.") from None


def _fragments(main: Path) -> list[Path]:
    folder = main.parent / FRAGMENTS
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        if not _may_enter(main.parent):
            return []
        raise InputError(f"{folder} cannot be listed ({error.strerror}); let this user read it.") from None
    return [folder / name for name in names if name.endswith(".toml") and not name.startswith(".")]


def is_there(path: Path) -> bool:
    """No also where this user may not look."""
    try:
        path.stat()
    except OSError:
        # also a home that this user may not enter (a service started with somebody else's $HOME): not there
        return False
    return True


def _may_enter(folder: Path) -> bool:
    return os.access(folder, os.X_OK)
