"""With a front end between microphone and gateway nothing is lost, and without it the conversation goes on."""

import json
from pathlib import Path

import pytest

from fakes.daemon import wait_until
from lived.units import MIC_RATE
from lived.wire.events import Loss
from lived_workers.simulator.marks import PERIOD, runs
from processes.talk import DEAF, Talk, marked_wav
from processes.test_no_loss import nothing_lost, one_run, stopped

pytestmark = pytest.mark.processes

UNTOUCHED = ("frontend.enabled=true", "frontend.echo=off", "frontend.vad=off")
"""Numbered samples have to arrive as they are."""


def test_voice_has_the_positions_of_mic(tmp_path: Path) -> None:
    """Chunk for chunk the same frames at the same place; the server hears each of them once."""
    audio = marked_wav(tmp_path / "user.wav", 60)
    with Talk(tmp_path, DEAF, *UNTOUCHED, audio=audio).start() as talk:
        talk.wait_server_heard(5, 20)
        run = one_run(talk.heard_by_server(), 5, MIC_RATE)
        assert run.first == talk.recording.runs("mic")[0].first, "the beginning is missing"
        nothing_lost(talk)
        assert talk.counters()["gateway"].get("substituted", 0) == 0


def test_what_is_said_while_the_daemon_starts_is_not_lost(tmp_path: Path) -> None:
    """The microphone is the first, the front end comes later: it asks for the beginning."""
    audio = marked_wav(tmp_path / "user.wav", 60)
    with Talk(tmp_path, DEAF, *UNTOUCHED, "conversation.autostart=true", audio=audio) as talk:
        talk.wait_server_heard(3, 20)
        captured = talk.recording.of("mic")[0]
        # the file is paced from the daemon's beginning: what was over before the first chunk was captured is no loss
        beginning = (runs(captured.pcm)[0].first - captured.position) % PERIOD
        assert one_run(talk.heard_by_server(), 3, MIC_RATE).first == beginning
        nothing_lost(talk)


def test_a_killed_front_end_loses_nothing(tmp_path: Path) -> None:
    """SIGKILL: its successor goes on where it stopped; meanwhile the microphone itself may be heard."""
    audio = marked_wav(tmp_path / "user.wav", 60)
    with Talk(tmp_path, DEAF, *UNTOUCHED, audio=audio).start() as talk:
        talk.wait_server_heard(2, 20)
        old = talk.kill("frontend")
        talk.back("frontend", old, 10)
        talk.wait_server_heard(6, 20)
        one_run(talk.heard_by_server(), 6, MIC_RATE)
        nothing_lost(talk)


def test_what_was_learned_of_the_cards_outlives_the_daemon(tmp_path: Path) -> None:
    """The delay and the drift of before are there from the beginning, and again in the file at the end."""
    audio = marked_wav(tmp_path / "user.wav", 60)
    kept = tmp_path / "state" / "frontend.json"
    kept.parent.mkdir()
    kept.write_text('{"drift": 5e-05, "delay_ms": 120.0}')
    with Talk(tmp_path, DEAF, "frontend.enabled=true", audio=audio).start() as talk:
        wait_until(lambda: talk.counters()["frontend"].get("echo_delay_ms") == 120, 20, lambda: talk.daemon.log)
        assert abs(talk.counters()["frontend"]["echo_drift_ppm"] - 50) < 10  # it goes on learning
        kept.unlink()
    assert json.loads(kept.read_text())["delay_ms"] == 120


def test_a_front_end_that_stands_still_does_not_make_the_device_deaf(tmp_path: Path) -> None:
    """While it is stopped for 4 s the server hears the microphone; afterwards what it made, and no frame twice."""
    audio = marked_wav(tmp_path / "user.wav", 60)
    with Talk(tmp_path, DEAF, *UNTOUCHED, audio=audio).start() as talk:
        talk.wait_server_heard(2, 20)
        with stopped(talk.daemon.worker("frontend")["pid"], 4):
            before = len(talk.simulator.heard()) / 2 / MIC_RATE
            talk.wait_server_heard(before + 2, 4)
        talk.wait_server_heard(before + 6, 20)
        one_run(talk.heard_by_server(), 8, MIC_RATE)
        assert talk.ear is not None
        assert talk.ear.of(Loss) == []
        assert talk.counters()["gateway"]["substituted"] >= 1
