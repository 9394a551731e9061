"""The one door to linuxpy: a camera that speaks V4L2 (USB cameras do; the ribbon cables of a Raspberry Pi do not).

The camera streams all the time it is open, into two buffers, and what it has is taken up at every ``poll``: a
picture that waited for its turn in a buffer would be an old one. Nothing here waits.
"""

import contextlib
import errno
import logging
from collections.abc import Callable
from pathlib import Path

from linuxpy.video.device import (
    BufferFlag,
    BufferType,
    Capability,
    Device,
    Frame,
    FrameSizeType,
    PixelFormat,
    V4L2Error,
    VideoCapture,
    iter_video_capture_files,
)

from lived.errors import DeviceError
from lived_workers.camera.jpeg import Jpeg, whole
from lived_workers.camera.photo import PhotoError, from_yuyv, shrunk

FORMATS = (PixelFormat.MJPEG, PixelFormat.JPEG, PixelFormat.YUYV)
"""The best first: what the camera has compressed itself costs nothing here."""

BUFFERS = 2
"""One is filled while the other is read: at FPS that is 400 ms of pictures, taken up five times a second."""

FPS = 5
"""Asked of the camera, so that it does not fill the USB with thirty pictures a second of which one is used."""

WARM_UP = 3
"""First pictures of a camera that has just been opened are dark, or green: they are not shown to anybody."""

_WORDS = {
    errno.EBUSY: "is used by another program: end that one",
    errno.EACCES: "may not be opened: add this user to the group video",
    errno.EPERM: "may not be opened: add this user to the group video",
    errno.ENOENT: "is not there: plug it in, or correct camera.device",
    errno.ENODEV: "is gone: plug it in again",
    errno.ENXIO: "is gone: plug it in again",
    errno.ENOSPC: "gets no room on its USB: plug it in elsewhere, or other devices out",
    errno.ENOTTY: "is no camera: correct camera.device",
}

log = logging.getLogger("lived.camera")


