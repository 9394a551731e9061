"""The camera's process: looks while somebody wants it, writes one file, says that it did."""

import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from lived.bus import Endpoints
from lived.clock import monotonic_ns
from lived.device import Back, Keeper, State
from lived.errors import ConfigError
from lived.units import SECOND, Ns
from lived.wire.events import Image, SessionState, Speech
from lived.wire.orders import Converse, Watch
from lived.worker import Harness, Launch
from lived_workers.camera.interest import Interest
from lived_workers.camera.jpeg import Jpeg

TICK_MS = 200
"""Five times a second: as often as the camera is asked for a picture (v4l2.FPS), so that the newest is new."""

STALL = Ns(5 * SECOND)
"""Longest standstill of an open camera. Some take seconds over one picture in the dark."""

log = logging.getLogger("lived.camera")


class Lens(Back, Protocol):
    """A device that takes pictures; ``frames`` counts them, used or not."""

    skipped: int
    """Pictures, or files, that could not be used, since the process began."""

    def poll(self) -> None:
        """Take up what the device has. Never waits; sets ``ended`` when the device is gone. Only while open."""

    def picture(self) -> Jpeg | None:
        """The newest one, each once; None when there is none, or when ``ended`` says why there will be none."""


class Camera:
    """The worker."""

    def __init__(self, launch: Launch, lens: Lens) -> None:
        config = launch.config.camera
        handlers: dict[Any, Callable[[Any], None]] = {
            Converse: lambda order: self._interest.converse(order.on),
            Watch: lambda order: self._interest.watch(order.on),
            SessionState: lambda event: self._interest.session(event.state == "open"),
            Speech: lambda event: self._interest.speech(event.on, monotonic_ns()),
        }
        self._harness = Harness(launch, handlers)
        self._lens = lens
        self._keeper = Keeper(lens, STALL, self._harness.ready, self._harness.unready, moves="picture")
        self._interest = Interest(config.when, launch.conversing)
        self._every = Ns(int(SECOND / config.fps))
        self._due = Ns(0)
        self._path = Endpoints(Path(launch.runtime_dir)).inner / "images" / "camera.jpg"

    def run(self) -> None:
        """Until told to stop."""
        self._harness.hello()
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        self._harness.serve({}, self._tick, TICK_MS)
        self._keeper.want(False)
        self._forget()
        self._harness.close()

    def _tick(self, now: Ns) -> None:
        wanted = self._interest.wanted(now)
        if wanted != (self._keeper.state is not State.CLOSED):
            self._keeper.want(wanted)
            if not wanted:
                self._forget()
        if self._keeper.is_open:
            self._lens.poll()
        self._keeper.tick(now)
        if self._keeper.state is State.FLOWING and now >= self._due:
            self._look(now)
        elif not wanted:
            self._harness.ready(self._interest.in_words())
        self._harness.counters["skipped"] = self._lens.skipped
        self._harness.counters["opened"] = self._keeper.opened

    def _look(self, now: Ns) -> None:
        picture = self._lens.picture()
        if picture is None:
            return
        self._due = Ns(now + self._every)
        try:
            self._write(picture.data)
        except OSError as error:
            self._lens.trouble = f"Cannot write {self._path} ({error.strerror}): make room there."
            return
        self._lens.trouble = ""
        self._harness.counters["images"] += 1
        self._harness.publish(
            Image(path=str(self._path), source="camera", width=picture.width, height=picture.height, time=now)
        )

    def _write(self, data: bytes) -> None:
        """As a whole or not at all, for this user alone."""
        scratch = self._path.with_suffix(".new")
        scratch.unlink(missing_ok=True)
        fd = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
        scratch.replace(self._path)

    def _forget(self) -> None:
        """Nobody looks any more: the last picture is nobody's."""
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()


def lens_for(launch: Launch) -> Lens:
    """The device that the configuration names.

    Raises:
        ConfigError: what it needs is not installed.
    """
    camera = launch.config.camera
    try:
        if camera.device.startswith("folder:"):
            from lived_workers.camera.folder import Folder

            return Folder(Path(camera.device.removeprefix("folder:")), camera.width, camera.quality)
        from lived_workers.camera.v4l2 import V4l2

        return V4l2(camera.device, camera.width, camera.quality)
    except ImportError as error:
        raise ConfigError(
            f"A camera needs {error.name}, which is not installed: pip install 'lived[camera]', or empty camera.device."
        ) from None


def host(launch: Launch) -> None:
    """The worker's main (``lived.worker.run``)."""
    Camera(launch, lens_for(launch)).run()
