"""Names of the recorder's files: local wall time, so that they sort as they were made. Pure."""

import re
from collections.abc import Iterator
from datetime import datetime

EXTENSIONS = ("wav", "flac", "opus")
BESIDE = ("jsonl", "vtt")
"""Files that stand beside a recording and share its stem."""

_OWN = re.compile(
    r"(?P<stem>lived-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-(?:mic|voice|model|speaker|stereo)(?:-\d+)?)"
    r"\.(?:wav|flac|opus|jsonl|vtt)"
)
_MOST = 10_000


def stem_of(name: str) -> str | None:
    """The stem of a file that a recorder made; None for anybody else's, which nobody here may delete."""
    own = _OWN.fullmatch(name)
    return own["stem"] if own else None


def timed(wall: datetime, stream: str) -> str:
    """The stem of a recording that begins at ``wall`` (local)."""
    return f"lived-{wall:%Y-%m-%dT%H-%M-%S}-{stream}"


def numbered(stem: str, number: int = 1) -> Iterator[str]:
    """``stem`` (unless ``number`` is greater than 1), then ``stem-2``, ``stem-3`` ...: one of them is free."""
    for n in range(number, _MOST):
        yield stem if n == 1 else f"{stem}-{n}"
