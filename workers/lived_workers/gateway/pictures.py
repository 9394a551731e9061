"""An image from its file, as camera and supervisor leave them in the runtime directory: looked at as any data from
outside is."""

from pathlib import Path

from lived_workers.gateway.messages import Picture

MOST_BYTES = 1_400_000
"""Base64 of it still fits into a message of 2 MB."""

_MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def read(path: Path, mime: str, keep: bool) -> Picture | None:
    """The image in ``path``; None when there is none of the formats that the server takes. ``mime`` "" = by its
    first bytes. ``keep`` as in ``Picture``."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError:
        return None
    found = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), "")
    if len(data) > MOST_BYTES or not found or mime not in ("", found):
        return None
    return Picture(data, found, keep)
