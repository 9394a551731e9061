"""An image from its file, as camera and supervisor leave them in the runtime directory: looked at as any data from
outside is."""

from pathlib import Path

from lived.images import MOST_BYTES, look
from lived_workers.gateway.messages import Picture


def read(path: Path, mime: str, keep: bool) -> Picture | None:
    """The image in ``path``; None when there is none of the formats that the server takes. ``mime`` "" = by its
    first bytes. ``keep`` as in ``Picture``."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError:
        return None
    found = look(data)
    if len(data) > MOST_BYTES or found is None or mime not in ("", found.mime):
        return None
    return Picture(data, found.mime, keep)
