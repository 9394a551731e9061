"""No frame lost or doubled, whatever happens in between: proven by numbered samples, end to end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from fakes.daemon import wait_until
from lived.units import MIC_RATE, MODEL_RATE
from lived.wire.events import Loss, SessionState, TurnPlayed
from lived_workers.simulator.marks import PERIOD, Run, runs
from processes.talk import DEAF, Talk, marked_wav

pytestmark = pytest.mark.processes


@contextmanager
def busy_cores() -> Iterator[None]:
    """Something that wants every core, for as long as the block lasts."""
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


@contextmanager
def stopped(pid: int, seconds: float) -> Iterator[None]:
    """A process that stands still for so long."""
    os.kill(pid, signal.SIGSTOP)
    end = time.monotonic() + seconds
    try:
        yield
        wait_until(lambda: time.monotonic() >= end, seconds + 5)
    finally:
        os.kill(pid, signal.SIGCONT)


def one_run(found: list[Run], least_s: float, rate: int) -> Run:
    """Exactly one unbroken stretch of numbers, long enough: nothing lost, doubled or out of order."""
    assert len(found) == 1, found
    assert found[0].frames >= least_s * rate, found
    return found[0]


FADES = MODEL_RATE * 30 // 1000
"""Where sound stops for lack of it, and goes on: a few fades of 3 ms, in which the numbers cannot be read."""


def all_played(talk: Talk, seconds: float, timeout: float) -> None:
    """Every frame of the one reply was handed to the card, in order, each once; it may have paused in between."""
    assert talk.ear is not None
    frames = int(seconds * MODEL_RATE)
    played = talk.ear.wait_for(TurnPlayed, timeout)
    assert (played.frames, played.cut) == (frames, False)
    found = talk.recording.runs("speaker")
    for before, after in pairwise(found):
        assert 0 < (after.first - before.end) % PERIOD <= FADES, found
    assert sum(run.frames for run in found) >= frames - FADES * (len(found) - 1)


def nothing_lost(talk: Talk) -> None:
    """Nobody even believes that something was lost."""
    assert talk.ear is not None
    assert talk.ear.of(Loss) == []


@pytest.mark.alone
def test_a_steady_minute_with_both_cores_busy(tmp_path: Path) -> None:
    """60 s up and a reply of 50 s down, at the same time, while every core is wanted by somebody else."""
    audio = marked_wav(tmp_path / "user.wav", 120)
    with Talk(tmp_path, DEAF, audio=audio).start() as talk, busy_cores():
        talk.simulator.say(marks_s=50.0)
        talk.wait_server_heard(60, 90)
        talk.wait_played(50, 60)
        one_run(talk.heard_by_server(), 60, MIC_RATE)
        assert one_run(talk.recording.runs("speaker"), 50, MODEL_RATE).frames == 50 * MODEL_RATE
        nothing_lost(talk)


def test_the_gateway_stands_still(tmp_path: Path) -> None:
    """Stopped for 5 s in the middle of talk in both directions."""
    audio = marked_wav(tmp_path / "user.wav", 60)
    with Talk(tmp_path, DEAF, audio=audio).start() as talk:
        talk.simulator.say(marks_s=12.0)
        talk.wait_played(1, 10)
        with stopped(talk.daemon.worker("gateway")["pid"], 5):
            pass
        talk.wait_server_heard(12, 20)
        one_run(talk.heard_by_server(), 12, MIC_RATE)
        all_played(talk, 12, 20)
        nothing_lost(talk)


def test_the_server_stops_reading(tmp_path: Path) -> None:
    """Its TCP window closes for 5 s; everything arrives afterwards."""
    audio = marked_wav(tmp_path / "user.wav", 60)
    with Talk(tmp_path, DEAF, audio=audio).start() as talk:
        talk.wait_server_heard(2, 10)
        talk.simulator.inject(do="stall_reading", s=5.0)
        talk.wait_server_heard(11, 20)
        one_run(talk.heard_by_server(), 11, MIC_RATE)
        nothing_lost(talk)


def test_playback_stands_still(tmp_path: Path) -> None:
    """Stopped for 5 s with a reply on its way: all of it is played afterwards."""
    with Talk(tmp_path, DEAF).start() as talk:
        talk.simulator.say(marks_s=10.0)
        talk.wait_played(1, 10)
        with stopped(talk.daemon.worker("playback")["pid"], 5):
            pass
        all_played(talk, 10, 20)


def test_before_the_session_is_up(tmp_path: Path) -> None:
    """A server that takes 4 s to accept: what was said from the first captured frame on arrives, in order."""
    slow = DEAF + '[[fault]]\non = "connect:1"\ndo = "slow_setup"\ns = 4.0\n'
    audio = marked_wav(tmp_path / "user.wav", 60)
    with Talk(tmp_path, slow, audio=audio) as talk:
        talk.daemon.ask("start")
        talk.wait_server_heard(8, 20)
        run = one_run(talk.heard_by_server(), 8, MIC_RATE)
        first = runs(talk.recording.pcm("mic"))[0]
        assert run.first == first.first, "the beginning is missing"
        nothing_lost(talk)


@pytest.mark.parametrize("worker", ["gateway", "playback", "capture"])
def test_a_killed_worker_loses_nothing_of_the_others(tmp_path: Path, worker: str) -> None:
    """SIGKILL in the middle of a reply: the others go on, it comes back, the session continues."""
    audio = marked_wav(tmp_path / "user.wav", 60)
    with Talk(tmp_path, DEAF, audio=audio).start() as talk:
        talk.simulator.say(marks_s=8.0)
        talk.wait_played(1, 10)
        others = {w["name"]: w["pid"] for w in talk.daemon.ask("status")["workers"] if w["name"] != worker}
        old = talk.kill(worker)
        talk.back(worker, old, 8)
        heard = len(talk.simulator.heard()) / 2 / MIC_RATE
        talk.wait_server_heard(heard + 4, 15)
        now = {w["name"]: w["pid"] for w in talk.daemon.ask("status")["workers"] if w["name"] != worker}
        assert now == others
        {"gateway": _session_went_on, "playback": _reply_went_on, "capture": _sound_came_back}[worker](talk)


@pytest.mark.alone
def test_a_killed_worker_is_back_within_two_seconds(tmp_path: Path) -> None:
    """Whichever it is, where nobody else wants the processor; twice that is allowed for what this machine may do."""
    with Talk(tmp_path, DEAF).start() as talk:
        for worker in ("gateway", "playback", "capture"):
            old, killed = talk.kill(worker), time.monotonic()
            talk.back(worker, old, 8)
            assert time.monotonic() - killed < 2 * 2.0, worker


def _session_went_on(talk: Talk) -> None:
    """Same session, by its handle; everything that was said reached the server."""
    one_run(talk.heard_by_server(), 5, MIC_RATE)
    setups = talk.simulator.journal("setup")
    assert len(setups) == 2
    assert "handle" in str(setups[1])
    assert talk.ear is not None
    talk.ear.wait_for(SessionState, 10, lambda e: e.state == "open" and e.resumed)
    nothing_lost(talk)


def _reply_went_on(talk: Talk) -> None:
    """The rest of the reply is heard from where it broke off, and no frame twice."""
    one_run(talk.heard_by_server(), 5, MIC_RATE)
    assert talk.ear is not None
    talk.ear.wait_for(TurnPlayed, 15)
    found = talk.recording.runs("speaker")
    assert len(found) == 2, found
    missing = 8 * MODEL_RATE - sum(r.frames for r in found)
    assert 0 <= missing <= 0.1 * MODEL_RATE, f"{missing} frames were in the dead process's card buffer"
    assert len(talk.simulator.journal("setup")) == 1


def _sound_came_back(talk: Talk) -> None:
    """Only what was said while no process held the card is missing, once."""
    found = talk.heard_by_server()
    assert len(found) == 2, found
    assert len(talk.simulator.journal("setup")) == 1


def test_typed_text_waits_for_a_gateway_that_is_gone(tmp_path: Path) -> None:
    """Killed, and nobody has noticed yet: what the door accepts now reaches the model, once."""
    with Talk(tmp_path).start() as talk:
        old = talk.kill("gateway")
        talk.daemon.ask("say", text="Are you there?")
        assert talk.daemon.worker("gateway")["pid"] in (None, old), "it came back before anything was typed"
        talk.simulator.wait_for("text", timeout=20)
        _typed_once(talk)


def test_typed_text_outlives_the_gateway_that_was_told(tmp_path: Path) -> None:
    """It stands still with the text in its socket, and is killed."""
    with Talk(tmp_path).start() as talk:
        pid = talk.daemon.worker("gateway")["pid"]
        os.kill(pid, signal.SIGSTOP)
        talk.daemon.ask("say", text="Are you there?")
        talk.kill("gateway")
        talk.back("gateway", pid, 20)
        talk.simulator.wait_for("text", timeout=20)
        _typed_once(talk)


def _typed_once(talk: Talk) -> None:
    """And not again after another restart: a text that has arrived is nobody's any more."""
    kept = talk.folder / "run" / "gateway.texts"
    wait_until(lambda: not kept.exists(), 10, lambda: "the text is still kept though it has arrived")
    old = talk.kill("gateway")
    talk.back("gateway", old, 20)
    talk.daemon.ask("say", text="Still there?")
    talk.simulator.wait_for("text", timeout=20, fits=lambda entry: entry["text"] == "Still there?")
    assert [entry["text"] for entry in talk.simulator.journal("text")] == ["Are you there?", "Still there?"]
