"""A camera, through the real linuxpy, with a kernel that is played."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from linuxpy.video import raw

from camera.test_jpeg import jpeg, without_tables
from fakes.v4l2 import FakeCamera, FakeCameras
from lived.errors import DeviceError
from lived_workers.camera.jpeg import Jpeg
from lived_workers.camera.v4l2 import FPS, WARM_UP, V4l2

SIZES = [(1920, 1080), (1280, 720), (640, 480), (320, 240)]


LENSES: list[V4l2] = []


@pytest.fixture
def cameras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCameras]:
    """A machine with nothing plugged in; what was opened is closed in the end."""
    yield FakeCameras(tmp_path, monkeypatch)
    while LENSES:
        LENSES.pop().close()


def lens(cameras: FakeCameras, wanted: str) -> V4l2:
    """What looks through them."""
    LENSES.append(V4l2(wanted, 640, 75, cameras.folder))
    return LENSES[-1]


def opened(cameras: FakeCameras, wanted: str) -> V4l2:
    """Open."""
    looking = lens(cameras, wanted)
    looking.open()
    return looking


def next_picture(looking: V4l2, camera: FakeCamera, data: bytes) -> Jpeg | None:
    """What is seen when the sensor has this, after the first dark ones."""
    for _ in range(WARM_UP + 1):
        assert camera.show(data)
        looking.poll()
    return looking.picture()


def refusal(looking: V4l2) -> str:
    """Why it cannot be opened."""
    with pytest.raises(DeviceError) as refused:
        looking.open()
    return str(refused.value)


def test_what_the_camera_compressed_goes_through_as_it_is(cameras: FakeCameras) -> None:
    """MJPEG before YUYV, the smallest size that is wide enough, a low speed; the bytes untouched."""
    camera = cameras.plug("video0", "HD Webcam", YUYV=SIZES, MJPG=SIZES)
    looking = opened(cameras, str(camera.path))
    assert camera.format == ("MJPG", 640, 480)
    assert camera.fps == FPS
    data = jpeg(640, 480)
    assert next_picture(looking, camera, data) == (data, 640, 480)
    assert looking.picture() is None, "one picture was shown twice"


def test_what_is_not_whole_is_made_whole(cameras: FakeCameras) -> None:
    """Without Huffman tables, or larger than wanted: decoded and written anew."""
    camera = cameras.plug("video0", "HD Webcam", MJPG=[(1280, 720)])
    looking = opened(cameras, str(camera.path))
    for data in (jpeg(1280, 720), without_tables(jpeg(1280, 720))):
        made = next_picture(looking, camera, data)
        assert made is not None
        assert (made.width, made.height) == (640, 360)


def test_raw_pictures_are_compressed(cameras: FakeCameras) -> None:
    """A camera that knows YUYV alone, with longer lines than its pictures need."""
    camera = cameras.plug("video0", "Old Webcam", YUYV=[(320, 240)])
    camera.stride = 704
    made = next_picture(opened(cameras, "old"), camera, bytes([200, 128]) * (352 * 240))
    assert made is not None
    assert (made.width, made.height) == (320, 240)


def test_the_newest_picture_is_shown(cameras: FakeCameras) -> None:
    """What waited in a buffer is passed over; both buffers are free again."""
    camera = cameras.plug("video0", "HD Webcam", MJPG=[(640, 480)])
    looking = opened(cameras, "webcam")
    next_picture(looking, camera, jpeg(640, 480))
    newest = jpeg(640, 480, quality=30)
    assert camera.show(jpeg(640, 480))
    assert camera.show(newest)
    assert not camera.show(newest), "two buffers, and a third picture was taken"
    looking.poll()
    assert looking.picture() == (newest, 640, 480)
    assert camera.show(newest)


def test_damaged_pictures_are_passed_over(cameras: FakeCameras) -> None:
    """Said by the driver, empty, or found out when it is decoded: counted, and the next one counts."""
    camera = cameras.plug("video0", "HD Webcam", MJPG=[(640, 480)])
    looking = opened(cameras, "webcam")
    good = jpeg(640, 480)
    next_picture(looking, camera, good)
    for data, flags in ((good, raw.BufferFlag.ERROR), (b"", 0), (good[:5000], 0), (b"garbage", 0)):
        camera.show(data, flags)
        looking.poll()
        assert looking.picture() is None or data == good[:5000]
    assert looking.skipped >= 3
    assert next_picture(looking, camera, good) == (good, 640, 480)


def test_a_camera_is_found_by_a_part_of_its_name(cameras: FakeCameras) -> None:
    """In any case of letters; what takes no pictures (metadata of the same camera) is not it."""
    cameras.plug("video0", "Some Scanner", MJPG=[(640, 480)])
    cameras.plug("video1", "HD Webcam").captures = False
    camera = cameras.plug("video10", "HD Webcam", MJPG=[(640, 480)])
    assert opened(cameras, "hd WEB")._what == "HD Webcam, MJPEG 640 x 480"
    assert camera.streaming


def test_a_camera_that_is_not_there(cameras: FakeCameras) -> None:
    """By name or by file; the names that are there are told."""
    assert refusal(lens(cameras, "Web")) == "No camera matches 'Web': plug it in, or correct camera.device."
    cameras.plug("video0", "Some Scanner", MJPG=[(640, 480)])
    assert "(there is: Some Scanner)" in refusal(lens(cameras, "Web"))
    path = cameras.folder / "video7"
    assert refusal(lens(cameras, str(path))) == f"{path} is not there: plug it in, or correct camera.device."


@pytest.mark.parametrize("step", ["S_FMT", "REQBUFS", "STREAMON"])
def test_a_camera_that_is_busy(cameras: FakeCameras, step: str) -> None:
    """Wherever the driver says so; nothing of it is held afterwards, and later it opens."""
    camera = cameras.plug("video0", "HD Webcam", MJPG=[(640, 480)])
    camera.broken[step] = errno.EBUSY
    looking = lens(cameras, str(camera.path))
    assert refusal(looking) == f"{camera.path} is used by another program: end that one."
    camera.broken.clear()
    looking.open()
    assert camera.streaming


def test_a_camera_that_lived_cannot_use(cameras: FakeCameras) -> None:
    """Other formats, no pictures at all, not a camera."""
    bayer = cameras.plug("video0", "Sensor", BA81=[(640, 480)])
    assert "lived takes MJPEG, JPEG and YUYV" in refusal(lens(cameras, str(bayer.path)))
    metadata = cameras.plug("video1", "HD Webcam")
    metadata.captures = False
    assert "takes no pictures" in refusal(lens(cameras, str(metadata.path)))
    plain = cameras.folder / "video2"
    plain.write_bytes(b"")
    assert refusal(lens(cameras, str(plain))) == f"{plain} is no camera: correct camera.device."


def test_a_camera_that_keeps_its_own_speed(cameras: FakeCameras) -> None:
    """Not every camera can be slowed down."""
    camera = cameras.plug("video0", "HD Webcam", MJPG=[(640, 480)])
    camera.broken["S_PARM"] = errno.EINVAL
    opened(cameras, "webcam")
    assert camera.streaming


def test_unplugged_and_back(cameras: FakeCameras) -> None:
    """Said at the next poll; closing what is gone does no harm; by name it is found at another file."""
    camera = cameras.plug("video0", "HD Webcam", MJPG=[(640, 480)])
    looking = opened(cameras, "webcam")
    camera.unplug()
    looking.poll()
    assert looking.ended == "HD Webcam, MJPEG 640 x 480 is gone: plug it in again."
    looking.close()
    assert "No camera matches" in refusal(looking)

    again = cameras.plug("video3", "HD Webcam", MJPG=[(640, 480)])
    looking.open()
    assert looking.ended == ""
    assert next_picture(looking, again, jpeg(640, 480)) is not None
