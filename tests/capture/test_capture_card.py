"""Capture on a sound card: real PortAudio into PulseAudio."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.bus import BusFixture
from fakes.sound import is_run, numbered, samples_of, write_wav
from fakes.soundcard import MIC, VirtualSoundcard
from lived.config import Audio, Config
from lived.wire import FLAG_OVERFLOW, Chunk
from lived.wire.chunk import Stream
from lived.wire.events import Ready, Unready
from lived.wire.orders import Stop

pytestmark = [pytest.mark.soundcard, pytest.mark.processes]

CAPTURE = "lived_workers.capture"


@pytest.fixture
def bus() -> Iterator[BusFixture]:
    """Both buses."""
    with BusFixture() as bus:
        yield bus


def mic(bus: BusFixture) -> list[Chunk]:
    """What was published so far."""
    return [c for c in list(bus.chunks) if c.stream is Stream.MIC]


def loud(chunks: list[Chunk]) -> tuple[int, ...]:
    """Their samples, from the first that is not silent to the last."""
    samples = samples_of(b"".join(c.pcm for c in chunks))
    heard = [i for i, s in enumerate(samples) if s]
    return samples[heard[0] : heard[-1] + 1] if heard else ()


def heard(bus: BusFixture) -> list[int]:
    """All samples that are not silent."""
    return [s for s in loud(mic(bus)) if s]


def contiguous(chunks: list[Chunk]) -> bool:
    """Whether no position is missing."""
    return all(b.position == a.end for a, b in itertools.pairwise(chunks))


def config(**audio: object) -> Config:
    """The virtual microphone. A generous buffer: the machine is busy with other tests."""
    return Config(audio=Audio(**({"input": MIC, "latency_ms": 100} | audio)))  # type: ignore[arg-type]


@pytest.mark.parametrize("device", [MIC, "default", "VMI"])
def test_what_is_said_is_published_bit_for_bit(
    bus: BusFixture, soundcard: VirtualSoundcard, tmp_path: Path, device: str
) -> None:
    """A second of numbered samples through PortAudio: no frame lost, doubled or changed; times 10 ms apart.

    On a busy machine the server puts silence where its own client, the player, was too late.
    """
    worker = bus.start_worker(CAPTURE, bus.launch("capture", config(input=device)), soundcard.environ)
    ready = bus.wait_event(Ready)
    assert isinstance(ready, Ready)
    assert "at 16000 Hz, 1 channel" in ready.text

    soundcard.play(write_wav(tmp_path / "talk.wav", numbered(0, 16_000)))
    bus.wait_for(lambda: len(heard(bus)) >= 16_000, "the sound")
    bus.order("capture", Stop())

    assert worker.wait(10) == 0
    assert tuple(heard(bus)) == samples_of(numbered(0, 16_000))
    assert contiguous(mic(bus))
    distances = [b.time - a.time for a, b in zip(mic(bus), mic(bus)[1:], strict=False)]
    assert all(5_000_000 < d < 15_000_000 for d in distances[20:])


def test_a_card_with_other_rate_and_channels(bus: BusFixture, soundcard: VirtualSoundcard, tmp_path: Path) -> None:
    """48 kHz, the second of two channels, resampled here: the tone comes out at its pitch, and nothing is missing."""
    tone = b"".join(
        b"\0\0" + (20_000 if n // 60 % 2 else -20_000).to_bytes(2, "little", signed=True) for n in range(96_000)
    )
    bus.start_worker(CAPTURE, bus.launch("capture", config(input_rate=48_000, input_channels=2)), soundcard.environ)
    ready = bus.wait_event(Ready)
    assert isinstance(ready, Ready)
    assert "at 48000 Hz, 2 channels" in ready.text

    # the virtual microphone is mono: what it hears is half of channel 2, in both channels
    soundcard.play(write_wav(tmp_path / "tone.wav", tone, rate=48_000, channels=2))
    bus.wait_for(lambda: len(loud(mic(bus))) >= 31_000, "the tone")

    samples = loud(mic(bus))[4_000:28_000]
    crossings = sum((a < 0) != (b < 0) for a, b in itertools.pairwise(samples))
    assert abs(crossings - 24_000 / 20) < 20  # 400 Hz: a change of sign each 20 frames of 16 kHz
    assert contiguous(mic(bus))


def test_unplugged_microphone_comes_back(bus: BusFixture, soundcard: VirtualSoundcard) -> None:
    """Unplugged: said in a sentence; plugged in: sound again by itself, in the same stream, the gap counted as lost."""
    worker = bus.start_worker(CAPTURE, bus.launch("capture", config()), soundcard.environ)
    bus.wait_event(Ready)
    bus.wait_for(lambda: len(mic(bus)) > 20, "sound")
    soundcard.unplug("mic")
    gone = bus.wait_event(Unready)
    soundcard.plug("mic")
    bus.wait_for(lambda: any(c.flags for c in mic(bus)), "sound again")

    assert isinstance(gone, Unready)
    assert "The microphone is gone: plug it in again. Trying again in 0.25 s." in gone.text
    before, after = next(pair for pair in itertools.pairwise(mic(bus)) if pair[1].flags)
    assert (after.epoch, after.flags) == (before.epoch, FLAG_OVERFLOW)
    passed = (after.position - before.position) * 1_000_000_000 // 16_000
    assert abs(after.time - before.time - passed) < 100_000_000
    assert worker.poll() is None


def test_stalled_microphone_is_opened_anew(bus: BusFixture, soundcard: VirtualSoundcard) -> None:
    """A device whose callbacks silently stop is noticed after stall_ms, and used again when it moves."""
    bus.start_worker(CAPTURE, bus.launch("capture", config(stall_ms=300)), soundcard.environ)
    bus.wait_event(Ready)
    bus.wait_for(lambda: len(mic(bus)) > 20, "sound")
    soundcard.freeze("mic")
    stalled = bus.wait_event(Unready)
    before = mic(bus)[-1]
    soundcard.thaw("mic")
    bus.wait_for(lambda: mic(bus)[-1].position > before.position + 16_000, "sound again")

    assert isinstance(stalled, Unready)
    assert "stalled: no sound moved for 0.3 s" in stalled.text


def test_missing_microphone_is_waited_for(bus: BusFixture, soundcard: VirtualSoundcard) -> None:
    """No such device: a sentence that says what to do, no exit."""
    worker = bus.start_worker(CAPTURE, bus.launch("capture", config(input="Jabra")), soundcard.environ)

    missing = bus.wait_event(Unready)

    assert isinstance(missing, Unready)
    assert missing.text.startswith("No microphone matches 'Jabra': plug it in, or see 'livectl devices'")
    assert worker.poll() is None


def test_a_burst_is_not_lost(bus: BusFixture, soundcard: VirtualSoundcard, tmp_path: Path) -> None:
    """A device that stands still for 200 ms delivers the rest afterwards: all of it is published.

    The server puts silence where its own client, the player, was too late; the frames around it are all there.
    """
    bus.start_worker(CAPTURE, bus.launch("capture", config()), soundcard.environ)
    bus.wait_event(Ready)
    soundcard.play(write_wav(tmp_path / "talk.wav", numbered(0, 32_000)), wait=False)
    bus.wait_for(lambda: len(loud(mic(bus))) > 4_000, "the sound")
    soundcard.glitch("mic", 200)
    bus.wait_for(lambda: len(heard(bus)) >= 32_000, "the rest")

    assert is_run(heard(bus))
    assert contiguous(mic(bus))
