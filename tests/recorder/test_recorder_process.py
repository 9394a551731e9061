"""The recorder as a process on real buses, with a numbered microphone."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

from fakes.bus import BusFixture
from fakes.microphone import Microphone
from lived.config import Config, Record
from lived.units import MIC_RATE, Turn
from lived.wire.events import Ready, RecordingState, Said, Unready
from lived.wire.orders import Converse, Stop
from lived_workers.simulator.marks import runs

pytestmark = pytest.mark.processes

RECORDER = "lived_workers.recorder"


@pytest.fixture
def bus() -> Iterator[BusFixture]:
    """Both buses."""
    with BusFixture() as bus:
        yield bus


def config(folder: Path, **record: object) -> Config:
    """Records the microphone into this folder."""
    options = {"streams": ("mic",), "format": "wav"} | record
    return Config(record=Record(directory=str(folder), **options))  # type: ignore[arg-type]


def recordings(folder: Path, kind: str = "wav") -> list[Path]:
    """In the order of their names."""
    return sorted(folder.glob(f"*.{kind}"))


def seconds_in(path: Path) -> float:
    """As a reader sees it, while it is being written."""
    try:
        return float(soundfile.info(path).duration)
    except soundfile.SoundFileError:
        return 0.0  # in its first 0.2 s there is not one page, or not even a header


def await_sound(bus: BusFixture, folder: Path, seconds: float, kind: str = "wav", file: int = 0) -> None:
    """Until a reader finds so much sound in it."""

    def there() -> bool:
        found = recordings(folder, kind)
        return len(found) > file and seconds_in(found[file]) >= seconds

    bus.wait_for(there, f"{seconds} s in file {file} of {folder}")


def test_a_conversation_is_a_file(bus: BusFixture, tmp_path: Path) -> None:
    """Made when it begins, complete when it ends, the next one another; said on the bus; private."""
    folder = tmp_path / "recordings"
    worker = bus.start_worker(RECORDER, bus.launch("recorder", config(folder), conversing=False))
    bus.wait_event(RecordingState, on=False, text="not recording: no conversation")
    with Microphone(bus):
        bus.order("recorder", Converse(on=True))
        await_sound(bus, folder, 1.5)
        bus.say(Said(side="user", turn=Turn(1), text="Hello."))
        (path,) = recordings(folder)
        bus.wait_event(RecordingState, on=True, file=str(path))
        bus.wait_event(Ready, text=f"recording mic to {folder}")
        bus.order("recorder", Converse(on=False))
        bus.wait_for(lambda: '"end"' in path.with_suffix(".jsonl").read_text(), "the end")
        bus.order("recorder", Converse(on=True))
        await_sound(bus, folder, 0.5, file=1)
    bus.order("recorder", Stop())
    assert worker.wait(20) == 0
    sound, rate = soundfile.read(path, dtype="int16")
    (run,) = runs(sound.tobytes())
    assert rate == MIC_RATE
    assert run.frames >= 1.2 * MIC_RATE
    assert "<v user>Hello." in path.with_suffix(".vtt").read_text()
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o640}
    assert folder.stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("kind", ["wav", "flac", "opus"])
def test_sigkill_costs_less_than_a_second(bus: BusFixture, tmp_path: Path, kind: str) -> None:
    """What was written is readable by a reader that trusts the header; its successor overwrites nothing."""
    launch = bus.launch("recorder", config(tmp_path, format=kind))
    worker = bus.start_worker(RECORDER, launch)
    bus.wait_event(RecordingState)
    with Microphone(bus):
        await_sound(bus, tmp_path, 2.0, kind)
        (path,) = recordings(tmp_path, kind)
        began = json.loads(path.with_suffix(".jsonl").read_text().splitlines()[0])["monotonic"]
        killed = time.monotonic_ns()
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        sound, _ = soundfile.read(path, dtype="int16")
        assert (killed - began) / 1e9 - len(sound) / MIC_RATE < 1.0
        if kind != "opus":
            (run,) = runs(sound.tobytes())
            assert run.at + run.frames == len(sound), "whole to its end"
        bus.start_worker(RECORDER, launch)
        await_sound(bus, tmp_path, 0.5, kind, file=1)
        again, _ = soundfile.read(path, dtype="int16")
        assert again.tobytes() == sound.tobytes()


def test_a_disk_that_refuses_is_said(bus: BusFixture, tmp_path: Path) -> None:
    """A folder that cannot be made: unready, with the reason; when it can be, it records by itself."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    bus.start_worker(RECORDER, bus.launch("recorder", config(blocked / "recordings")))
    with Microphone(bus):
        bus.wait_event(Unready)
        (state,) = [e for e in bus.heard(RecordingState, on=False) if isinstance(e, RecordingState)][-1:]
        assert "cannot be written" in state.text
        blocked.unlink()
        await_sound(bus, blocked / "recordings", 0.3)
        bus.wait_event(RecordingState, on=True)


def test_old_recordings_go(bus: BusFixture, tmp_path: Path) -> None:
    """With what stands beside them; nobody else's file, however old."""
    old = [tmp_path / f"lived-2020-01-01T00-00-00-mic.{end}" for end in ("flac", "jsonl", "vtt")]
    others = [tmp_path / "holiday.flac", tmp_path / "lived-notes.txt"]
    for path in (*old, *others):
        path.write_bytes(b"x")
        os.utime(path, (0, 0))
    bus.start_worker(RECORDER, bus.launch("recorder", config(tmp_path, keep_days=1.0), conversing=False))
    bus.wait_for(lambda: not any(path.exists() for path in old), "the old one to go")
    assert all(path.exists() for path in others)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "lived-test", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_disk_that_is_full_stops_the_recording_and_nothing_else(bus: BusFixture, small_disk: Path) -> None:
    """Said once, readable up to there; when there is room again it goes on in a new file; the process lives."""
    worker = bus.start_worker(RECORDER, bus.launch("recorder", config(small_disk, keep_percent=95)))
    bus.wait_event(RecordingState)
    with Microphone(bus):
        await_sound(bus, small_disk, 1.0)
        ballast = small_disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(bytes(4_096)):
                pass
        unready = bus.wait_event(Unready)
        assert isinstance(unready, Unready)
        assert unready.text == f"The disk of {small_disk} is full: recording goes on when there is room again."
        (path,) = recordings(small_disk)
        (run,) = runs(soundfile.read(path, dtype="int16")[0].tobytes())
        assert run.frames >= MIC_RATE
        assert worker.poll() is None
        ballast.unlink()
        await_sound(bus, small_disk, 0.5, file=1)
    bus.order("recorder", Stop())
    assert worker.wait(20) == 0
