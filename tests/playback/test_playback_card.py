"""Playback on a sound card: real PortAudio into PulseAudio, heard in the sink's monitor."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.bus import BusFixture
from fakes.model import FakeModel
from fakes.sound import is_run, numbered, read_wav, samples_of
from fakes.soundcard import MONITOR, SPEAKER, VirtualSoundcard
from lived.config import Audio, Config
from lived.units import SECOND
from lived.wire import Chunk
from lived.wire.chunk import Stream
from lived.wire.events import CutDone, Ready, TurnPlayed, Unready

pytestmark = [pytest.mark.soundcard, pytest.mark.processes]

PLAYBACK = "lived_workers.playback"


@pytest.fixture
def bus() -> Iterator[BusFixture]:
    """Both buses."""
    with BusFixture() as bus:
        yield bus


@pytest.fixture
def model(bus: BusFixture) -> FakeModel:
    """The gateway's part."""
    return FakeModel(bus)


def config(**audio: object) -> Config:
    """The virtual loudspeaker. A generous buffer: the machine is busy with other tests."""
    return Config(audio=Audio(**({"output": SPEAKER, "latency_ms": 100} | audio)))  # type: ignore[arg-type]


def streamed(bus: BusFixture, stream: Stream) -> list[Chunk]:
    """What was published so far."""
    return [c for c in list(bus.chunks) if c.stream is stream]


def loud(wav: Path) -> tuple[int, ...]:
    """What was heard that is not silent."""
    return tuple(s for s in read_wav(wav) if s)


@pytest.mark.parametrize("device", [SPEAKER, "default"])
def test_a_reply_is_heard_bit_for_bit(
    bus: BusFixture, model: FakeModel, soundcard: VirtualSoundcard, tmp_path: Path, device: str
) -> None:
    """Two seconds of numbered samples arrive at the loudspeaker: no frame lost, doubled or changed."""
    bus.start_worker(PLAYBACK, bus.launch("playback", config(output=device)), soundcard.environ)
    ready = bus.wait_event(Ready)
    with soundcard.recording(tmp_path / "heard.wav") as wav:
        model.speak(1, 48_000)
        model.complete(1, 48_000)
        bus.wait_event(TurnPlayed, frames=48_000)
        wait_until_played(bus)

    assert isinstance(ready, Ready)
    assert ready.text == f"{device} at 24000 Hz, 1 channel"
    assert loud(wav) == samples_of(numbered(0, 48_000))


def wait_until_played(bus: BusFixture) -> None:
    """Until half a second after what was handed over last passed the DAC: time, which is what has to pass."""
    end = next(c.time for c in reversed(streamed(bus, Stream.SPEAKER)) if c.turn) + SECOND // 2
    bus.wait_for(lambda: time.monotonic_ns() > end, "the card to play it")


def test_cut_as_heard_in_the_monitor(
    bus: BusFixture, model: FakeModel, soundcard: VirtualSoundcard, tmp_path: Path
) -> None:
    """As many frames are heard as the answer says, and nothing else of the turn; the next turn follows whole."""
    bus.start_worker(PLAYBACK, bus.launch("playback", config()), soundcard.environ)
    bus.wait_event(Ready)
    with soundcard.recording(tmp_path / "heard.wav") as wav:
        model.speak(1, 240_000)
        bus.wait_for(lambda: sum(1 for c in streamed(bus, Stream.SPEAKER) if c.turn == 1) > 40, "the reply")
        model.cut(1)
        model.speak(2, 12_000)
        model.complete(2, 12_000)
        done = bus.wait_event(CutDone)
        bus.wait_event(TurnPlayed, turn=2)
        wait_until_played(bus)

    assert isinstance(done, CutDone)
    heard = loud(wav)
    edge = done.heard_frames
    assert len(heard) == edge + 12_000
    assert is_run(heard[: edge - 120])
    assert heard[edge:] == samples_of(numbered(240_000, 12_000))


