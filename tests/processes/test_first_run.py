"""A device that nobody has given a key yet."""

import wave
from pathlib import Path

import pytest

from fakes.daemon import wait_until
from lived.wire.events import TurnComplete, TurnPlayed
from lived_workers.gateway.announcement import RECORDING
from processes.talk import DEAF, Talk

pytestmark = pytest.mark.processes

KEY = "AIzaNeverToBeSeen0123456789"
WAITS = "gateway: There is no API key; run 'livectl setup', or set GEMINI_API_KEY."


def keyless(folder: Path, *overrides: str) -> Talk:
    """A daemon without key and configuration that begins to converse at once."""
    environ = {"GEMINI_API_KEY": "", "XDG_CONFIG_HOME": str(folder / "config")}
    return Talk(folder, DEAF, "conversation.autostart=true", *overrides, environ=environ)


def waits(talk: Talk) -> None:
    """Until the status says what is missing, and nothing else."""
    wait_until(lambda: talk.daemon.ask("status")["text"] == WAITS, 20, lambda: str(talk.daemon.ask("status")))
    assert talk.daemon.ask("status")["state"] == "degraded"


def announced() -> bytes:
    """What is said aloud."""
    with wave.open(str(RECORDING)) as recording:
        assert (recording.getframerate(), recording.getnchannels(), recording.getsampwidth()) == (24_000, 1, 2)
        return bytes(recording.readframes(recording.getnframes()))


def test_it_waits_and_goes_on(tmp_path: Path) -> None:
    """It runs, says why it does not converse: in the status, the log and aloud, as a turn of its own; and converses as
    soon as there is a file with a key. Started again, it does not say it again."""
    with keyless(tmp_path) as talk:
        waits(talk)
        assert talk.daemon.ask("status")["session"]["state"] == "failed"
        assert "lived: There is no API key" in talk.daemon.log
        assert talk.ear
        played = talk.ear.wait_for(TurnPlayed, 20, lambda event: event.frames == len(announced()) // 2)
        complete = talk.ear.wait_for(TurnComplete, 15)
        assert (complete.turn, complete.reason, played.cut) == (played.turn, "", False)
        # the ear may have come after the beginning, and is not told again what it missed
        assert announced().endswith(talk.recording.pcm("model"))
        before = talk.daemon.worker("gateway")["pid"]
        key = tmp_path / "config" / "lived" / "api-key"
        key.parent.mkdir(parents=True)
        key.write_text(f"{KEY}\n")
        talk.back("gateway", before, 15)
        talk.daemon.wait_state("ready")
        assert talk.daemon.worker("capture")["restarts"] == 0
        assert KEY not in talk.daemon.log + str(talk.daemon.ask("status")) + str(talk.ear.events)
        key.unlink()
    with keyless(tmp_path) as talk:
        waits(talk)
        talk.daemon.ask("stop")
        talk.daemon.ask("start")
        assert talk.ear
        beats = len(talk.ear.events)
        wait_until(lambda: talk.ear is not None and len(talk.ear.events) > beats + 20, 15)
        assert talk.recording.of("model") == []


def test_it_can_be_kept_quiet(tmp_path: Path) -> None:
    """conversation.announce = false; a reload takes a key that came meanwhile at once."""
    with keyless(tmp_path, "conversation.announce=false") as talk:
        talk.daemon.wait_state("degraded")
        key = tmp_path / "config" / "lived" / "api-key"
        key.parent.mkdir(parents=True)
        key.write_text(KEY)
        reloaded = talk.daemon.ask("reload")
        taken = reloaded["restarted"] == ["gateway"] or "there is another API key" in talk.daemon.log
        assert taken
        talk.daemon.wait_state("ready")
        assert talk.recording.of("model") == []
