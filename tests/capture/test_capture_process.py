"""Capture as a process on real buses, with a file in the microphone's place."""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.bus import BusFixture, stopped
from fakes.sound import is_run, numbered, samples_of, write_wav
from lived.config import Audio, Config
from lived.units import Ns
from lived.wire import FLAG_MUTED, Chunk
from lived.wire.chunk import Stream
from lived.wire.events import Heartbeat, Hello, Ready
from lived.wire.orders import Again, Converse, Mute, Stop

pytestmark = pytest.mark.processes

CAPTURE = "lived_workers.capture"


@pytest.fixture
def bus() -> Iterator[BusFixture]:
    """Both buses."""
    with BusFixture() as bus:
        yield bus


@pytest.fixture
def talk(tmp_path: Path) -> Config:
    """A minute of numbered samples in the microphone's place."""
    path = write_wav(tmp_path / "talk.wav", numbered(0, 960_000))
    return Config(audio=Audio(input=f"file:{path}"))


def mic(bus: BusFixture) -> list[Chunk]:
    """What was published and repeated so far, in the order of positions."""
    found = {c.position: c for c in list(bus.chunks) if c.stream is Stream.MIC}
    return [found[position] for position in sorted(found)]


def sound(chunks: list[Chunk]) -> tuple[int, ...]:
    """Their samples."""
    return samples_of(b"".join(c.pcm for c in chunks))


