"""The conversation on a clock of our own: order, times, faults, resumption. No sockets, no waiting."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lived_workers.simulator import client_messages as said
from lived_workers.simulator.effects import HalfOpen, ResetConnection, StopReading
from lived_workers.simulator.faults import Fault
from lived_workers.simulator.marks import runs
from lived_workers.simulator.phases import PHASES, Event, IllegalEventError, Phase, Stage, follow
from simulator.harness import QUIET, World, asked, question, silence

TRANSCRIPTS: dict[str, Any] = {"inputAudioTranscription": {}, "outputAudioTranscription": {}}


def test_setup_sequence() -> None:
    """setupComplete after its delay, and 13 ms later a handle that nobody asked for."""
    player = World().connect()
    (at, _), (update_at, _) = player.sent()
    assert player.order() == ["setupComplete", "sessionResumptionUpdate"]
    assert at == pytest.approx(0.05)
    assert update_at - at == pytest.approx(0.013)
    assert player.frames()[1]["sessionResumptionUpdate"] == {"newHandle": "handle-1", "resumable": True}


def test_a_spoken_turn() -> None:
    """Activity, transcript, sound, generationComplete, turnComplete, a new handle: in this order and at these times."""
    player = asked(QUIET + "[[reply]]\nmarks_s = 4.0\nheard = 'hello'\n", **TRANSCRIPTS)
    player.run(8)
    assert player.order() == [
        "setupComplete",
        "sessionResumptionUpdate",
        "voiceActivity",
        "inputTranscription",
        "voiceActivity",
        "audio",
        "silence",
        "generationComplete",
        "turnComplete",
        "sessionResumptionUpdate",
    ]
    first = player.sent("audio")[0][0]
    assert first - player.sent("voiceActivity")[1][0] == pytest.approx(0.5, abs=0.001)
    assert player.sent("generationComplete")[0][0] - first < 1.2
    assert player.sent("turnComplete")[0][0] - first == pytest.approx(4.2, abs=0.001)


def test_empty_text_is_nothing() -> None:
    """An empty text is taken and has no effect."""
    player = World().connect()
    player.tell(said.Text(""))
    player.run(2)
    assert player.sent("audio") == []


def test_manual_activity() -> None:
    """With the detector off the marks alone make turns, and the parrot gets what lies between them."""
    detection = {"automaticActivityDetection": {"disabled": True}}
    player = World("[[reply]]\nparrot = true\n").connect(realtimeInputConfig=detection)
    player.hear(question())
    player.tell(said.ActivityStart())
    player.hear(question()[:32_000])
    player.tell(said.ActivityEnd())
    player.run(0.001)
    prepared = [e for _, e in player.effects if type(e).__name__ == "Prepare"]
    assert [len(e.utterance) for e in prepared] == [32_000]  # type: ignore[union-attr]


def test_marks_need_manual_mode() -> None:
    """activityStart under automatic detection ends the connection with 1007."""
    player = World().connect()
    player.tell(said.ActivityStart())
    player.run(1)
    close = player.close()
    assert close is not None
    assert close.code == 1007


def test_stream_end_answers_at_once() -> None:
    """Hybrid: audioStreamEnd saves the silence window; false means nothing."""
    player = World(QUIET).connect()
    player.hear(question()[:32_000])
    player.tell(said.AudioStreamEnd(ended=False))
    player.run(0.6)
    assert player.sent("audio") == []
    player.tell(said.AudioStreamEnd(ended=True))
    player.run(0.51)
    assert player.sent("audio")


def test_client_content() -> None:
    """Without turnComplete it waits, with it there is a reply; initial history gets none."""
    player = World(QUIET).connect()
    turns = [{"role": "user", "parts": [{"text": "hi"}]}]
    player.tell(said.ClientContent(turns, complete=False))
    player.run(2)
    assert player.sent("audio") == []
    player.tell(said.ClientContent([], complete=True))
    player.run(2)
    assert player.sent("audio")
    seeded = World(QUIET).connect(historyConfig={"initialHistoryInClientContent": True})
    seeded.tell(said.ClientContent(turns, complete=True))
    seeded.run(2)
    assert seeded.sent("audio") == []


def test_a_silent_reply_is_no_reply() -> None:
    """The model may ignore what it hears; the next turn is the next reply."""
    player = asked(QUIET + "[[reply]]\nsilent = true\n[[reply]]\nmarks_s = 1.0\n")
    player.run(5)
    assert player.sent("audio") == []
    player.hear(question() + silence(0.9))
    player.run(3)
    assert player.sent("audio")


@pytest.mark.parametrize("message", [said.Text("x"), said.Audio(bytes(640), 16_000), said.ActivityEnd()])
def test_nothing_before_setup(message: said.ClientMessage) -> None:
    """Input before setup, or before setupComplete, is 1007."""
    early = World().connect(bare=True)
    early.tell(message)
    early.run(1)
    waiting = World().connect(bare=True)
    waiting.tell(said.Setup({"model": "models/gemini-3.8-live"}), message)
    waiting.run(1)
    for player in (early, waiting):
        close = player.close()
        assert close is not None
        assert close.code == 1007
        assert player.sent() == []


def test_setup_only_once() -> None:
    """A second setup is 1007."""
    player = World().connect()
    player.tell(said.Setup({"model": "models/gemini-3.8-live"}))
    player.run(1)
    close = player.close()
    assert close is not None
    assert close.code == 1007
    assert player.session.stage is Stage.CLOSED


def test_faults_by_trigger() -> None:
    """turn:1 is its first sound, speech:1 when the user begins, after_s:2 two seconds after setupComplete."""
    text = QUIET + "[[fault]]\non = 'turn:1'\ndo = 'close'\ncode = 1011\nat_s = 0.5\n"
    player = asked(text)
    player.run(5)
    (first, _), *_ = player.sent("audio")
    assert player.effects[-1][0] - first == pytest.approx(0.5, abs=0.001)
    close = player.close()
    assert close is not None
    assert (close.code, close.reason) == (1011, "Internal error encountered.")
    spoken = asked(QUIET + "[[fault]]\non = 'speech:1'\ndo = 'reset'\n")
    assert isinstance(spoken.effects[-1][1], ResetConnection)
    timed = World(QUIET + "[[fault]]\non = 'after_s:2'\ndo = 'half_open'\n").connect()
    timed.run(1.9)
    assert not any(isinstance(e, HalfOpen) for _, e in timed.effects)
    timed.run(0.2)
    assert isinstance(timed.effects[-1][1], HalfOpen)


def test_faults_fire_once_unless_told() -> None:
    """`times` bounds how often; 0 is always."""
    world = World(
        QUIET + "[[fault]]\non = 'after_s:0'\ndo = 'go_away'\n[[fault]]\non = 'after_s:0'\ndo = 'thought'\ntimes = 0\n"
    )
    kinds = [[send.what for _, send in world.connect(number).sent()] for number in (1, 2, 3)]
    assert ["goAway" in k for k in kinds] == [True, False, False]
    assert ["thought" in k for k in kinds] == [True, True, True]


def test_connect_faults() -> None:
    """No setupComplete, a late one, a close instead of it."""
    silent = World(QUIET).connect(faults=[Fault(do="no_setup_complete", on="connect:1")])
    silent.run(60)
    assert silent.sent() == []
    slow = World(QUIET).connect(faults=[Fault(do="slow_setup", on="connect:1", s=8.0)])
    slow.run(7.8)
    assert slow.sent() == []
    slow.run(0.2)
    assert slow.order()[0] == "setupComplete"
    closed = World(QUIET).connect(faults=[Fault(do="close", on="connect:1", code=1008)])
    close = closed.close()
    assert close is not None
    assert close.code == 1008
    assert closed.sent() == []


def test_stalls() -> None:
    """stall_reply moves the rest of the reply, stall_reading asks the connection to leave the socket alone."""
    player = asked()
    player.run(1.0)
    player.session.inject(player.now, Fault(do="stall_reply", s=3.0))
    player.session.inject(player.now, Fault(do="stall_reading", s=5.0))
    begin = player.now
    player.run(30)
    times = [at for at, _ in player.sent("audio")]
    assert max(b - a for a, b in pairwise(times)) > 2.9
    assert any(isinstance(e, StopReading) and e.seconds == 5.0 for _, e in player.effects)
    assert times[-1] > begin + 3


def test_go_away_and_close() -> None:
    """goAway, then silence from nobody, then 1011 when the time is over."""
    player = World(QUIET).connect()
    player.session.inject(player.now, Fault(do="go_away_and_close", s=5.0))
    player.run(4.9)
    assert player.frames()[-1] == {"goAway": {"timeLeft": "5s"}}
    assert player.close() is None
    player.run(0.2)
    close = player.close()
    assert close is not None
    assert close.reason == "Deadline expired before operation could complete."


def test_impossible_events_say_so() -> None:
    """An event that the state has no row for names both."""
    with pytest.raises(IllegalEventError, match=r"FIRST_AUDIO.*LISTENING"):
        follow(PHASES, Phase.LISTENING, Event.FIRST_AUDIO)


events = st.sampled_from(
    [
        said.Text("x"),
        said.AudioStreamEnd(ended=True),
        said.ClientContent([], complete=True),
        said.Audio(question()[6400:22400], 16_000),
        said.Audio(silence(1.0), 16_000),
        said.ToolResponse([]),
        "interrupt",
        "stall_reply",
        "interruption_storm",
    ]
)


@settings(deadline=None)
@given(st.lists(st.tuples(events, st.floats(0, 3)), max_size=25), st.sampled_from(["normal", "never", "late_audio"]))
def test_no_sequence_leads_out_of_the_table(steps: list[tuple[Any, float]], interrupted: str) -> None:
    """Whatever a client does and whenever: no illegal event, and in the end the model listens again."""
    player = World(QUIET + f"[[reply]]\nmarks_s = 2.0\ninterrupted = '{interrupted}'\n").connect()
    for event, wait in steps:
        if isinstance(event, str):
            player.session.inject(player.now, Fault(do=event, count=3))
        else:
            player.tell(event)
        player.run(wait)
    player.tell(said.AudioStreamEnd(ended=True))
    player.run(120)
    assert player.session.conversation is not None
    assert player.session.conversation.model.phase is Phase.LISTENING
    assert len(runs(b"".join(send.pcm for _, send in player.sent("audio")), shortest=1)) <= len(steps) + 1
