"""The camera as a process on real buses, with a folder in the camera's place."""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image as Picture

from fakes.bus import BusFixture
from lived.config import Camera, Config
from lived.wire.events import Image, Ready, SessionState, Speech, Unready
from lived.wire.orders import Converse, Stop, Watch
from lived_workers.camera.jpeg import whole

pytestmark = pytest.mark.processes

CAMERA = "lived_workers.camera"
OPEN, LOST = SessionState(state="open"), SessionState(state="retrying")


@pytest.fixture
def bus() -> Iterator[BusFixture]:
    """Both buses."""
    with BusFixture() as bus:
        yield bus


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two of them, known by their widths."""
    for name, width in (("a.png", 1000), ("b.png", 320)):
        Picture.new("RGB", (width, 200), "red").save(tmp_path / name)
    return tmp_path


def config(folder: Path, **camera: object) -> Config:
    """With this folder for a camera."""
    return Config(camera=Camera(device=f"folder:{folder}", **camera))  # type: ignore[arg-type]


def images(bus: BusFixture) -> list[Image]:
    """Those that were announced."""
    return [e for e in bus.heard(Image) if isinstance(e, Image)]


def await_images(bus: BusFixture, count: int) -> None:
    """So many were announced, over all."""
    bus.wait_for(lambda: len(images(bus)) >= count, f"image {count}")


def test_pictures_at_most_once_a_second(bus: BusFixture, pictures: Path) -> None:
    """Whole JPEGs, scaled, one after the other; for this user alone; gone when the conversation is over."""
    worker = bus.start_worker(CAMERA, bus.launch("camera", config(pictures, when="conversation")))
    await_images(bus, 3)
    found = images(bus)
    assert [image.width for image in found[:3]] == [768, 320, 768]
    assert all(b.time - a.time >= 1_000_000_000 for a, b in itertools.pairwise(found))
    path = Path(found[-1].path)
    assert path == bus.directory / "inner" / "images" / "camera.jpg"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    picture = whole(path.read_bytes())
    assert picture is not None
    assert picture.width in (768, 320)

    bus.order("camera", Converse(on=False))
    bus.wait_event(Ready, worker="camera", text="no conversation")
    assert not path.exists()
    bus.order("camera", Stop())
    assert worker.wait(10) == 0


def test_it_looks_while_somebody_speaks(bus: BusFixture, pictures: Path) -> None:
    """Not before; and never without a session, whoever orders it."""
    bus.start_worker(CAMERA, bus.launch("camera", config(pictures)))
    bus.wait_event(Ready, worker="camera", text="looks when somebody speaks")
    assert not images(bus)
    bus.say(Speech(on=True, source="server"))
    await_images(bus, 1)
    bus.say(LOST)
    bus.wait_event(Ready, worker="camera", text="no session")
    seen = len(images(bus))
    bus.order("camera", Watch(on=True))
    time.sleep(1.5)  # nothing is what is waited for
    assert len(images(bus)) == seen

    bus.say(OPEN)
    await_images(bus, seen + 1)
    bus.order("camera", Watch(on=False))
    bus.wait_event(Ready, worker="camera", text="not looking")


def test_a_folder_that_comes_later(bus: BusFixture, tmp_path: Path) -> None:
    """Said, waited for, found; and again when it vanishes."""
    folder = tmp_path / "later"
    bus.start_worker(CAMERA, bus.launch("camera", config(folder, when="conversation")))
    waiting = bus.wait_event(Unready, worker="camera")
    assert isinstance(waiting, Unready)
    assert waiting.text.startswith(f"The folder {folder} cannot be read (No such file or directory). Trying again")
    folder.mkdir()
    Picture.new("RGB", (64, 48)).save(folder / "a.png")
    await_images(bus, 1)
    assert bus.heard(Ready, worker="camera", text=f"{folder}, 1 file")

    (folder / "a.png").unlink()
    bus.wait_for(lambda: any("no picture" in e.text for e in bus.heard(Unready) if isinstance(e, Unready)), "its loss")


def test_a_disk_that_is_full_is_said_and_survived(bus: BusFixture, pictures: Path) -> None:
    """No place for the picture: unready with the reason, ready again when there is."""
    place = bus.directory / "inner" / "images"
    place.mkdir()
    blocked = place / "camera.new"
    blocked.mkdir()
    (blocked / "x").touch()
    bus.start_worker(CAMERA, bus.launch("camera", config(pictures, when="conversation")))
    trouble = bus.wait_event(Unready, worker="camera")
    assert isinstance(trouble, Unready)
    assert trouble.text.startswith("Cannot write ")
    (blocked / "x").unlink()
    blocked.rmdir()
    await_images(bus, 1)


def test_memory(bus: BusFixture, pictures: Path) -> None:
    """No numpy, no asyncio, and small enough for a board of 512 MB."""
    worker = bus.start_worker(CAMERA, bus.launch("camera", config(pictures, when="conversation")))
    await_images(bus, 2)
    maps = Path(f"/proc/{worker.pid}/maps").read_text()
    rollup = Path(f"/proc/{worker.pid}/smaps_rollup").read_text()
    pss = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    assert "numpy" not in maps
    assert pss < 40_000, f"{pss} kB"
