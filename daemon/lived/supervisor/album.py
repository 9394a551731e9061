"""Images that somebody shows the model (livectl show): from the door into files that only the daemon's user reads."""

import base64
import binascii
import contextlib
import os
from pathlib import Path
from typing import NamedTuple

from lived.images import MOST_BYTES, look
from lived.supervisor.desk import RefusalError

KEPT = 4
"""Files: the gateway reads one within milliseconds; 4 * 1.4 MB = 5.6 MB of the runtime directory at most."""


class Shown(NamedTuple):
    """An image, checked and written."""

    path: Path
    mime: str
    width: int
    height: int


class Album:
    """One daemon's."""

    def __init__(self, inner: Path) -> None:
        self._directory = inner / "images"
        self._count = 0

    def add(self, mime: str, data: str) -> Shown:
        """Keep the image in ``data`` (base64).

        Raises:
            RefusalError: it is none that the Live API takes, or it cannot be kept; ``code`` says which.
        """
        content = _decoded(data)
        found = look(content)
        if found is None:
            raise RefusalError("bad_request", "That is neither a JPEG nor a PNG: convert it first.")
        if mime != found.mime:
            raise RefusalError("bad_request", f"That is {found.mime}, not {mime[:40]!r}.")
        self._count += 1
        path = self._directory / f"shown-{self._count % KEPT}.{found.mime.removeprefix('image/')}"
        try:
            _write(path, content)
        except OSError as error:
            raise RefusalError("failed", f"Cannot keep the image in {path} ({error.strerror}): make room.") from error
        return Shown(path, *found)


def _decoded(data: str) -> bytes:
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise RefusalError("bad_request", "show needs 'data': the image in base64.") from None
    if not content or len(content) > MOST_BYTES:
        raise RefusalError(
            "bad_request", f"An image has 1 to {MOST_BYTES:,} bytes, not {len(content):,}: scale it down."
        )
    return content


def _write(path: Path, content: bytes) -> None:
    """As a whole: the gateway may be reading the one before."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    for other in path.parent.glob(f"{path.stem}.*"):  # the same place in the album, another format
        with contextlib.suppress(FileNotFoundError):
            other.unlink()
    scratch = path.with_suffix(".new")
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    scratch.replace(path)
