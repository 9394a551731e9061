"""What an image says of itself, read from its header without decoding it: JPEG and PNG, as the Live API takes. Pure."""

from typing import NamedTuple

MOST_BYTES = 1_400_000
"""Of one image: in base64 it still fits into a message of 2 MB, at the door and on the network."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_SIZES = frozenset([*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)])
"""Segments of a JPEG that say how large it is (start of frame)."""
_ALONE = frozenset([0x01, *range(0xD0, 0xD9)])
"""Markers without a length behind them."""


class Look(NamedTuple):
    """What it is."""

    mime: str
    """image/jpeg or image/png."""
    width: int
    height: int


def look(data: bytes) -> Look | None:
    """What ``data`` is; None when it is neither, or its header is broken off."""
    if data.startswith(_PNG):
        if len(data) < 24 or data[12:16] != b"IHDR":
            return None
        found = Look("image/png", int.from_bytes(data[16:20]), int.from_bytes(data[20:24]))
    elif data.startswith(_JPEG):
        found = Look("image/jpeg", *_jpeg_size(data))
    else:
        return None
    return found if found.width and found.height else None


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """(width, height), (0, 0) when there is none."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if kind in _SIZES:
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        if kind == 0xFF:  # padding
            at += 1
        elif kind in _ALONE:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return 0, 0
