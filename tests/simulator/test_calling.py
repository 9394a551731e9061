"""Functions that the model calls, on a clock of our own: order, times, and whatever may happen."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lived_workers.simulator import client_messages as said
from lived_workers.simulator.effects import Effect, Send
from lived_workers.simulator.faults import Fault
from lived_workers.simulator.phases import Phase
from simulator.calls_stage import (
    OLD,
    REPLY,
    SOUND,
    THINKING,
    answer,
    called,
    calls,
    kinds,
    phase,
    tools,
)
from simulator.harness import QUIET, Player, World, question, silence


def test_blocking_is_mute_until_the_answer() -> None:
    """The call 1.26 s after the question, not a sound before the answer, 1 s later the content, one turnComplete."""
    player = called(wait=60.0)
    (at, _), *_ = player.sent("toolCall")
    assert at == pytest.approx(1.26 + 0.1, abs=0.01)
    assert phase(player) is Phase.CALLING
    assert kinds(player) == ["toolCall"]
    (call,) = calls(player)
    assert (call["name"], call["args"]) == ("weather", {"city": "Berlin"})
    answered = player.now
    answer(player, call["id"])
    player.run(5)
    assert kinds(player) == ["toolCall", "audio", "silence", "generationComplete", "turnComplete"]
    assert player.sent("audio")[0][0] - answered == pytest.approx(1.0, abs=0.01)
    assert len(player.sent("turnComplete")) == 1
    assert phase(player) is Phase.LISTENING


def test_a_filler_comes_before_a_blocking_call() -> None:
    """What is said first is of the same turn, and ends without generationComplete before the call goes out."""
    player = called(REPLY + 'filler = "One moment."\n', wait=10.0)
    assert kinds(player) == ["audio", "toolCall"]
    answer(player, calls(player)[0]["id"])
    player.run(5)
    assert [k for k in kinds(player) if k not in SOUND] == ["toolCall", "generationComplete", "turnComplete"]
    assert {send.turn for _, send in player.sent("audio")} == {1}


def test_non_blocking_goes_on_talking() -> None:
    """The filler is a whole turn, the call goes out meanwhile, and the answer is a turn of its own."""
    player = called(REPLY + 'filler = "I will look."\n', None, wait=1.5)
    assert phase(player) in {Phase.GENERATING, Phase.PLAYING}
    answer(player, calls(player)[0]["id"])
    player.run(20)
    ends = [at for at, _ in player.sent("turnComplete")]
    assert len(ends) == 2
    second = [at for at, send in player.sent("audio") if send.turn == 2]
    assert min(second) > ends[0]
    assert "interrupted" not in kinds(player)


def test_non_blocking_without_words() -> None:
    """Nothing to say: the call, the end of the turn, and the user may go on before the answer comes."""
    player = called(REPLY + "[[reply]]\nmarks_s = 2.0\n", None)
    assert kinds(player) == ["toolCall", "generationComplete", "turnComplete"]
    player.tell(said.Text("And tomorrow?"))
    player.run(10)
    assert {send.turn for _, send in player.sent("audio")} == {2}
    answer(player, calls(player)[0]["id"])
    player.run(10)
    assert {send.turn for _, send in player.sent("audio")} == {2, 3}


def test_an_answer_waits_while_the_user_talks() -> None:
    """On 3.8 even INTERRUPT does not talk over the user."""
    player = called(REPLY, "NON_BLOCKING")
    player.hear(question("question_story")[:32_000])
    answer(player, calls(player)[0]["id"], scheduling="INTERRUPT")
    player.hear(question("question_story")[32_000:48_000])
    assert player.sent("audio") == []
    player.hear(silence(1.5))
    player.run(10)
    assert player.sent("audio")


def test_parallel_calls_share_a_frame() -> None:
    """All answers are needed, in one frame or several, in any order."""
    text = REPLY.replace("}]", '}, {name = "time"}]')
    player = called(text, tools=tools("BLOCKING", "weather", "time"))
    assert len(player.sent("toolCall")) == 1
    first, second = calls(player)
    answer(player, second["id"])
    player.run(5)
    assert phase(player) is Phase.CALLING
    answer(player, first["id"])
    player.run(5)
    assert player.sent("audio")
    assert first["id"] != second["id"]


@pytest.mark.parametrize(
    ("style", "pattern"), [("function-call", r"function-call-\d{19}"), ("fc", r"fc_\d+"), ("call", r"call_\d+")]
)
def test_id_styles(style: str, pattern: str) -> None:
    """Ids look as one of the three kinds seen."""
    (call,) = calls(called(f'call_ids = "{style}"\n' + REPLY))
    assert re.fullmatch(pattern, call["id"])


def statuses(player: Player) -> list[str]:
    """interactionStatus of each turnComplete, and of each call."""
    found = []
    for frame in player.frames():
        if "turnComplete" in frame.get("serverContent", {}):
            found.append(frame["serverContent"]["interactionStatus"])
        if "toolCall" in frame:
            found.append("call " + frame["interactionStatus"])
    return found


def test_extended_thinking_promises_first() -> None:
    """Filler, turnComplete IN_PROGRESS, 6 s later the call, answer, content, turnComplete IDLE."""
    thinking = {"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW"}}}
    player = called(REPLY, None, wait=15.0, model=f"models/{THINKING}", **thinking)
    assert kinds(player) == ["audio", "silence", "generationComplete", "turnComplete", "toolCall"]
    done, call = player.sent("turnComplete")[0][0], player.sent("toolCall")[0][0]
    assert call - done == pytest.approx(6.0, abs=0.1)
    answer(player, calls(player)[0]["id"], scheduling="SILENT")
    player.run(10)
    assert statuses(player) == ["IN_PROGRESS", "call IN_PROGRESS", "IDLE"]
    plain = called(QUIET, None, wait=10.0, model=f"models/{THINKING}", **thinking)
    assert statuses(plain) == ["IDLE"]


def test_extended_thinking_may_break_its_promise() -> None:
    """IN_PROGRESS, no call, and yet something is said."""
    thinking = {"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW"}}}
    text = REPLY + 'faults = ["promise_no_call"]\n'
    player = called(text, None, wait=20.0, model=f"models/{THINKING}", **thinking)
    assert statuses(player) == ["IN_PROGRESS", "IDLE"]
    assert calls(player) == []


steps = st.sampled_from(
    [
        said.Text("x"),
        said.AudioStreamEnd(ended=True),
        said.ClientContent([], complete=True),
        said.Audio(question()[6400:22400], 16_000),
        said.Audio(silence(1.0), 16_000),
        "answer",
        "answer, empty",
        "answer SILENT",
        "answer INTERRUPT",
        "answer, more to come",
        "interrupt",
        "thirty_calls",
        "call_reissued",
        "unasked_reply",
        "stall_reply",
    ]
)


def step(player: Player, what: Any) -> None:
    """One thing that a client does, or that goes wrong."""
    waiting = [call["id"] for call in calls(player)][-1:]
    if not isinstance(what, str):
        player.tell(what)
    elif not what.startswith("answer"):
        player.session.inject(player.now, Fault(do=what))
    elif waiting:
        fields: dict[str, Any] = {"willContinue": True} if "more" in what else {}
        if what.split()[-1] in {"SILENT", "INTERRUPT"}:
            fields["scheduling"] = what.split()[-1]
        answer(player, waiting[0], {} if "empty" in what else None, **fields)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(steps, st.floats(0, 4)), max_size=25),
    st.sampled_from(["BLOCKING", "NON_BLOCKING"]),
    st.sampled_from(["gemini-3.8-live", OLD, THINKING]),
)
def test_no_sequence_of_calls_leads_out_of_the_table(plan: list[tuple[Any, float]], behavior: str, model: str) -> None:
    """Whatever happens and whenever: no illegal event, no sound while a call blocks, and answers end it."""
    extended = model == THINKING
    config = {"thinkingConfig": {"thinkingLevel": "LOW"}} if extended else {}
    declared = tools(None if extended else behavior)
    text = REPLY + "filler = 'x'\n[[reply]]\nmarks_s = 1.0\n"
    player = World("loop = true\n" + text).connect(model=f"models/{model}", generationConfig=config, tools=declared)
    pop = player.session.pop

    def watched(now: float) -> Effect | None:
        effect = pop(now)
        if isinstance(effect, Send) and effect.what == "audio":
            assert phase(player) is Phase.GENERATING
        return effect

    player.session.pop = watched  # type: ignore[method-assign]
    for what, wait in plan:
        step(player, what)
        player.run(wait)
    player.tell(said.AudioStreamEnd(ended=True))
    player.run(60)
    for _ in range(10):
        for call in calls(player):
            answer(player, call["id"])
        player.run(30)
    assert phase(player) is Phase.LISTENING
    assert player.close() is None
