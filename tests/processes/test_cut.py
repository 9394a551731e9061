"""After a cut nothing of the cut turn is heard, and nothing else ever cuts anything."""

from pathlib import Path

import pytest

from fakes.daemon import wait_until
from lived.bus import Bus
from lived.units import MILLISECOND, MODEL_RATE, Frames
from lived.wire.events import Cut, CutDone, Loss, TurnComplete, TurnHeard, TurnPlayed
from lived_workers.simulator.marks import runs
from processes.talk import DEAF, EXACT, Recording, Talk, marked_wav, spoken_wav

pytestmark = pytest.mark.processes

MARKED_REPLY = "[[reply]]\nmarks_s = {0}\n{1}\n"
ONE_SECOND = Frames(MODEL_RATE)
ALLOWED_MS = 150
"""Cut to silence at the DAC on a machine that does other things; the real figure is in bench/."""


def frames_of_turn_after(talk: Talk, turn: int, time_ns: int) -> int:
    """Frames of ``turn`` that were played at or after ``time_ns``."""
    return sum(c.frames for c in talk.recording.of("speaker") if c.turn == turn and c.time >= time_ns)


def test_interrupted_silences_a_reply_that_is_wholly_buffered(tmp_path: Path) -> None:
    """The reply came 20 times faster than it is spoken; the server's ``interrupted`` still ends it at once."""
    user = spoken_wav(tmp_path / "user.wav", (1.0, 1.0), (4.0, 1.5), (10.0, 0.0))
    scenario = EXACT + MARKED_REPLY.format(20.0, "burst = 20.0") + MARKED_REPLY.format(1.0, "")
    with Talk(tmp_path, scenario, audio=user).start() as talk:
        assert talk.ear
        cut = talk.ear.wait_for(Cut, 20)
        assert cut.cause == "server"
        done = talk.ear.wait_for(CutDone, 5)
        assert 0 < done.heard_frames < 10 * MODEL_RATE
        assert done.silent_at - cut.time < ALLOWED_MS * MILLISECOND
        second = talk.ear.wait_for(TurnPlayed, 20, lambda e: e.turn > cut.turn)
        assert second.frames == ONE_SECOND
        assert frames_of_turn_after(talk, cut.turn, done.silent_at) == 0
        played = [c for c in talk.recording.of("speaker") if c.turn == cut.turn]
        assert abs(sum(c.frames for c in played) - done.heard_frames) <= MODEL_RATE // 100


def test_interrupted_after_generation_complete(tmp_path: Path) -> None:
    """The server had finished; what is still to be heard is silenced all the same."""
    user = spoken_wav(tmp_path / "user.wav", (1.0, 1.0), (3.0, 1.5), (10.0, 0.0))
    scenario = (
        EXACT
        + MARKED_REPLY.format(15.0, 'burst = 20.0\ninterrupted = "after_generation"')
        + MARKED_REPLY.format(1.0, "")
    )
    with Talk(tmp_path, scenario, audio=user).start() as talk:
        assert talk.ear
        cut = talk.ear.wait_for(Cut, 20)
        done = talk.ear.wait_for(CutDone, 5)
        talk.ear.wait_for(TurnPlayed, 20, lambda e: e.turn > cut.turn)
        assert frames_of_turn_after(talk, cut.turn, done.silent_at) == 0


@pytest.mark.parametrize("manner", ["late_audio", "double", "no_turn_complete"])
def test_a_server_that_misbehaves_around_interrupted(tmp_path: Path, manner: str) -> None:
    """Late sound, ``interrupted`` twice, no ``turnComplete``: silence, and the next reply is heard whole."""
    user = spoken_wav(tmp_path / "user.wav", (1.0, 1.0), (3.0, 1.5), (12.0, 0.0))
    scenario = EXACT + MARKED_REPLY.format(10.0, f'interrupted = "{manner}"') + MARKED_REPLY.format(1.0, "")
    with Talk(tmp_path, scenario, audio=user).start() as talk:
        assert talk.ear
        cut = talk.ear.wait_for(Cut, 20)
        done = talk.ear.wait_for(CutDone, 5)
        following = talk.ear.wait_for(TurnPlayed, 25, lambda e: e.turn > cut.turn and not e.cut)
        assert following.frames == ONE_SECOND
        assert frames_of_turn_after(talk, cut.turn, done.silent_at) == 0


