"""Pictures made small, upright and anonymous."""

import io
import random

import pytest
from PIL import Image

from lived_workers.camera.jpeg import whole
from lived_workers.camera.photo import PhotoError, from_yuyv, shrunk


def file_of(image: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    """As a file."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """For a look."""
    return Image.open(io.BytesIO(data))


def test_large_pictures_shrink_and_small_ones_do_not_grow() -> None:
    """At most the wanted width, in proportion; what is told is what is in the file."""
    large = shrunk(file_of(Image.new("RGB", (4000, 3000), "red")), 768, 75)
    small = shrunk(file_of(Image.new("RGB", (100, 50), "red")), 768, 75)
    assert (large.width, large.height) == opened(large.data).size == (768, 576)
    assert (small.width, small.height) == (100, 50)
    assert whole(large.data) == large


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "1", "CMYK"])
@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_every_usual_file_becomes_a_jpeg(mode: str, form: str) -> None:
    """Whatever colours and format it has."""
    try:
        data = file_of(Image.new(mode, (80, 60)), form)
    except (OSError, ValueError):
        data = file_of(Image.new("RGB", (80, 60)), form)  # this format has no such colours
    assert opened(shrunk(data, 64, 75).data).size == (64, 48)


def test_pictures_stand_upright_and_tell_nothing() -> None:
    """EXIF: the orientation is obeyed, then all of it is gone, and so are comments."""
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held sideways
    exif[0x010F] = "Maker of cameras"
    data = file_of(Image.new("RGB", (400, 200)), exif=exif, comment=b"At home")
    made = shrunk(data, 768, 75)
    assert (made.width, made.height) == (200, 400)
    assert b"Maker" not in made.data
    assert b"At home" not in made.data
    assert not opened(made.data).getexif()


def test_a_raw_picture_has_the_cameras_colours() -> None:
    """YUYV: a red half and a blue half, with bytes at the end of each line that are no picture."""
    size, stride = (64, 32), 144
    halves = Image.new("RGB", size, "red")
    halves.paste("blue", (32, 0, 64, 32))
    light, blueness, redness = (channel.tobytes() for channel in halves.convert("YCbCr").split())
    raw = bytearray()
    for y in range(32):
        for x in range(0, 64, 2):
            at = y * 64 + x
            raw += bytes((light[at], blueness[at], light[at + 1], redness[at]))
        raw += bytes(stride - 128)

    made = from_yuyv(bytes(raw), size, stride, 768, 90)

    image = opened(made.data).convert("RGB")
    assert (made.width, made.height) == image.size == size
    red, blue = image.getpixel((8, 16)), image.getpixel((56, 16))
    assert isinstance(red, tuple)
    assert isinstance(blue, tuple)
    assert red[0] > 240
    assert red[2] < 20
    assert blue[2] > 240
    assert blue[0] < 20


def test_too_few_bytes() -> None:
    """A raw picture that was cut off is none."""
    with pytest.raises(PhotoError):
        from_yuyv(bytes(100), (64, 32), 128, 768, 75)


def test_damaged_files_are_one_kind_of_error() -> None:
    """Cut off, changed anywhere, or something else: a PhotoError or a picture, and nothing else."""
    chance = random.Random(1)  # noqa: S311 - repeatable
    noise = Image.effect_noise((64, 48), 50)
    for form in ("JPEG", "PNG", "GIF", "WEBP", "BMP"):
        good = file_of(noise, form)
        for _ in range(150):
            bad = bytearray(good[: chance.randrange(1, len(good) + 1)])
            for _ in range(chance.randrange(8)):
                bad[chance.randrange(len(bad))] = chance.randrange(256)
            try:
                assert shrunk(bytes(bad), 32, 75).width <= 32
            except PhotoError:
                continue
    for data in (b"", b"no picture", b"<svg/>", b"%PDF-1.4"):
        with pytest.raises(PhotoError):
            shrunk(data, 32, 75)


def test_absurd_sizes_are_refused_before_they_are_decoded() -> None:
    """A small file may claim to be a gigabyte of picture."""
    with pytest.raises(PhotoError, match=r"too many|DecompressionBomb"):
        shrunk(file_of(Image.new("1", (9000, 9000)), "PNG"), 768, 75)
