"""The one door to Pillow: pictures made small, upright and anonymous.

What leaves here has no metadata: a photograph's place and time are nobody's business.
"""

import io
import struct
import zlib

from PIL import Image, ImageOps

from lived.errors import LivedError
from lived_workers.camera.jpeg import Jpeg

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
"""What a folder may hold; Pillow's other decoders are never asked."""

MOST_PIXELS = 64_000_000
"""Of one picture, 192 MB decoded: the largest of today's telephones; JPEGs are decoded smaller at once."""

_ANY_HEIGHT = 65_500
"""Longest side of a JPEG, less a little."""

# all that Pillow's decoders raise for bytes that they cannot read
_UNREADABLE = (OSError, SyntaxError, ValueError, LookupError, TypeError, EOFError, OverflowError, struct.error,
               zlib.error, Image.DecompressionBombError)  # fmt: skip


class PhotoError(LivedError):
    """Bytes that are no picture, a broken or an absurdly large one."""


def shrunk(data: bytes, width: int, quality: int) -> Jpeg:
    """The picture in the file ``data``, upright, at most ``width`` pixels wide, with ``quality`` in percent.

    Raises:
        PhotoError: it cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise PhotoError(f"it has {image.width} x {image.height} pixels, too many")
            image.draft("RGB", (width, width))  # a JPEG is decoded at a half, a quarter ... of its size
            return _encoded(ImageOps.exif_transpose(image), width, quality)
    except _UNREADABLE as error:
        raise PhotoError(f"it cannot be decoded ({type(error).__name__})") from error


def from_yuyv(data: bytes, size: tuple[int, int], stride: int, width: int, quality: int) -> Jpeg:
    """A raw picture of a camera (YUYV 4:2:2, ``size`` in pixels, ``stride`` bytes a line), as ``shrunk``.

    Raises:
        PhotoError: too few bytes.
    """
    columns, rows = stride // 2, size[1]
    raw = data[: stride * rows]
    if len(raw) < stride * rows or columns < size[0]:
        raise PhotoError(f"it has {len(data)} bytes of {stride * rows}")
    light = Image.frombytes("L", (columns, rows), raw[0::2])
    colours = [Image.frombytes("L", (columns // 2, rows), raw[first::4]).resize((columns, rows)) for first in (1, 3)]
    image = Image.merge("YCbCr", (light, *colours)).crop((0, 0, *size))
    return _encoded(image, width, quality)


def _encoded(image: Image.Image, width: int, quality: int) -> Jpeg:
    image.thumbnail((width, _ANY_HEIGHT))
    if image.mode not in ("RGB", "L", "YCbCr"):
        image = image.convert("RGB")
    image.info.clear()  # comments would be written
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Jpeg(out.getvalue(), image.width, image.height)
