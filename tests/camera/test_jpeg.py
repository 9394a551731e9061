"""What a JPEG says of itself."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lived_workers.camera.jpeg import whole


def jpeg(width: int = 64, height: int = 48, **options: object) -> bytes:
    """A picture as Pillow writes it."""
    out = io.BytesIO()
    Image.effect_noise((width, height), 50).save(out, "JPEG", **options)
    return out.getvalue()


def without_tables(data: bytes) -> bytes:
    """As many cameras send it: MJPEG without Huffman tables."""
    out, at = bytearray(data[:2]), 2
    while data[at + 1] != 0xDA:
        length = 2 + int.from_bytes(data[at + 2 : at + 4])
        if data[at + 1] != 0xC4:
            out += data[at : at + length]
        at += length
    return bytes(out + data[at:])


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 95}])
def test_a_picture_is_measured(options: dict[str, object]) -> None:
    """Size from the header; the data as it is, in every usual coding."""
    data = jpeg(640, 360, **options)
    assert whole(data) == (data, 640, 360)


def test_what_stands_behind_the_end_is_cut_off() -> None:
    """Drivers hand over whole buffers."""
    data = jpeg()
    assert whole(data + bytes(4096)) == (data, 64, 48)


def test_a_picture_without_huffman_tables_is_none() -> None:
    """Players of MJPEG know the tables, decoders of JPEG need not."""
    assert whole(without_tables(jpeg())) is None


def test_half_a_picture_is_none() -> None:
    """Cut off anywhere."""
    data = jpeg()
    assert all(whole(data[:length]) is None for length in range(len(data) - 1))


@given(st.binary(max_size=200), st.booleans())
def test_nothing_breaks_it(data: bytes, begins: bool) -> None:
    """Any bytes are a picture with a size, or none."""
    found = whole((b"\xff\xd8" if begins else b"") + data)
    assert found is None or (found.width > 0 and found.height > 0)
