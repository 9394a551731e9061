"""The front end at work in a whole conversation: what is sent, who wakes it, and who silences a reply."""

import wave
from pathlib import Path

import pytest

from fakes.daemon import wait_until
from frontend.recordings import recording
from lived.units import MIC_RATE, NO_TURN
from lived.wire.events import Cut, Idle, SessionState, Speech, TurnHeard, TurnPlayed, Wake
from processes.talk import DEAF, Talk

pytestmark = pytest.mark.processes

CLEAN = ("frontend.enabled=true", "frontend.echo=off")
"""A file in the microphone's place hears no loudspeaker."""


def written(path: Path, pcm: bytes) -> Path:
    """As a WAV."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(MIC_RATE)
        file.writeframes(pcm)
    return path


def at(pcm: bytes, seconds: float) -> bytes:
    """A tenth of a second of it: noise and all, so that it is found nowhere else."""
    begin = 2 * int(seconds * MIC_RATE)
    return pcm[begin : begin + MIC_RATE // 5]


def length_s(name: str) -> float:
    """Of a recording."""
    return len(recording(name)) / 2 / MIC_RATE


def test_only_speech_is_sent(tmp_path: Path) -> None:
    """Mode vad: the sentence whole, with its pre-roll and tail, the end of the stream behind it, nothing of the rest;
    what that saves is told."""
    user, whole = recording("human_f_0870", 3.0, 8.0), length_s("human_f_0870")
    audio = written(tmp_path / "user.wav", user)
    with Talk(tmp_path, DEAF, *CLEAN, "frontend.uplink.mode=vad", audio=audio).start() as talk:
        assert talk.ear is not None
        talk.ear.wait_for(Speech, 30, lambda e: e.source == "local" and e.on)
        talk.ear.wait_for(Speech, 30, lambda e: e.source == "local" and not e.on)
        talk.simulator.wait_for("audioStreamEnd", timeout=20)
        sent = talk.simulator.heard()
        assert len(sent) / 2 / MIC_RATE < whole + 2.5
        first, last = sent.find(at(user, 3.1)), sent.find(at(user, 3.0 + whole - 0.2))
        assert 0 <= first < last, "the sentence, from its beginning to its end"
        distance = 2 * (int((3.0 + whole - 0.2) * MIC_RATE) - int(3.1 * MIC_RATE))
        assert last - first == distance, "in one piece"
        wait_until(lambda: talk.daemon.ask("status")["usage"].get("saved", 0) > 0, 15)


def test_what_follows_the_wake_word_is_sent_and_nothing_else(tmp_path: Path) -> None:
    """Mode wake: speech before the word stays on the device; word and sentence are sent in one piece."""
    before = recording("human_f_0880", 2.0, 4.0)
    user = before + recording("wake_okay_nabu_piper") + recording("human_f_0930", 0.1, 8.0)
    audio = written(tmp_path / "user.wav", user)
    word_s = len(before) / 2 / MIC_RATE
    question_s = word_s + length_s("wake_okay_nabu_piper") + 0.1
    with Talk(tmp_path, DEAF, *CLEAN, "frontend.uplink.mode=wake", audio=audio).start() as talk:
        assert talk.ear is not None
        woke = talk.ear.wait_for(Wake, 30)
        assert woke.word == "okay_nabu"
        talk.simulator.wait_for("audioStreamEnd", timeout=20)
        sent = talk.simulator.heard()
        for moment in (word_s + 0.2, question_s + 0.1, question_s + length_s("human_f_0930") - 0.3):
            assert at(user, moment) in sent, moment
        for moment in (0.5, 2.3, 3.0, word_s - 2.0):
            assert at(user, moment) not in sent, moment


def test_a_wake_word_ends_the_sleep_of_a_session(tmp_path: Path) -> None:
    """Hung up, since nobody spoke; word and question go whole to the same session, on its next connection."""
    user = recording("wake_okay_nabu_piper", 12.0) + recording("human_f_0930", 0.1, 8.0)
    audio = written(tmp_path / "user.wav", user)
    word_s = 12.0
    question_s = word_s + length_s("wake_okay_nabu_piper") + 0.1
    settings = (*CLEAN, "frontend.uplink.mode=wake", "conversation.idle_minutes=0.05")
    with Talk(tmp_path, DEAF, *settings, audio=audio).start() as talk:
        assert talk.ear is not None
        talk.ear.wait_for(Idle, 15, lambda idle: not idle.awake)
        assert talk.simulator.heard() == b""
        assert talk.ear.wait_for(Wake, 30).word == "okay_nabu"
        talk.ear.wait_for(Idle, 10, lambda idle: idle.awake)
        opened = talk.ear.wait_for(
            SessionState, 15, lambda session: session.connection == 2 and session.state == "open"
        )
        assert opened.resumed
        talk.simulator.wait_for("audioStreamEnd", timeout=30)
        sent = talk.simulator.heard()
        for moment in (word_s + 0.2, question_s + 0.1, question_s + length_s("human_f_0930") - 0.3):
            assert at(user, moment) in sent, moment


def test_a_reply_that_is_talked_over_is_cut_by_ear(tmp_path: Path) -> None:
    """The server hears nothing; the front end does: quieter first, then silent, for good."""
    audio = written(tmp_path / "user.wav", recording("human_f_0870", 5.0, 20.0))
    with Talk(tmp_path, DEAF, *CLEAN, audio=audio) as talk:
        assert talk.ear is not None
        talk.start()
        talk.simulator.say(marks_s=25.0)
        heard = talk.ear.wait_for(TurnHeard, 10)
        cut = talk.ear.wait_for(Cut, 30)
        assert (cut.cause, cut.turn) == ("local", heard.turn)
        played = talk.ear.wait_for(TurnPlayed, 10)
        assert played.cut
        assert NO_TURN < played.turn == heard.turn


def test_without_a_wake_word_engine_it_says_that_it_is_deaf(tmp_path: Path) -> None:
    """Mode wake and no word that could be heard: nothing is sent, and the status says why."""
    settings = (
        *CLEAN,
        "frontend.uplink.mode=wake",
        "frontend.wake.words=[]",
        f"frontend.wake.models=['{tmp_path}/no.json']",
    )
    audio = written(tmp_path / "user.wav", recording("human_f_0880", 0.5, 30.0))
    with Talk(tmp_path, DEAF, *settings, audio=audio) as talk:
        talk.daemon.ask("start")
        wait_until(lambda: "cannot be read" in talk.daemon.worker("frontend")["text"], 20)
        assert not talk.daemon.worker("frontend")["ready"]
        assert talk.simulator.heard() == b""
