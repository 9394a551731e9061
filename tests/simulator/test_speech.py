"""Where the sound of a reply comes from, with and without a program that speaks."""

import asyncio
from pathlib import Path

import pytest

from lived_workers.simulator.content_faults import Content
from lived_workers.simulator.effects import Prepare
from lived_workers.simulator.scenario import Reply
from lived_workers.simulator.script import Mode, Script
from lived_workers.simulator.speech import SECONDS_PER_CHARACTER, Speech, resample
from simulator.harness import RECORDINGS, question, scenario

TEXT = "Nobody has recorded these words before."


def said(reply: Reply, utterance: bytes = b"", rate: int = 16_000) -> Content:
    """What is said for a reply."""
    speech = Speech(RECORDINGS, Script(scenario(""), Mode.SPEECH, RECORDINGS.answers))
    return asyncio.run(speech.content(Prepare(1, reply, utterance, rate)))


def test_without_any_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No flite, no espeak-ng: still something audible, about as long as the text takes, with its words."""
    monkeypatch.setenv("PATH", str(tmp_path))
    content = said(Reply(text=TEXT))
    assert content.transcript == TEXT
    assert len(content.pcm) / 48_000 == pytest.approx(len(TEXT) * SECONDS_PER_CHARACTER, abs=0.01)
    assert any(content.pcm)


def test_a_program_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken flite is passed over."""
    (tmp_path / "flite").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "flite").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert said(Reply(text=TEXT)).pcm


def test_known_words_are_the_recording() -> None:
    """A text that is recorded needs no program."""
    content = RECORDINGS.named("answer_timer")
    assert said(Reply(text=content.transcript)).pcm == content.pcm


def test_parrot_resamples() -> None:
    """What came at 16 kHz goes out at 24 kHz, as long as it was."""
    assert len(said(Reply(parrot=True), question()).pcm) / 48_000 == pytest.approx(len(question()) / 32_000, abs=0.01)
    assert resample(b"", 16_000) == b""
    assert resample(question(), 24_000) == question()


def test_transcript_can_differ() -> None:
    """A scenario may claim other words than are spoken."""
    assert said(Reply(recording="answer_timer", transcript="")).transcript == ""