def test_silence_is_when_the_answer_says(bus: BusFixture, model: FakeModel, soundcard: VirtualSoundcard) -> None:
    """The DAC time in the answer is when a microphone at the loudspeaker hears the silence, within 40 ms."""
    monitor = Config(audio=Audio(input=MONITOR))
    bus.start_worker(PLAYBACK, bus.launch("playback", config(latency_ms=0)), soundcard.environ)
    bus.start_worker("lived_workers.capture", bus.launch("capture", monitor), soundcard.environ)
    bus.wait_event(Ready, worker="playback")
    bus.wait_event(Ready, worker="capture")
    model.speak(1, 240_000)
    bus.wait_for(lambda: [c for c in streamed(bus, Stream.MIC)[-1:] if max(samples_of(c.pcm)) > 99], "the sound")
    ordered = model.cut(1)
    done = bus.wait_event(CutDone)
    bus.wait_for(lambda: not any(samples_of(streamed(bus, Stream.MIC)[-1].pcm)), "silence")

    assert isinstance(done, CutDone)
    last_loud = [c for c in streamed(bus, Stream.MIC) if any(samples_of(c.pcm))][-1]
    assert abs(last_loud.time - done.silent_at) < 40_000_000
    assert done.silent_at - ordered < 100_000_000


def test_a_card_with_another_rate(
    bus: BusFixture, model: FakeModel, soundcard: VirtualSoundcard, tmp_path: Path
) -> None:
    """At 48 kHz, resampled here: what is heard lasts as long as the reply, and ``speaker`` is still 24 kHz, exact."""
    bus.start_worker(PLAYBACK, bus.launch("playback", config(output_rate=48_000)), soundcard.environ)
    ready = bus.wait_event(Ready)
    with soundcard.recording(tmp_path / "heard.wav") as wav:
        model.speak(1, 24_000)
        model.complete(1, 24_000)
        bus.wait_event(TurnPlayed)
        wait_until_played(bus)

    assert isinstance(ready, Ready)
    assert "at 48000 Hz" in ready.text
    assert abs(len(loud(wav)) - 24_000) < 50  # and what is silent at 24 kHz is silent at 48 kHz
    published = [c for c in streamed(bus, Stream.SPEAKER) if c.turn]
    assert tuple(s for c in published for s in samples_of(c.pcm) if s) == samples_of(numbered(0, 24_000))


def test_unplugged_loudspeaker(bus: BusFixture, model: FakeModel, soundcard: VirtualSoundcard) -> None:
    """Unplugged in the middle of a reply: said; a cut is obeyed at once; plugged in, the next reply is heard."""
    worker = bus.start_worker(PLAYBACK, bus.launch("playback", config()), soundcard.environ)
    bus.wait_event(Ready)
    model.speak(1, 240_000)
    bus.wait_for(lambda: len(streamed(bus, Stream.SPEAKER)) > 20, "the reply")
    soundcard.unplug("speaker")
    gone = bus.wait_event(Unready)
    model.cut(1)
    done = bus.wait_event(CutDone)
    model.speak(2, 9_600)
    model.complete(2, 9_600)
    soundcard.plug("speaker")
    bus.wait_event(TurnPlayed, turn=2, frames=9_600, cut=False)

    assert isinstance(gone, Unready)
    assert "The loudspeaker is gone: plug it in again." in gone.text
    assert isinstance(done, CutDone)
    assert done.heard_turn == 1
    assert worker.poll() is None


def test_reply_waits_for_the_loudspeaker(bus: BusFixture, model: FakeModel, soundcard: VirtualSoundcard) -> None:
    """A reply whose loudspeaker is missing, or stalls, is kept and goes on when it is back."""
    bus.start_worker(PLAYBACK, bus.launch("playback", config(stall_ms=300)), soundcard.environ)
    bus.wait_event(Ready)
    model.speak(1, 48_000)
    model.complete(1, 48_000)
    bus.wait_for(lambda: len(streamed(bus, Stream.SPEAKER)) > 20, "the reply")
    soundcard.freeze("speaker")
    stalled = bus.wait_event(Unready)
    soundcard.thaw("speaker")
    bus.wait_event(TurnPlayed, turn=1, frames=48_000, cut=False)

    assert isinstance(stalled, Unready)
    assert "stalled" in stalled.text
