"""New settings while a conversation is on."""

import signal
from pathlib import Path

import pytest

from fakes.daemon import wait_until
from lived.wire.events import Loss, SessionState
from processes.talk import DEAF, Talk, marked_wav

pytestmark = pytest.mark.processes


def test_another_voice_in_the_same_session(tmp_path: Path) -> None:
    """SIGHUP with a changed voice: only the gateway is replaced, its session goes on, nothing is lost."""
    conf = tmp_path / "lived.toml"
    conf.write_text("[live]\nvoice = 'Kore'\n")
    audio = marked_wav(tmp_path / "user.wav", 60)
    with Talk(tmp_path, DEAF, audio=audio, environ={"LIVED_CONFIG": str(conf)}).start() as talk:
        talk.wait_server_heard(1, 10)
        before = {w["name"]: w["pid"] for w in talk.daemon.ask("status")["workers"]}
        conf.write_text("[live]\nvoice = 'Puck'\n")
        talk.daemon.process.send_signal(signal.SIGHUP)
        talk.back("gateway", before["gateway"], 10)
        ear = talk.daemon.ear
        assert ear
        wait_until(lambda: ear.of(SessionState)[-1].resumed, 10, lambda: talk.daemon.log)
        setup = talk.simulator.wait_for("setup", count=2)["setup"]
        assert setup["generationConfig"]["speechConfig"] == {
            "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Puck"}}
        }
        heard = len(talk.simulator.heard()) / 32_000
        talk.wait_server_heard(heard + 2, 10)
        assert len(talk.heard_by_server()) == 1
        assert ear.of(Loss) == []
        after = {w["name"]: w["pid"] for w in talk.daemon.ask("status")["workers"]}
        assert (after["capture"], after["playback"]) == (before["capture"], before["playback"])


def test_wrong_settings_change_nothing(tmp_path: Path) -> None:
    """The sentence is in the log, the conversation goes on."""
    conf = tmp_path / "lived.toml"
    conf.write_text("[live]\nvoice = 'Kore'\n")
    with Talk(tmp_path, DEAF, environ={"LIVED_CONFIG": str(conf)}).start() as talk:
        conf.write_text("[live]\nvoice = 3\n")
        talk.daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "old configuration stays in force" in talk.daemon.log, 15, lambda: talk.daemon.log)
        assert talk.daemon.ask("status")["state"] == "ready"
