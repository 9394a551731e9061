"""Playback as a process on real buses, with a file in the loudspeaker's place."""

import itertools
import time
from pathlib import Path

import pytest

from fakes.bus import BusFixture
from fakes.model import FakeModel
from fakes.sound import is_run, numbered, read_wav, samples_of
from lived.config import Audio, Config
from lived.units import SECOND, Ns, Turn
from lived.wire.chunk import Stream
from lived.wire.events import Cut, CutDone, Ready, TurnHeard, TurnPlayed, Underrun
from lived.wire.orders import Converse, Duck, SetVolume, Stop
from playback.stage import BLOCK_NS, PLAYBACK, config, samples, speaker

pytestmark = pytest.mark.processes


def test_a_reply_is_played_as_it_came(bus: BusFixture, model: FakeModel, heard: Path) -> None:
    """What is handed over, published and written is what the model said; positions and times have no hole."""
    worker = bus.start_worker(PLAYBACK, bus.launch("playback", config(heard)))
    bus.wait_event(Ready)
    model.speak(1, 24_000)
    model.complete(1, 24_000)
    played = bus.wait_event(TurnPlayed)
    bus.catch_up(Stream.SPEAKER)
    bus.order("playback", Stop())

    assert worker.wait(10) == 0
    assert played == TurnPlayed(turn=Turn(1), frames=24_000)  # type: ignore[arg-type]
    chunks = speaker(bus)
    assert samples(chunks) == samples_of(numbered(0, 24_000)) == tuple(s for s in read_wav(heard) if s)
    assert all(b.position == a.end for a, b in itertools.pairwise(chunks))
    assert all(b.time - a.time == BLOCK_NS for a, b in itertools.pairwise(chunks))
    first = next(c for c in chunks if c.turn)
    began = bus.heard(TurnHeard)[0]
    assert isinstance(began, TurnHeard)
    assert began.time == first.time


@pytest.mark.parametrize("total", [0, 24_000, 960])
def test_the_end_of_a_turn_never_cuts_its_tail(bus: BusFixture, model: FakeModel, heard: Path, total: int) -> None:
    """turnComplete missing, before the first sound, or with a total that was too small: all of it is heard.

    An end that nobody announced looks like an underrun: its last 5 ms are a fade.
    """
    bus.start_worker(PLAYBACK, bus.launch("playback", config(heard)))
    bus.wait_event(Ready)
    if total:
        model.complete(1, total)
    model.speak(1, 24_000)
    bus.wait_for(lambda: len(samples(speaker(bus, 1))) >= 24_000, "the whole reply")

    fade = 0 if total else 120
    assert samples(speaker(bus, 1))[: 24_000 - fade] == samples_of(numbered(0, 24_000 - fade))


def test_cut_with_the_whole_reply_buffered(bus: BusFixture, model: FakeModel, heard: Path) -> None:
    """Silent within one block and the fade, of which the answer tells exactly; the next turn is heard whole."""
    bus.start_worker(PLAYBACK, bus.launch("playback", config(heard)))
    bus.wait_event(Ready)
    model.speak(1, 240_000)
    model.complete(1, 240_000)
    bus.wait_for(lambda: len(samples(speaker(bus, 1))) > 4_800, "the reply")
    ordered = model.cut(1)
    model.speak(2, 4_800)
    model.complete(2, 4_800)
    done = bus.wait_event(CutDone)
    bus.wait_event(TurnPlayed, turn=2)
    bus.catch_up(Stream.SPEAKER)

    assert isinstance(done, CutDone)
    assert (done.turn, done.heard_turn) == (1, 1)
    assert done.heard_frames == len(samples(speaker(bus, 1)))
    assert is_run(samples(speaker(bus, 1))[:-120])
    assert done.silent_at - ordered < 150_000_000  # a busy machine; the bench knows the real figure (p99 15 ms)
    assert samples(speaker(bus, 2)) == samples_of(numbered(240_000, 4_800))
    assert bus.heard(TurnPlayed, turn=1, cut=True, frames=done.heard_frames)


def test_cut_that_overtakes_the_sound(bus: BusFixture, model: FakeModel, heard: Path) -> None:
    """A cut that comes first silences the turn altogether; the next one is heard."""
    bus.start_worker(PLAYBACK, bus.launch("playback", config(heard)))
    bus.wait_event(Ready)
    model.cut(1)
    bus.wait_event(CutDone, turn=1, heard_turn=0)
    model.speak(1, 24_000)
    model.speak(2, 4_800)
    model.complete(2, 4_800)
    bus.wait_event(TurnPlayed, turn=2)
    bus.catch_up(Stream.SPEAKER)

    assert not speaker(bus, 1)
    assert samples(speaker(bus)) == samples_of(numbered(24_000, 4_800))


def test_underrun_is_told(bus: BusFixture, model: FakeModel, heard: Path) -> None:
    """A reply that stops in the middle: an underrun, silence, and the rest when it comes."""
    bus.start_worker(PLAYBACK, bus.launch("playback", config(heard, prebuffer_ms=20)))
    bus.wait_event(Ready)
    model.speak(1, 4_800)
    bus.wait_event(Underrun, turn=1)
    model.speak(1, 4_800)
    model.complete(1, 9_600)
    bus.wait_event(TurnPlayed, turn=1, frames=9_600)
    bus.catch_up(Stream.SPEAKER)

    silent = len(bus.heard(Underrun))  # the first frame of each fade in is 0
    assert len(samples(speaker(bus, 1))) >= 9_600 - silent


