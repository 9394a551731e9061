"""The whole conversation through real PortAudio, on the virtual sound card."""

import wave
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from fakes.daemon import wait_until
from fakes.soundcard import MIC, SPEAKER, VirtualSoundcard
from lived.units import MILLISECOND, MODEL_RATE, SECOND
from lived.wire.events import Cut, CutDone, TurnPlayed
from lived_workers.simulator.marks import runs
from processes.talk import DEAF, EXACT, Talk, marked_wav, spoken_wav

pytestmark = [pytest.mark.processes, pytest.mark.soundcard]

DEVICES = (f"audio.input={MIC}", f"audio.output={SPEAKER}")


@pytest.fixture
def deaf_talk(tmp_path: Path, soundcard: VirtualSoundcard) -> Iterator[Talk]:
    """A conversation on the card with a server that never thinks that the user speaks."""
    with Talk(tmp_path, DEAF, *DEVICES, environ=soundcard.environ) as talk:
        yield talk.start()


def pcm_of(wav: Path) -> bytes:
    """The sound in a WAV."""
    with wave.open(str(wav), "rb") as file:
        return file.readframes(file.getnframes())


def left_the_card(talk: Talk) -> None:
    """Until what was handed to the card has been heard: it holds a few blocks of 10 ms."""
    handed = len(talk.recording.of("speaker"))
    wait_until(lambda: len(talk.recording.of("speaker")) > handed + 30, 5)


def test_every_frame_from_card_to_server_and_from_server_to_card(
    tmp_path: Path, soundcard: VirtualSoundcard, deaf_talk: Talk
) -> None:
    """Numbered samples into the microphone reach the server, numbered samples of a reply leave the speaker."""
    spoken = marked_wav(tmp_path / "user.wav", 5)
    with soundcard.recording(tmp_path / "heard.wav"):
        deaf_talk.simulator.say(marks_s=6.0)
        soundcard.play(spoken)
        assert deaf_talk.ear
        deaf_talk.ear.wait_for(TurnPlayed, 20)
        left_the_card(deaf_talk)
        wait_until(lambda: sum(r.frames for r in deaf_talk.heard_by_server()) >= 5 * 16_000, 10)
    assert [r.frames for r in deaf_talk.heard_by_server()] == [5 * 16_000]
    out = runs(pcm_of(tmp_path / "heard.wav"))
    # a busy machine may starve the card itself, which then plays a block of silence in between; nothing is missing
    assert all(before.end == after.first for before, after in pairwise(out)), out
    assert sum(r.frames for r in out) == 6 * MODEL_RATE, out


def test_talking_over_a_reply_silences_the_card(tmp_path: Path, soundcard: VirtualSoundcard) -> None:
    """Judged by what left the loudspeaker: after the cut the sound is gone, and the next reply is heard."""
    question = spoken_wav(tmp_path / "question.wav", (0.2, 1.0))
    scenario = EXACT + "[[reply]]\nmarks_s = 15.0\nburst = 20.0\n[[reply]]\nmarks_s = 1.0\n"
    with Talk(tmp_path, scenario, *DEVICES, environ=soundcard.environ) as talk:
        talk.start()
        assert talk.ear
        with soundcard.recording(tmp_path / "heard.wav"):
            soundcard.play(question)
            talk.wait_played(1, 15)
            soundcard.play(question)
            cut = talk.ear.wait_for(Cut, 10)
            done = talk.ear.wait_for(CutDone, 5)
            talk.ear.wait_for(TurnPlayed, 20, lambda e: e.turn > cut.turn)
            left_the_card(talk)
        assert done.silent_at - cut.time < 300 * MILLISECOND
        found = runs(pcm_of(tmp_path / "heard.wav"))
        assert len(found) == 2, found
        assert abs(found[0].frames - done.heard_frames) <= MODEL_RATE // 50
        assert found[1].frames == MODEL_RATE


@pytest.mark.parametrize(("side", "worker"), [("mic", "capture"), ("speaker", "playback")])
def test_a_device_that_goes_and_comes_back(
    soundcard: VirtualSoundcard, deaf_talk: Talk, side: str, worker: str
) -> None:
    """Unplugged: said, in words, as degraded; plugged in again: back by name, in the same session and process."""
    pid = deaf_talk.daemon.worker(worker)["pid"]
    soundcard.unplug(side)  # type: ignore[arg-type]
    deaf_talk.daemon.wait_state("degraded", 15)
    wait_until(lambda: "again in" in deaf_talk.daemon.worker(worker)["text"], 15, lambda: deaf_talk.daemon.log)
    soundcard.plug(side)  # type: ignore[arg-type]
    deaf_talk.daemon.wait_state("ready", 20)
    assert len(deaf_talk.simulator.journal("setup")) == 1
    assert deaf_talk.daemon.worker(worker)["pid"] == pid
    deaf_talk.simulator.say(marks_s=1.0)
    deaf_talk.wait_played(1, 15)


@pytest.mark.parametrize(("side", "worker"), [("mic", "capture"), ("speaker", "playback")])
def test_a_device_that_stalls(soundcard: VirtualSoundcard, deaf_talk: Talk, side: str, worker: str) -> None:
    """Callbacks stop and nobody says so: noticed within seconds, and mended when the device wakes up."""
    soundcard.freeze(side)  # type: ignore[arg-type]
    wait_until(lambda: not deaf_talk.daemon.worker(worker)["ready"], 15, lambda: deaf_talk.daemon.log)
    soundcard.thaw(side)  # type: ignore[arg-type]
    deaf_talk.daemon.wait_state("ready", 20)
    before = len(deaf_talk.recording.of("mic"))
    wait_until(lambda: len(deaf_talk.recording.of("mic")) > before + 50, 10)
    deaf_talk.simulator.say(marks_s=1.0)
    deaf_talk.wait_played(1, 15)


def test_a_48_khz_stereo_card(tmp_path: Path) -> None:
    """A card like most: what is captured has the right length, and a reply is heard for as long as it lasts."""
    spoken = spoken_wav(tmp_path / "user.wav", (0.5, 3.0))
    card = VirtualSoundcard(mic_rate=48_000, speaker_rate=48_000, mic_channels=2, speaker_channels=2)
    rates = ("audio.input_rate=48000", "audio.output_rate=48000")
    with card, Talk(tmp_path, DEAF, *DEVICES, *rates, environ=card.environ) as talk:
        talk.start()
        card.play(spoken)
        talk.simulator.say(marks_s=2.0)
        assert talk.ear
        played = talk.ear.wait_for(TurnPlayed, 15)
        assert played.frames == 2 * MODEL_RATE
        chunks = talk.recording.of("mic")
        span = chunks[-1].time - chunks[0].time
        frames = chunks[-1].position - chunks[0].position
        assert abs(frames / 16_000 - span / SECOND) < 0.1, "the clock of positions is not the card's"
        assert max(abs(s) for c in chunks for s in memoryview(c.pcm).cast("h")) > 1_000, "nothing was heard"