class V4l2:
    """A ``Lens`` (see worker.py) that looks through a camera."""

    def __init__(self, wanted: str, width: int, quality: int, folder: Path = Path("/dev")) -> None:
        """``wanted``: a device file, or a part of a camera's name, sought among the device files in ``folder``."""
        self._wanted, self._width, self._quality, self._folder = wanted, width, quality, folder
        self._device: Device | None = None
        self._capture: VideoCapture | None = None
        self._newest: Frame | None = None
        self._what = ""
        self.frames = 0
        self.ended = ""
        self.trouble = ""
        self.skipped = 0
        """Pictures that arrived damaged."""

    def open(self) -> str:
        """Find the camera and let it stream. Raises DeviceError."""
        self.frames, self.ended, self._newest = 0, "", None
        path = Path(self._wanted) if self._wanted.startswith("/") else self._find()
        try:
            self._device = Device(path)
            self._device.open()
            return self._stream(self._device)
        except (OSError, V4L2Error, ValueError) as error:
            self.close()
            raise DeviceError(_sentence(str(path), error)) from None
        except DeviceError:
            self.close()
            raise

    def close(self) -> None:
        """Let go; a camera that is gone complains about it, which helps nobody."""
        for half in (self._capture, self._device):
            if half is not None:
                try:
                    half.close()
                except (OSError, ValueError) as error:
                    log.debug("closing %s: %s", self._wanted, error)
        self._device = self._capture = self._newest = None

    def poll(self) -> None:
        """Take up what the camera has; the newest picture stays. Never waits."""
        assert self._capture is not None  # noqa: S101  (the keeper polls what it opened)
        for _ in range(BUFFERS):
            try:
                frame = self._capture.buffer.raw_read()
            except BlockingIOError:
                return
            except OSError as error:
                self.ended = _sentence(self._what, error)
                return
            self.frames += 1
            if BufferFlag.ERROR in frame.flags or not frame.data:
                self.skipped += 1
            elif self.frames > WARM_UP:
                self._newest = frame

    def picture(self) -> Jpeg | None:
        """What the camera sees now, once; None when there is nothing new."""
        frame, self._newest = self._newest, None
        if frame is None:
            return None
        try:
            return self._as_jpeg(frame)
        except PhotoError as error:
            self.skipped += 1
            log.debug("a picture of %s is passed over: %s", self._what, error)
        return None

    def _as_jpeg(self, frame: Frame) -> Jpeg:
        size = frame.width, frame.height
        if frame.pixel_format is PixelFormat.YUYV:
            return from_yuyv(frame.data, size, frame.format.bytes_per_line, self._width, self._quality)
        ready = whole(frame.data)
        if ready is not None and ready.width <= self._width:
            return ready
        return shrunk(frame.data, self._width, self._quality)

    def _find(self) -> Path:
        """The first camera whose name has the wanted part. Raises DeviceError."""
        names = []
        for path in sorted(self._cameras(), key=lambda path: (len(path.name), path.name)):
            # one that vanishes, or that may not be opened, is not the one that is sought now
            with contextlib.suppress(OSError, ValueError), Device(path) as device:
                name = device.info.card
                if self._wanted.casefold() in name.casefold():
                    return path
                names.append(name)
        others = f" (there is: {', '.join(names)})" if names else ""
        raise DeviceError(f"No camera matches '{self._wanted}'{others}: plug it in, or correct camera.device.")

    def _cameras(self) -> list[Path]:
        try:
            return list(iter_video_capture_files(self._folder))
        except OSError as error:  # one vanished while it was looked at
            raise DeviceError(f"The cameras cannot be listed ({error.strerror}).") from None

    def _stream(self, device: Device) -> str:
        able = device.info.device_capabilities
        if Capability.VIDEO_CAPTURE not in able or Capability.STREAMING not in able:
            raise DeviceError(f"{device.filename} takes no pictures: choose another camera.device.")
        chosen = _choose_format(device)
        capture = VideoCapture(device, size=BUFFERS)
        capture.set_format(*_choose_size(device, chosen, self._width), pixel_format=_fourcc(chosen))
        _ask(lambda: capture.set_fps(FPS))
        capture.open()
        self._capture = capture
        got = capture.get_format()
        self._what = f"{device.info.card}, {got.pixel_format.name} {got.width} x {got.height}"
        if got.pixel_format is not chosen:
            raise DeviceError(f"{device.info.card} does not keep to the format that was asked of it.")
        return self._what


def _choose_format(device: Device) -> PixelFormat:
    offered = [known.pixel_format for known in device.info.buffer_formats(BufferType.VIDEO_CAPTURE)]
    for wanted in FORMATS:
        if wanted in offered:
            return wanted
    names = ", ".join(one.name for one in offered) or "nothing that is known"
    raise DeviceError(f"{device.info.card} gives {names}: lived takes MJPEG, JPEG and YUYV.")


def _choose_size(device: Device, chosen: PixelFormat, width: int) -> tuple[int, int]:
    """The smallest size that is wide enough, else the largest."""
    sizes = [
        (size.info.width, size.info.height)
        for size in device.info.format_frame_sizes(chosen)
        if size.type is FrameSizeType.DISCRETE
    ]
    if not sizes:  # any size will do, or the camera does not tell: it takes the nearest that it has
        return width, width * 3 // 4
    return min((size for size in sizes if size[0] >= width), default=max(sizes))


def _ask(what: Callable[[], object]) -> None:
    """Something that not every camera can."""
    try:
        what()
    except OSError as error:
        log.debug("the camera keeps its own speed: %s", error)


def _fourcc(chosen: PixelFormat) -> str:
    return int(chosen).to_bytes(4, "little").decode("ascii")


def _sentence(what: str, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in _WORDS:
        return f"{what} {_WORDS[error.errno]}."
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{what} does not work ({why}): try another camera."
