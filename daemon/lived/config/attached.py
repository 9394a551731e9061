"""Files that options name. Nothing that stands in a file of headers is ever told: sentences name file and line."""

import re
from pathlib import Path

from lived.errors import InputError

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x20-\x7e\t]*")


def headers(path: Path) -> dict[str, str]:
    """HTTP headers, one ``Name: value`` a line; empty lines and those that begin with # count for nothing.

    Raises InputError, which never tells what stands in the file.
    """
    try:
        text = path.read_text("latin-1")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); correct it.") from None
    found: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value.strip()):
            raise InputError(f'{path}, line {number}: this is no header; write "Name: value".')
        found[name] = value.strip()
    return found
