"""The energy detector: noise is not speech, speech is, and only the audio clock counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived_workers.simulator.speech import DIRECTORY
from lived_workers.simulator.vad import End, Start, Vad, VadSettings

RATE = 16_000
rates = st.sampled_from([8_000, 11_025, 16_000, 24_000, 44_100, 48_000])


def noise(ms: int, rate: int = RATE, level: float = 0.3, seed: int = 1) -> bytes:
    """White noise, s16le."""
    samples = np.random.default_rng(seed).normal(0, level * 32767 / 3, ms * rate // 1000)
    return np.clip(samples, -32767, 32767).astype("<i2").tobytes()


def silence(ms: int, rate: int = RATE) -> bytes:
    """Zeros, s16le."""
    return bytes(ms * rate // 1000 * 2)


def detect(pcm: bytes, rate: int = RATE, settings: VadSettings | None = None) -> list[Start | End]:
    """All events of one piece of sound."""
    return Vad(settings or VadSettings()).feed(pcm, rate, 0.0)


@given(st.integers(1, 95), rates, st.integers(0, 99))
def test_a_knock_is_no_speech(ms: int, rate: int, seed: int) -> None:
    """Under 100 ms of the loudest noise starts nothing."""
    assert detect(silence(500, rate) + noise(ms, rate, 1.0, seed) + silence(1500, rate), rate) == []


@given(st.integers(400, 2000), rates, st.integers(0, 99))
def test_a_word_is_speech(ms: int, rate: int, seed: int) -> None:
    """400 ms and more starts and, after the silence, ends; the offsets are those of the sound."""
    events = detect(silence(500, rate) + noise(ms, rate, 0.3, seed) + silence(1500, rate), rate)
    assert [type(event) for event in events] == [Start, End]
    start, end = events
    assert isinstance(end, End)
    assert start.offset_s == pytest.approx(0.5, abs=0.015)
    assert end.voice_end_s == pytest.approx(0.5 + ms / 1000, abs=0.025)
    assert end.offset_s == pytest.approx(end.voice_end_s + 0.8, abs=0.02)


@given(st.lists(st.integers(0, 3000), max_size=20))
def test_cutting_the_input_changes_nothing(cuts: list[int]) -> None:
    """The same sound in any pieces gives the same events: no wall clock, no chunk size."""
    pcm = silence(300) + noise(500) + silence(1000) + noise(300) + silence(1000)
    vad, found, at = Vad(VadSettings()), [], 0
    for size in cuts:
        found += vad.feed(pcm[at : at + size * 2], RATE, 0.0)
        at += size * 2
    found += vad.feed(pcm[at:], RATE, 0.0)
    assert found == detect(pcm)
    assert vad.offset_s == pytest.approx(len(pcm) / 2 / RATE)


@given(st.integers(100, 2000))
def test_silence_duration(ms: int) -> None:
    """silence_ms of quiet end it, 20 ms less do not."""
    settings = VadSettings(silence_ms=ms)
    assert len(detect(noise(500) + silence(ms + 20), settings=settings)) == 2
    assert len(detect(noise(500) + silence(ms - 20), settings=settings)) == 1


def test_commit_is_how_long_speech_must_be() -> None:
    """Speech shorter than commit_ms does not count, longer does."""
    settings = VadSettings(commit_ms=500)
    assert detect(noise(450) + silence(1000), settings=settings) == []
    assert len(detect(noise(550) + silence(1000), settings=settings)) == 2


def test_quiet_and_dc_are_silence() -> None:
    """Room noise at -60 dBFS and a constant offset are not speech."""
    assert detect(noise(2000, level=0.003)) == []
    assert detect(np.full(RATE * 2, 9000, "<i2").tobytes()[640:]) == []


def test_flush_ends_speech_now() -> None:
    """audioStreamEnd: speech under way ends at once, a beginning is dropped."""
    vad = Vad(VadSettings())
    vad.feed(noise(400), RATE, 0.0)
    (end,) = vad.flush()
    assert isinstance(end, End)
    vad.feed(noise(100), RATE, 0.0)
    assert vad.flush() == []
    assert vad.feed(noise(100), RATE, 0.0) == []


def test_start_knows_when_its_onset_arrived() -> None:
    """The chunk in which speech began gives the time, not the one in which it was sure."""
    vad, found = Vad(VadSettings()), []
    pcm = silence(100) + noise(400)
    for index in range(25):
        found += vad.feed(pcm[index * 640 : index * 640 + 640], RATE, 10 + index * 0.02)
    (start,) = found
    assert isinstance(start, Start)
    assert start.arrived == pytest.approx(10.1)


def test_real_words_are_one_utterance() -> None:
    """The recorded questions are heard as one piece of speech each."""
    for path in sorted(DIRECTORY.glob("question_*.wav")):
        events = detect(silence(300) + path.read_bytes()[44:] + silence(1000))
        assert [type(event) for event in events] == [Start, End], path.name