def test_volume(bus: BusFixture, model: FakeModel, heard: Path) -> None:
    """Half the volume is an eighth of the amplitude, and 0 is silence, in what is published too."""
    bus.start_worker(PLAYBACK, bus.launch("playback", config(heard), volume=50))
    bus.wait_event(Ready)
    model.speak(1, 24_000)
    bus.wait_for(lambda: len(speaker(bus, 1)) > 20, "sound")
    bus.order("playback", SetVolume(percent=0))
    bus.wait_for(lambda: not samples(speaker(bus, 1)[-5:]), "silence")

    block = samples_of(speaker(bus, 1)[10].pcm)
    original = samples_of(numbered(2_400, 240))
    assert max(abs(a - b / 8) for a, b in zip(block, original, strict=True)) <= 1


def test_a_reply_does_not_outlive_its_conversation(bus: BusFixture, model: FakeModel, heard: Path) -> None:
    """The end of the conversation fades out and closes; the next one begins in silence, with a gap in positions."""
    bus.start_worker(PLAYBACK, bus.launch("playback", config(heard)))
    bus.wait_event(Ready)
    model.speak(1, 240_000)
    bus.wait_for(lambda: len(samples(speaker(bus, 1))) > 4_800, "the reply")
    bus.order("playback", Converse(on=False))
    done = bus.wait_event(CutDone, turn=1)
    bus.wait_for(lambda: time.monotonic_ns() - speaker(bus)[-1].time > 200_000_000, "the device to close")
    last = speaker(bus)[-1]
    bus.order("playback", Converse(on=True))
    bus.wait_for(lambda: len(speaker(bus)) and speaker(bus)[-1].position > last.position, "sound again")

    assert isinstance(done, CutDone)
    assert done.heard_frames == len(samples(speaker(bus, 1)))
    after = next(c for c in speaker(bus) if c.position > last.position)
    passed = (after.position - last.position) * SECOND // 24_000
    assert abs(after.time - last.time - passed) < 1_000_000
    assert not samples(speaker(bus)[-1:])


def test_null_and_memory(bus: BusFixture, model: FakeModel) -> None:
    """``null`` plays in real time; without numpy, asyncio and sounddevice the process has under 20 MB of its own."""
    worker = bus.start_worker(PLAYBACK, bus.launch("playback", Config(audio=Audio(output="null"))))
    bus.wait_event(Ready)
    model.speak(1, 24_000)
    model.complete(1, 24_000)
    bus.wait_event(TurnPlayed)

    maps = Path(f"/proc/{worker.pid}/maps").read_text()
    rollup = Path(f"/proc/{worker.pid}/smaps_rollup").read_text()
    pss = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    assert not [name for name in ("numpy", "portaudio", "_asyncio") if name in maps]
    assert pss < 20_000


def test_repeated_cuts_are_answered_once(bus: BusFixture, model: FakeModel, heard: Path) -> None:
    """The same cut from two sides, and an older one: one answer."""
    bus.start_worker(PLAYBACK, bus.launch("playback", config(heard)))
    bus.wait_event(Ready)
    for turn in (3, 3, 2):
        model.cut(turn)
    model.cut(4)
    bus.wait_event(CutDone, turn=4)

    assert len(bus.heard(Cut)) == 4
    assert len(bus.heard(CutDone, turn=3)) <= 1
    assert not bus.heard(CutDone, turn=2)


def test_ducked_until_then_and_loud_again_by_itself(bus: BusFixture, model: FakeModel, heard: Path) -> None:
    """Quieter from the next block on, and as loud as before once its time is over, though nobody says so again."""
    bus.start_worker(PLAYBACK, bus.launch("playback", config(heard)))
    bus.wait_event(Ready)
    model.speak(1, 48_000)
    bus.wait_for(lambda: len(samples(speaker(bus, 1))) >= 4_800, "the beginning")
    until = Ns(time.monotonic_ns() + SECOND // 2)
    bus.order("playback", Duck(until=until, percent=50))
    bus.wait_for(lambda: len(samples(speaker(bus, 1))) >= 40_000, "the end")
    chunks = speaker(bus, 1)
    spoken = numbered(0, 48_000)
    gains = []
    for chunk in chunks:
        start = sum(c.frames for c in chunks if c.position < chunk.position)
        wanted = samples_of(spoken[2 * start : 2 * (start + chunk.frames)])
        loudest = max(range(len(wanted)), key=lambda n: abs(wanted[n]))
        gains.append((chunk.time, round(samples_of(chunk.pcm)[loudest] / wanted[loudest], 2)))
    ducked = [time for time, gain in gains if gain == 0.12 or gain == 0.13]
    assert len(ducked) >= 20, gains
    assert ducked[-1] < until <= ducked[-1] + 2 * BLOCK_NS
    assert all(gain == 1.0 for when, gain in gains if when > until + BLOCK_NS), gains
