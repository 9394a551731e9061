"""Playback when things go wrong: lost sound, SIGKILL, a full disk."""

from pathlib import Path

import pytest

from fakes.bus import BusFixture
from fakes.model import FakeModel
from fakes.sound import is_run, numbered, read_wav, samples_of
from lived.wire.chunk import Stream
from lived.wire.events import CutDone, Loss, Ready, TurnPlayed, Unready
from lived.wire.orders import Again
from playback.stage import PLAYBACK, config, samples, speaker

pytestmark = pytest.mark.processes


def test_killed_in_the_middle_of_a_reply(bus: BusFixture, model: FakeModel, heard: Path) -> None:
    """SIGKILL: the successor refuses what was cut, asks for the rest, and no frame is heard twice or never."""
    launch = bus.launch("playback", config(heard))
    worker = bus.start_worker(PLAYBACK, launch)
    bus.wait_event(Ready)
    model.speak(1, 48_000)
    model.cut(1)
    bus.wait_event(CutDone)
    model.speak(2, 48_000)
    bus.wait_for(lambda: len(samples(speaker(bus, 2))) > 9_600, "the reply")
    worker.kill()
    worker.wait()
    assert read_wav(heard)  # readable at any moment

    bus.start_worker(PLAYBACK, launch)
    bus.wait_for(lambda: bus.orders, "the request for the rest")
    again = bus.orders[0][1]
    assert isinstance(again, Again)
    model.repeat(Again(stream="model", epoch=model.epoch, position=again.position))
    model.complete(2, 48_000)
    bus.wait_event(TurnPlayed, turn=2, frames=48_000)
    bus.catch_up(Stream.SPEAKER)

    begun = speaker(bus)[0].epoch
    before = samples([c for c in speaker(bus, 2) if c.epoch == begun])
    after = samples([c for c in speaker(bus, 2) if c.epoch > begun])
    assert again.position - 48_000 - len(before) in (0, 240)  # what was handed over but not published: one block
    assert after[-1] == samples_of(numbered(95_999, 1))[0]
    assert is_run(after[120:])
    assert len(after) in (96_000 - again.position, 96_000 - again.position - 1)
    assert is_run([s for s in read_wav(heard) if s][-10_000:])  # the file went on, too


def test_killed_playback_still_refuses_what_was_cut(bus: BusFixture, model: FakeModel, heard: Path) -> None:
    """The highest turn cut outlives the process."""
    launch = bus.launch("playback", config(heard))
    worker = bus.start_worker(PLAYBACK, launch)
    bus.wait_event(Ready)
    model.cut(7)
    bus.wait_event(CutDone)
    worker.kill()
    worker.wait()
    bus.events.clear()
    bus.start_worker(PLAYBACK, launch)
    bus.wait_event(Ready)
    model.speak(7, 9_600)
    model.speak(8, 4_800)
    model.complete(8, 4_800)
    bus.wait_event(TurnPlayed, turn=8)
    bus.catch_up(Stream.SPEAKER)

    assert not speaker(bus, 7)


def test_begins_of_a_stream_that_was_there_before(bus: BusFixture, model: FakeModel, heard: Path) -> None:
    """Started in the middle of a first reply: its beginning is asked for."""
    model.skip(1, 9_600)
    bus.start_worker(PLAYBACK, bus.launch("playback", config(heard)))
    bus.wait_event(Ready)
    model.speak(1, 960)
    bus.wait_for(lambda: bus.orders, "the request")
    again = bus.orders[0][1]
    assert isinstance(again, Again)
    assert again.position == 0
    model.repeat(again)
    model.complete(1, 10_560)
    bus.wait_event(TurnPlayed, frames=10_560)
    bus.catch_up(Stream.SPEAKER)

    assert samples(speaker(bus, 1)) == samples_of(numbered(0, 10_560))


def test_full_disk_does_not_end_the_conversation(bus: BusFixture, model: FakeModel) -> None:
    """A file that cannot grow: said in a sentence; the reply is played to its end all the same."""
    bus.start_worker(PLAYBACK, bus.launch("playback", config(Path("/dev/full"))))
    trouble = bus.wait_event(Unready)
    model.speak(1, 4_800)
    model.complete(1, 4_800)
    bus.wait_event(TurnPlayed, frames=4_800)
    bus.catch_up(Stream.SPEAKER)

    assert isinstance(trouble, Unready)
    assert trouble.text == "Cannot write /dev/full: No space left on device; the conversation goes on unrecorded."
    assert samples(speaker(bus, 1)) == samples_of(numbered(0, 4_800))


def test_file_that_cannot_be_written_is_refused(bus: BusFixture, tmp_path: Path) -> None:
    """No such folder: exit code 66, no restart will help."""
    worker = bus.start_worker(PLAYBACK, bus.launch("playback", config(tmp_path / "none" / "a.wav")))

    assert worker.wait(10) == 66


def test_lost_sound_is_asked_for(bus: BusFixture, model: FakeModel, heard: Path) -> None:
    """A hole in the stream: the gateway is asked once, and the reply is heard without it."""
    bus.start_worker(PLAYBACK, bus.launch("playback", config(heard)))
    bus.wait_event(Ready)
    model.speak(1, 9_600)
    model.skip(1, 960)
    model.speak(1, 9_600)
    bus.wait_for(lambda: bus.orders, "the request")
    worker, again = bus.orders[0]
    assert (worker, again) == ("gateway", Again(stream="model", epoch=model.epoch, position=9_600))  # type: ignore[arg-type]
    model.repeat(again)  # type: ignore[arg-type]
    model.complete(1, 20_160)
    bus.wait_event(TurnPlayed, frames=20_160)
    bus.catch_up(Stream.SPEAKER)

    assert samples(speaker(bus, 1)) == samples_of(numbered(0, 20_160))


def test_sound_that_nobody_repeats_is_a_loss(bus: BusFixture, model: FakeModel, heard: Path) -> None:
    """After a short wait the reply goes on without it; the loss is told to the frame, and the turn ends."""
    bus.start_worker(PLAYBACK, bus.launch("playback", config(heard)))
    bus.wait_event(Ready)
    model.speak(1, 9_600)
    model.skip(1, 960)
    model.speak(1, 9_600)
    model.complete(1, 20_160)

    loss = bus.wait_event(Loss)
    bus.wait_event(TurnPlayed, frames=19_200)

    assert isinstance(loss, Loss)
    assert (loss.stream, loss.position, loss.frames) == ("model", 9_600, 960)
