"""Noise suppression and gain control: off unless asked for, and a missing package changes nothing."""

import sys

import numpy as np
import pytest

from frontend.recordings import blocks, recording
from lived.config.options import Frontend
from lived_workers.frontend.noise import MOST_GAIN_DB, Cleaner, Unchanged, cleaner


def through(stage: Cleaner, pcm: bytes) -> bytes:
    """All of it."""
    return b"".join(stage.process(block) for block in blocks(pcm))


def level(pcm: bytes) -> float:
    """dB of the last second."""
    return float(20 * np.log10(np.frombuffer(pcm, np.int16)[-16_000:].astype(np.float64).std() + 1e-9))


def test_off_by_default() -> None:
    """Not one sample is changed."""
    sound = recording("noise_fan")
    assert through(cleaner(Frontend()), sound) == sound


def test_steady_noise_goes_and_speech_stays() -> None:
    """A fan is 10 dB quieter after some seconds; a voice loses less than 2 dB. As many frames come out as go in."""
    fan, voice = recording("noise_fan"), recording("human_f_0890")
    stage = cleaner(Frontend(noise_suppression="moderate"))
    assert level(through(stage, fan)) < level(fan) - 10
    stage.reset()
    cleaned = through(stage, voice)
    assert len(cleaned) == len(voice) // 320 * 320
    assert abs(np.frombuffer(cleaned, np.int16).std() / np.frombuffer(voice, np.int16).std() - 1) < 0.2


def test_a_quiet_voice_gets_louder() -> None:
    """By some dB, never by more than the limit."""
    voice = recording("human_f_0870")
    quiet = (np.frombuffer(voice, np.int16) // 16).astype(np.int16).tobytes() * 2
    gained = level(through(cleaner(Frontend(gain_control=True)), quiet)) - level(quiet)
    assert 3 < gained < MOST_GAIN_DB + 1


def test_without_the_package_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the sentence names the extra; who asks for nothing misses nothing."""
    monkeypatch.setitem(sys.modules, "pywebrtc_audio", None)
    monkeypatch.delitem(sys.modules, "lived_workers.frontend.webrtc_noise", raising=False)
    stage = cleaner(Frontend(noise_suppression="low"))
    assert isinstance(stage, Unchanged)
    assert "lived[echo]" in stage.missing
    assert stage.process(b"\1\0" * 160) == b"\1\0" * 160
    stage.reset()
    assert cleaner(Frontend()).missing == ""
