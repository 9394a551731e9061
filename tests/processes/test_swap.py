"""A session over many connections, with the real daemon: nothing is lost or doubled, and nobody hears the seam."""

from pathlib import Path

import pytest

from fakes.daemon import wait_until
from lived.units import MIC_RATE, MODEL_RATE
from lived.wire.events import SessionState, Swapped, TurnPlayed
from processes.talk import DEAF, Talk, marked_wav
from processes.test_no_loss import nothing_lost, one_run

pytestmark = pytest.mark.processes


def swap_of(talk: Talk, count: int, timeout: float) -> Swapped:
    """The account of the ``count``th swap."""
    assert talk.ear
    ear = talk.ear
    wait_until(lambda: len(ear.of(Swapped)) >= count, timeout, lambda: talk.daemon.log)
    return ear.of(Swapped)[count - 1]


def test_a_planned_swap_under_a_long_reply_and_somebody_who_speaks(tmp_path: Path) -> None:
    """goAway in the middle of a reply of 9 s: it is heard to its end, then the connection is replaced; every frame of
    the microphone arrives once."""
    with Talk(tmp_path, DEAF, audio=marked_wav(tmp_path / "user.wav", 60)).start() as talk:
        talk.simulator.say(marks_s=9.0)
        talk.wait_played(1, 10)
        talk.simulator.inject(do="go_away", s=50.0)
        told = swap_of(talk, 1, 25)
        assert (told.cause, told.kept, told.lost) == ("goaway", "resumed", 0)
        assert talk.ear
        played = talk.ear.of(TurnPlayed)[0]
        assert (played.frames, played.cut) == (9 * MODEL_RATE, False)
        assert one_run(talk.recording.runs("speaker"), 9, MODEL_RATE).frames == 9 * MODEL_RATE
        talk.wait_server_heard(14, 20)
        one_run(talk.heard_by_server(), 14, MIC_RATE)
        nothing_lost(talk)
        session = talk.daemon.ask("status")["session"]
        assert (session["swaps"], session["lost_ms"]) == (1, 0)
        assert not [e for e in talk.ear.of(SessionState) if e.state == "retrying"]


def test_a_reply_that_is_heard_over_two_connections(tmp_path: Path) -> None:
    """goAway without time left, while most of the reply waits to be heard: the swap takes nothing of it away."""
    with Talk(tmp_path, DEAF, audio=marked_wav(tmp_path / "user.wav", 60)).start() as talk:
        talk.simulator.say(marks_s=8.0, burst=20.0)
        talk.wait_played(1, 10)
        talk.simulator.wait_for("sent", "generationComplete")
        talk.simulator.inject(do="go_away", s=0.0)
        assert swap_of(talk, 1, 10).cause == "goaway"
        assert talk.ear
        played = talk.ear.wait_for(TurnPlayed, 15)
        assert (played.frames, played.cut) == (8 * MODEL_RATE, False)
        assert one_run(talk.recording.runs("speaker"), 8, MODEL_RATE).frames == 8 * MODEL_RATE
        talk.wait_server_heard(11, 20)
        one_run(talk.heard_by_server(), 11, MIC_RATE)
        nothing_lost(talk)


def test_a_gateway_killed_between_two_connections(tmp_path: Path) -> None:
    """SIGKILL at the moment at which the old connection closes, with something typed: its successor resumes, every
    frame arrives, and so does the text."""
    slow = DEAF + '[[fault]]\non = "connect:2"\ndo = "slow_setup"\ns = 3.0\n'
    with Talk(tmp_path, slow, audio=marked_wav(tmp_path / "user.wav", 60)).start() as talk:
        talk.wait_server_heard(2, 10)
        talk.simulator.wait_for("sent", "sessionResumptionUpdate")
        talk.simulator.inject(do="go_away", s=50.0)
        assert talk.ear
        talk.ear.wait_for(SessionState, 10, lambda e: e.state == "connecting" and e.connection == 1)
        talk.daemon.ask("say", text="Do not forget me.")
        talk.simulator.wait_for("open", count=2)
        old = talk.kill("gateway")
        talk.back("gateway", old, 15)
        talk.wait_server_heard(12, 30)
        one_run(talk.heard_by_server(), 12, MIC_RATE)
        assert [entry["text"] for entry in talk.simulator.journal("text")] == ["Do not forget me."]
        nothing_lost(talk)
