"""Cameras without a kernel: what answers linuxpy's ioctls is here, all of linuxpy above it is real.

Each camera is a file in a folder that stands for /dev; its buffers are that file's bytes, which linuxpy maps.
"""

import errno
import os
from collections import deque
from pathlib import Path
from typing import Any

import pytest
from linuxpy.video import raw

BUFFER_BYTES = 1 << 20
"""Of each buffer: a multiple of every page size."""


def _failed(number: int) -> OSError:
    return OSError(number, os.strerror(number))


class FakeCamera:
    """One camera, and what happens to it."""

    def __init__(self, path: Path, card: str, sizes: dict[str, list[tuple[int, int]]]) -> None:
        """``sizes``: by four-character code, in the camera's own order."""
        self.path, self.card, self.sizes = path, card, sizes
        path.write_bytes(bytes(4 * BUFFER_BYTES))
        self.captures = True
        self.stride = 0
        """Bytes a line; 0: as many as the picture needs."""
        self.broken: dict[str, int] = {}
        """Name of an ioctl and the errno that it fails with; "all" for every one."""
        self.format = ("", 0, 0)
        self.fps = 0.0
        self.streaming = False
        self._queued: deque[int] = deque()
        self._filled: deque[tuple[int, int, int]] = deque()

    def show(self, data: bytes, flags: int = 0) -> bool:
        """The sensor has a picture; False: it was lost, since no buffer was free."""
        if not (self.streaming and self._queued):
            return False
        index = self._queued.popleft()
        with self.path.open("r+b") as file:
            os.pwrite(file.fileno(), data, index * BUFFER_BYTES)
        self._filled.append((index, len(data), flags))
        return True

    @property
    def gone(self) -> Path:
        """Where its file is kept for those who hold it open."""
        return self.path.with_name(f"gone-{self.path.name}")

    def unplug(self) -> None:
        """Gone, also for who holds it open."""
        self.broken["all"] = errno.ENODEV
        self.path.rename(self.gone)

    def ioctl(self, name: str, arg: Any) -> None:
        """What the kernel does."""
        number = self.broken.get(name) or self.broken.get("all")
        if number:
            raise _failed(number)
        handler = getattr(self, f"_{name.lower()}", None)
        if handler is None:
            raise _failed(errno.ENOTTY)
        handler(arg)

    def _querycap(self, arg: Any) -> None:
        arg.card = self.card.encode()
        kind = raw.Capability.VIDEO_CAPTURE if self.captures else raw.Capability.META_CAPTURE
        arg.capabilities = arg.device_caps = kind | raw.Capability.STREAMING

    def _enum_fmt(self, arg: Any) -> None:
        codes = list(self.sizes)
        if arg.index >= len(codes):
            raise _failed(errno.EINVAL)
        arg.pixelformat = raw.v4l2_fourcc(*codes[arg.index])

    def _enum_framesizes(self, arg: Any) -> None:
        sizes = self.sizes[int(arg.pixel_format).to_bytes(4, "little").decode()]
        if arg.index >= len(sizes):
            raise _failed(errno.EINVAL)
        arg.type = raw.Frmsizetypes.DISCRETE
        arg.m1.discrete.width, arg.m1.discrete.height = sizes[arg.index]

    def _s_fmt(self, arg: Any) -> None:
        pix = arg.fmt.pix
        self.format = (int(pix.pixelformat).to_bytes(4, "little").decode(), pix.width, pix.height)

    def _g_fmt(self, arg: Any) -> None:
        pix = arg.fmt.pix
        pix.pixelformat = raw.v4l2_fourcc(*self.format[0])
        pix.width, pix.height = self.format[1:]
        pix.bytesperline = self.stride or 2 * pix.width
        pix.sizeimage = BUFFER_BYTES

    def _s_parm(self, arg: Any) -> None:
        time = arg.parm.capture.timeperframe
        self.fps = time.denominator / time.numerator

    def _reqbufs(self, _: Any) -> None:
        self._queued.clear()
        self._filled.clear()

    def _querybuf(self, arg: Any) -> None:
        arg.length, arg.m.offset = BUFFER_BYTES, arg.index * BUFFER_BYTES

    def _qbuf(self, arg: Any) -> None:
        self._queued.append(arg.index)

    def _dqbuf(self, arg: Any) -> None:
        if not self._filled:
            raise _failed(errno.EAGAIN)
        arg.index, arg.bytesused, arg.flags = self._filled.popleft()

    def _streamon(self, _: Any) -> None:
        self.streaming = True

    def _streamoff(self, _: Any) -> None:
        self.streaming = False


class FakeCameras:
    """All cameras of a machine; ``folder`` stands for /dev."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._cameras: list[FakeCamera] = []
        monkeypatch.setattr("linuxpy.device.is_device_file", lambda path: Path(path).exists())
        monkeypatch.setattr("linuxpy.ioctl.fcntl", self)

    def plug(self, name: str, card: str, **sizes: list[tuple[int, int]]) -> FakeCamera:
        """A camera at ``name``: ``plug("video0", "Webcam", MJPG=[(640, 480)])``."""
        camera = FakeCamera(self.folder / name, card, sizes)
        self._cameras.append(camera)
        return camera

    def ioctl(self, fd: Any, request: Any, arg: Any = 0) -> int:
        """In place of ``fcntl.ioctl``."""
        asked = os.fstat(fd if isinstance(fd, int) else fd.fileno())
        for camera in self._cameras:
            path = camera.path if camera.path.exists() else camera.gone
            if path.stat().st_ino == asked.st_ino:
                camera.ioctl(request.name, arg)
                return 0
        raise _failed(errno.ENOTTY)
