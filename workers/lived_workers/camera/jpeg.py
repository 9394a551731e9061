"""What a JPEG says of itself, read without decoding it. Pure."""

from typing import NamedTuple

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_DHT, _SOS = 0xC4, 0xDA
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length behind them: TEM, RST."""
_FRAME = frozenset({0xC0, 0xC1, 0xC2})
"""Start of a frame in the codings that everybody reads: baseline, extended, progressive."""


class Jpeg(NamedTuple):
    """A whole picture."""

    data: bytes
    width: int
    height: int


def whole(data: bytes) -> Jpeg | None:
    """``data`` as a picture that anybody can decode, what stands behind its end cut off; None when it is none.

    A camera's MJPEG often is none: it leaves out the Huffman tables (DHT), which MJPEG players know by heart and
    JPEG decoders need not.
    """
    end = data.rfind(_EOI)
    if not data.startswith(_SOI) or end < 0:
        return None
    size: tuple[int, int] | None = None
    tables = False
    at = 2
    while at + 4 <= end and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker in _ALONE:
            at += 2
            continue
        if marker == _SOS:
            return Jpeg(data[: end + 2], *size) if tables and size and all(size) else None
        if marker in _FRAME and at + 9 <= end:
            size = int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        tables = tables or marker == _DHT
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return None
