"""Barge-in on a clock of our own: when the reply is cut, in which order, and that no sound follows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lived_workers.simulator import client_messages as said
from lived_workers.simulator.faults import Fault
from lived_workers.simulator.marks import runs
from simulator.harness import LONG, QUIET, Player, asked, question, silence


def after_interrupted(player: Player) -> list[str]:
    """The kinds of frames from the first interrupted on."""
    kinds = [send.what for _, send in player.sent()]
    return kinds[kinds.index("interrupted") :]


def test_barge_in_while_generating() -> None:
    """interrupted, then turnComplete, no generationComplete, and not one more sample."""
    player = asked()
    player.run(1.0)
    player.hear(question("question_stop")[:32_000])
    assert player.session.conversation is not None
    assert after_interrupted(player) == ["interrupted", "turnComplete", "sessionResumptionUpdate"]
    assert "generationComplete" not in player.order()


def test_barge_in_while_playing() -> None:
    """All was sent, not all was played: generationComplete, then interrupted, then turnComplete."""
    player = asked()
    player.run(8.0)
    player.hear(question("question_stop"))
    assert [k for k in player.order() if k != "voiceActivity"][-4:] == [
        "generationComplete",
        "interrupted",
        "turnComplete",
        "sessionResumptionUpdate",
    ]


def test_reaction_time() -> None:
    """interrupted comes 440 ms after the onset of speech, or as the scenario says."""
    for text, reaction in ((LONG, 0.44), (LONG.replace("jitter_ms = 0", "jitter_ms = 0\ninterrupt_ms = 1200"), 1.2)):
        player = asked(text)
        player.run(1.0)
        onset = player.now
        player.hear(silence(0.02) + question("question_story")[6400:])
        assert player.sent("interrupted")[0][0] - onset == pytest.approx(reaction, abs=0.1)


def test_the_interrupting_words_are_answered() -> None:
    """Who talks over a reply gets a reply; its samples continue where no others have been."""
    player = asked()
    player.run(1.0)
    player.hear(question("question_stop") + silence(1.5))
    player.run(30)
    turns = {send.turn for _, send in player.sent("audio")}
    assert turns == {1, 2}
    second = b"".join(send.pcm for _, send in player.sent("audio") if send.turn == 2)
    (run,) = runs(second)
    assert run.frames == 20 * 24_000


@settings(deadline=None, max_examples=50)
@given(st.floats(0.0, 12.0))
def test_never_sound_after_interrupted(wait: float) -> None:
    """Whenever the user cuts in, nothing of that turn follows interrupted; what came is one run."""
    player = asked()
    player.run(wait)
    player.session.inject(player.now, Fault(do="interrupt"))
    player.run(40)
    sound = [(at, send) for at, send in player.sent("audio") if send.turn == 1]
    cuts = player.sent("interrupted")
    if cuts:
        assert all(at <= cuts[0][0] for at, _ in sound)
        assert "audio" not in after_interrupted(player)
    assert len(runs(b"".join(send.pcm for _, send in sound))) <= 1


def test_late_effects_are_not_sent_after_a_cut() -> None:
    """What was due long ago but not yet taken (a slow client) is cut like the rest."""
    player = asked()
    player.run(0.6)
    player.now += 30  # nobody took anything for 30 s
    player.tell(said.Text("stop"))
    player.session.inject(player.now - 30, Fault(do="interrupt"))
    player.run(0.01)
    assert "audio" not in after_interrupted(player)


def test_no_interruption_is_honoured() -> None:
    """With NO_INTERRUPTION the reply goes on, and the second question is answered afterwards."""
    player = asked(QUIET + "[[reply]]\nmarks_s = 3.0\n", realtimeInputConfig={"activityHandling": "NO_INTERRUPTION"})
    player.run(0.6)
    player.hear(question("question_stop") + silence(1.0))
    player.run(20)
    assert player.sent("interrupted") == []
    done = player.sent("turnComplete")
    assert len(done) == 2
    assert min(at for at, send in player.sent("audio") if send.turn == 2) > done[0][0]


def test_a_knock_does_not_interrupt() -> None:
    """90 ms of noise over a reply change nothing."""
    player = asked()
    player.run(1.0)
    player.hear(silence(0.2) + question()[6400 : 6400 + 2880] + silence(1.5))
    assert player.sent("interrupted") == []


def test_history_keeps_what_was_sent() -> None:
    """Of a cut reply the history holds no more words than sound was sent."""
    player = asked()
    player.run(2.0)
    player.session.inject(player.now, Fault(do="interrupt"))
    player.run(1)
    assert player.session.conversation is not None
    last = player.session.conversation.memory.history[-1]
    assert last.interrupted
    assert "these are the words of the reply".startswith(last.text)
    assert 0 < len(last.text.split()) < 7


def manner(kind: str) -> list[str]:
    """What a client sees when it cuts into a reply with this `interrupted`."""
    player = asked(QUIET + f"[[reply]]\nmarks_s = 20.0\ninterrupted = '{kind}'\n")
    player.run(1.0)
    player.hear(question("question_stop")[:32_000])
    player.run(1)
    return player.order()


def test_manners_of_interruption() -> None:
    """Each way to do it wrong is done exactly so."""
    assert manner("after_generation")[-4:-1] == ["generationComplete", "interrupted", "turnComplete"]
    assert "interrupted" not in manner("never")
    assert manner("late_audio")[-4:-1] == ["interrupted", "audio", "turnComplete"]
    assert "turnComplete" not in manner("no_turn_complete")
    player = asked(QUIET + "[[reply]]\nmarks_s = 20.0\ninterrupted = 'double'\n")
    player.run(1.0)
    player.hear(question("question_stop")[:32_000])
    assert len(player.sent("interrupted")) == 2


def test_text_interrupts_and_is_answered() -> None:
    """Typed input counts as activity."""
    player = asked()
    player.run(1.0)
    player.tell(said.Text("and now?"))
    player.run(2.0)
    assert player.sent("interrupted")
    assert {send.turn for _, send in player.sent("audio")} == {1, 2}