def test_a_local_interrupt_silences_and_the_next_reply_follows(tmp_path: Path) -> None:
    """``livectl interrupt``: the rest of the reply still arrives from the server and is never heard."""
    with Talk(tmp_path, DEAF).start() as talk:
        assert talk.ear
        talk.simulator.say(marks_s=6.0, burst=1.0)
        heard = talk.ear.wait_for(TurnHeard, 10)
        talk.wait_played(0.5, 10)
        assert talk.daemon.ask("interrupt") == {"turn": heard.turn}
        done = talk.ear.wait_for(CutDone, 5)
        assert talk.daemon.ask("interrupt") == {"turn": 0}, "there is nothing more to cut"
        talk.ear.wait_for(TurnComplete, 15, lambda e: e.turn == heard.turn)
        talk.simulator.say(marks_s=1.0)
        after = talk.ear.wait_for(TurnPlayed, 10, lambda e: e.turn > heard.turn)
        assert after.frames == ONE_SECOND
        assert frames_of_turn_after(talk, heard.turn, done.silent_at) == 0


@pytest.mark.parametrize("manner", ["early", "late", "never"])
def test_the_end_of_a_turn_never_cuts_its_tail(tmp_path: Path, manner: str) -> None:
    """Whenever turnComplete comes, or never: every frame of both replies is heard."""
    with Talk(tmp_path, DEAF).start() as talk:
        assert talk.ear
        for number in (1, 2):
            talk.simulator.say(marks_s=3.0, turn_complete=manner)
            talk.wait_played(3 * number, 15)
            if manner != "never":
                talk.simulator.wait_for("sent", "turnComplete", count=number)
        played = talk.recording.runs("speaker")
        assert [r.frames for r in played] == [3 * MODEL_RATE] * 2
        assert not talk.ear.of(Cut)


def test_stopping_the_conversation_silences_and_closes_everything(tmp_path: Path) -> None:
    """``livectl stop``: silent at once, socket closed, microphone closed; ``start`` begins anew."""
    with Talk(tmp_path, DEAF).start() as talk:
        assert talk.ear
        talk.simulator.say(marks_s=10.0)
        talk.wait_played(0.5, 10)
        talk.daemon.ask("stop")
        talk.ear.wait_for(CutDone, 5)
        talk.simulator.wait_for("close", timeout=5)
        talk.daemon.wait_state("off")
        captured = len(talk.recording.of("mic"))
        talk.daemon.ask("start")
        talk.daemon.wait_state("ready")
        wait_until(lambda: len(talk.recording.of("mic")) > captured, 5)
        assert len(talk.simulator.journal("setup")) == 2


def test_muting_keeps_the_users_voice_in_its_process(tmp_path: Path) -> None:
    """Nothing of what is said while muted leaves capture; afterwards sound flows again, without a loss."""
    audio = marked_wav(tmp_path / "user.wav", 60)
    with Talk(tmp_path, DEAF, audio=audio).start() as talk:
        talk.wait_server_heard(1, 10)
        talk.daemon.ask("mute", on=True)
        talk.simulator.wait_for("audioStreamEnd", timeout=5)
        before = len(talk.simulator.heard())
        on_bus = len(talk.recording.of("mic"))
        talk.daemon.ask("mute", on=False)
        talk.wait_server_heard(before / 2 / 16_000 + 1, 10)
        heard = runs(talk.simulator.heard())
        assert len(heard) == 2
        gap = (heard[1].first - heard[0].end) % 32_768
        assert gap >= 16_000, "more than a second was said while muted"
        assert talk.recording.of("mic")[on_bus].flags & 2
        assert not [e for e in talk.ear.events if type(e).__name__ == "Loss"]  # type: ignore[union-attr]


def test_thirty_two_subscribers_and_a_lazy_one_change_nothing(tmp_path: Path) -> None:
    """With 32 readers and one that never reads attached: the cut is as quick, and nothing is lost on either side."""
    user = spoken_wav(tmp_path / "user.wav", (1.0, 1.0), (4.0, 1.5), (10.0, 0.0))
    scenario = EXACT + MARKED_REPLY.format(20.0, "burst = 20.0") + MARKED_REPLY.format(1.0, "")
    with Talk(tmp_path, scenario, audio=user) as talk:
        lazy = Bus(talk.daemon.endpoints)
        silent_reader = lazy.audio(b"")
        silent_reader.await_greeting()
        crowd = [Recording(talk.daemon, b"mic/", b"model/", b"speaker/") for _ in range(32)]
        try:
            talk.start()
            assert talk.ear
            cut = talk.ear.wait_for(Cut, 20)
            done = talk.ear.wait_for(CutDone, 5)
            assert done.silent_at - cut.time < ALLOWED_MS * MILLISECOND
            following = talk.ear.wait_for(TurnPlayed, 20, lambda e: e.turn > cut.turn)
            assert following.frames == ONE_SECOND
            assert not talk.ear.of(Loss)
            for reader in crowd:
                assert reader.pcm("mic"), "an attached reader hears everything, without a gap"
                reader.pcm("speaker")
        finally:
            for reader in crowd:
                reader.close()
            silent_reader.close()
            lazy.close()
