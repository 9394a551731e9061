"""An image's header tells what it is; anything else tells nothing, and harms nobody."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived.images import Look, look


def png(width: int, height: int) -> bytes:
    """The beginning of a PNG."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


def jpeg(width: int, height: int, before: bytes = b"\xff\xe0\x00\x04ab") -> bytes:
    """The beginning of a JPEG, with another segment before its size."""
    return b"\xff\xd8" + before + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", height, width) + bytes(12)


@pytest.mark.parametrize("before", [b"\xff\xe0\x00\x04ab", b"\xff\xff\xfe\x00\x02", b"\xff\x01\xff\xdb\x00\x02"])
def test_jpeg(before: bytes) -> None:
    """Whatever stands before the size: other segments, padding, markers alone."""
    assert look(jpeg(768, 432, before)) == Look("image/jpeg", 768, 432)


def test_png() -> None:
    """Its first chunk says it."""
    assert look(png(3, 4)) == Look("image/png", 3, 4)


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", jpeg(0, 9), png(0, 1), jpeg(9, 9)[:10], png(9, 9)[:20], b"\xff\xd8\xff\xe0\x00\x00" * 9]
)
def test_what_is_none(data: bytes) -> None:
    """Other formats, sizes of nothing, headers that are broken off."""
    assert look(data) is None


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_any_bytes(data: bytes, begin: bytes) -> None:
    """Nothing raises, and nothing goes on for ever."""
    found = look(begin + data)
    assert found is None or (found.width > 0 and found.height > 0)
