"""A conversation goes on beside somebody who attaches and behaves badly: same positions, same cut, bounded memory."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from fakes.daemon import TESTS, wait_until
from lived.units import MIC_RATE, MILLISECOND, MODEL_RATE
from lived.wire.events import Cut, CutDone, Loss, TurnComplete, TurnHeard, TurnPlayed
from processes.talk import DEAF, Talk, marked_wav

pytestmark = pytest.mark.processes

MOST_BYTES = 16 * 1024 * 1024
"""What one subscriber may cost the daemon, however it behaves."""
ALLOWED_MS = 150
"""Cut to silence at the DAC on a machine that does other things; the real figure is in bench/."""


@contextmanager
def rude(manner: str, directory: Path) -> Iterator["subprocess.Popen[str]"]:
    """Somebody like that, who has begun, until the block ends."""
    command = [sys.executable, "-m", "fakes.rude", manner, str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=TESTS) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "begun\n"
            yield process
        finally:
            process.kill()


@contextmanager
def few_files() -> Iterator[None]:
    """What is started inside may have 1,024 files open unless it says otherwise: what most systems begin with."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def memory(talk: Talk) -> dict[str, int]:
    """Bytes of the supervisor and of each worker."""
    pids = {worker["name"]: worker["pid"] for worker in talk.daemon.ask("status")["workers"]}
    pids["supervisor"] = talk.daemon.process.pid
    return {name: psutil.Process(pid).memory_info().rss for name, pid in pids.items()}


def a_whole_reply(talk: Talk, seconds: float) -> None:
    """Every frame of it is handed to the card, once and in order, without a pause."""
    assert talk.ear
    before = len(talk.recording.runs("speaker"))
    turns = len(talk.ear.of(TurnPlayed))
    talk.simulator.say(marks_s=seconds)
    wait_until(lambda: len(talk.ear.of(TurnPlayed)) > turns, seconds + 15, lambda: talk.daemon.log)  # type: ignore[union-attr]
    played = talk.ear.of(TurnPlayed)[-1]
    assert (played.frames, played.cut) == (seconds * MODEL_RATE, False)
    talk.wait_played(seconds, 10, since=before)  # events and sound are not on the same bus
    assert [run.frames for run in talk.recording.runs("speaker")[before:]] == [seconds * MODEL_RATE]


def a_cut(talk: Talk) -> None:
    """As quick as ever, and nothing of the turn is heard behind it."""
    assert talk.ear
    heard_before = len(talk.ear.of(TurnHeard))
    talk.simulator.say(marks_s=4.0, burst=8.0)
    wait_until(lambda: len(talk.ear.of(TurnHeard)) > heard_before, 10, lambda: talk.daemon.log)  # type: ignore[union-attr]
    turn = talk.ear.of(TurnHeard)[-1].turn
    talk.wait_played(0.5, 10, since=len(talk.recording.runs("speaker")) - 1)
    assert talk.daemon.ask("interrupt") == {"turn": turn}
    done = talk.ear.wait_for(CutDone, 5, lambda event: event.turn == turn)
    ordered = talk.ear.wait_for(Cut, 5, lambda event: event.turn == turn)
    assert done.silent_at - ordered.time < ALLOWED_MS * MILLISECOND
    later = [c for c in talk.recording.of("speaker") if c.turn == turn and c.time >= done.silent_at]
    assert not later
    talk.ear.wait_for(TurnComplete, 30, lambda event: event.turn == turn)  # the server is not told of our cut


def unmoved(talk: Talk, before: dict[str, int], pids: list[int]) -> None:
    """Same processes, nothing lost in either direction; memory of the daemon, which serves subscribers, is bounded."""
    assert talk.ear
    (run,) = talk.heard_by_server()
    assert run.frames >= 8 * MIC_RATE
    assert talk.recording.pcm("mic"), "and another reader hears every frame"
    assert talk.ear.of(Loss) == []
    assert [worker["pid"] for worker in talk.daemon.ask("status")["workers"]] == pids
    grown = {name: used - before[name] for name, used in memory(talk).items()}
    assert grown["supervisor"] <= MOST_BYTES, grown


@pytest.mark.alone  # a flood takes every core that others leave it: two of them would take them from the conversation
@pytest.mark.parametrize("manner", ["stall", "flood", "come_and_go", "garbage", "raw", "half", "crowd"])
def test_nobody_hears_a_rude_subscriber(tmp_path: Path, manner: str) -> None:
    """Stalls, floods the door, comes and goes, says garbage, speaks no ZeroMQ, or half of it, or in hundreds."""
    audio = marked_wav(tmp_path / "user.wav", 90)
    with few_files(), Talk(tmp_path, DEAF, audio=audio).start() as talk:
        a_whole_reply(talk, 1.0)
        before, pids = memory(talk), [worker["pid"] for worker in talk.daemon.ask("status")["workers"]]
        with rude(manner, talk.folder / "run"):
            a_whole_reply(talk, 3.0)
            a_cut(talk)
            talk.wait_server_heard(8, 30)
            unmoved(talk, before, pids)
        a_whole_reply(talk, 1.0)
        assert len(talk.daemon.log) < 20_000, "the log is not the place for a flood"