def test_a_file_is_heard_in_real_time_bit_for_bit(bus: BusFixture, talk: Config) -> None:
    """Contiguous chunks of 10 ms at the pace of the clock, from where a microphone would be by now."""
    launch = bus.launch("capture", talk)
    worker = bus.start_worker(CAPTURE, launch)
    bus.wait_for(lambda: len(mic(bus)) > 200, "two seconds of sound")
    bus.order("capture", Stop())

    assert worker.wait(10) == 0
    chunks = mic(bus)
    assert is_run(sound(chunks))
    assert all(b.position == a.end for a, b in itertools.pairwise(chunks))
    assert all(b.time - a.time == 10_000_000 for a, b in itertools.pairwise(chunks))
    first = sound(chunks)[0] - 1
    assert abs(chunks[0].time - launch.origin - first * 1_000_000_000 // 16_000) < 1_000_000
    assert bus.heard(Ready, worker="capture")


def test_memory(bus: BusFixture, talk: Config) -> None:
    """No numpy, no asyncio, no sounddevice for a 16 kHz file: under 20 MB of its own."""
    worker = bus.start_worker(CAPTURE, bus.launch("capture", talk))
    bus.wait_event(Ready)

    maps = Path(f"/proc/{worker.pid}/maps").read_text()
    rollup = Path(f"/proc/{worker.pid}/smaps_rollup").read_text()
    pss = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    assert "numpy" not in maps
    assert "portaudio" not in maps
    assert "_asyncio" not in maps
    assert pss < 20_000


def test_what_was_missed_is_repeated(bus: BusFixture, talk: Config) -> None:
    """Sound from before anybody listened is repeated on request, each frame as it was."""
    bus.start_worker(CAPTURE, bus.launch("capture", talk))
    bus.wait_for(lambda: len(mic(bus)) > 50, "sound")
    live = mic(bus)
    bus.chunks.clear()

    bus.order("capture", Again(stream="mic", epoch=live[0].epoch, position=live[0].position))

    bus.wait_for(lambda: mic(bus) and mic(bus)[0].position == live[0].position, "the repetition")
    bus.wait_for(lambda: is_run(sound(mic(bus))) and len(mic(bus)) > len(live), "all of it")
    assert mic(bus)[: len(live)] == live


def test_a_muted_microphone_says_nothing(bus: BusFixture, talk: Config) -> None:
    """While muted nothing is published nor repeated, later neither; afterwards the gap says that it was intended."""
    bus.start_worker(CAPTURE, bus.launch("capture", talk))
    bus.wait_for(lambda: len(mic(bus)) > 20, "sound")
    bus.order("capture", Mute(on=True))
    bus.wait_for(lambda: time.monotonic_ns() - mic(bus)[-1].time > 300_000_000, "silence")
    last = mic(bus)[-1]
    bus.order("capture", Mute(on=False))
    bus.wait_for(lambda: mic(bus)[-1].position > last.end + 1_600, "sound again")
    bus.order("capture", Again(stream="mic", epoch=last.epoch, position=last.position))
    bus.wait_for(lambda: len([c for c in bus.chunks if c.position == last.position]) > 1, "the repetition")

    after = next(c for c in mic(bus) if c.position > last.position)
    assert after.flags == FLAG_MUTED
    assert after.position - last.end > 4_000
    assert not any(last.end <= c.position < after.position for c in list(bus.chunks))
    skipped = sound([after])[0] - sound([last])[-1] - 1
    assert skipped == after.position - last.end  # positions went on with the file


def test_the_file_begins_with_the_conversation(bus: BusFixture, talk: Config) -> None:
    """Not conversing: nothing is heard. The file begins when it is ordered to, and anew with the next conversation."""
    bus.start_worker(CAPTURE, bus.launch("capture", talk, conversing=False, origin=Ns(1)))
    bus.wait_event(Hello)
    bus.wait_event(Heartbeat)
    assert not mic(bus)

    bus.order("capture", Converse(on=True))
    bus.wait_for(lambda: len(mic(bus)) > 10, "sound")
    assert sound(mic(bus))[0] == 1
    bus.order("capture", Converse(on=False))
    bus.wait_for(lambda: time.monotonic_ns() - mic(bus)[-1].time > 200_000_000, "silence")
    last = mic(bus)[-1]
    bus.order("capture", Converse(on=True))
    bus.wait_for(lambda: mic(bus)[-1].position > last.position, "sound again")

    again = next(c for c in mic(bus) if c.position > last.position)
    assert again.flags == FLAG_MUTED
    assert sound([again])[0] == 1
    passed = (again.position - last.position) * 1_000_000_000 // 16_000
    assert abs(again.time - last.time - passed) < 1_000_000


def test_killed_reader_goes_on_where_a_microphone_would(bus: BusFixture, talk: Config) -> None:
    """SIGKILL and a new process: the file has gone on meanwhile, also when it began with a later conversation."""
    launch = bus.launch("capture", talk, conversing=False, origin=Ns(1))
    worker = bus.start_worker(CAPTURE, launch)
    bus.wait_event(Hello)
    bus.order("capture", Converse(on=True))
    bus.wait_for(lambda: len(mic(bus)) > 30, "sound")
    worker.kill()
    worker.wait()
    before = mic(bus)[-1]
    bus.chunks.clear()
    bus.start_worker(CAPTURE, bus.launch("capture", talk, conversing=True, origin=Ns(1)))
    bus.wait_for(lambda: len(mic(bus)) > 5, "sound again")

    after = mic(bus)[0]
    assert after.epoch > before.epoch
    frames = sound([after])[0] - sound([before])[0]
    assert abs(after.time - before.time - frames * 1_000_000_000 // 16_000) < 2_000_000


def test_a_frozen_process_loses_nothing(bus: BusFixture, talk: Config) -> None:
    """Stopped for a second: what the file said meanwhile is caught up, contiguous."""
    worker = bus.start_worker(CAPTURE, bus.launch("capture", talk))
    bus.wait_for(lambda: len(mic(bus)) > 20, "sound")
    with stopped(worker):
        time.sleep(1.0)  # the length of the standstill, not a hope
    bus.wait_for(lambda: len(mic(bus)) > 150, "the rest")

    assert is_run(sound(mic(bus)))


@pytest.mark.parametrize(("name", "content"), [("none.wav", None), ("a.wav", b"no wav")])
def test_wrong_file_is_refused(bus: BusFixture, tmp_path: Path, name: str, content: bytes | None) -> None:
    """A missing or wrong file ends the worker with exit code 66: no restart will help."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    config = Config(audio=Audio(input=f"file:{tmp_path / name}"))

    assert bus.start_worker(CAPTURE, bus.launch("capture", config)).wait(10) == 66


def test_null_is_silence(bus: BusFixture) -> None:
    """``null`` hears digital silence, in real time."""
    bus.start_worker(CAPTURE, bus.launch("capture", Config(audio=Audio(input="null"))))
    bus.wait_for(lambda: len(mic(bus)) > 20, "sound")

    assert not any(sound(mic(bus)))
