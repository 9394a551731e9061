"""Functions that the model calls, on a clock of our own: order, times, answers, barge-in."""

import re
from typing import Any

import pytest

from lived_workers.simulator import client_messages as said
from lived_workers.simulator.effects import Note, Prepare
from lived_workers.simulator.faults import Fault
from lived_workers.simulator.phases import Phase
from simulator.harness import QUIET, Player, World, question, scenario, silence

THINKING = "gemini-3.8-live-extended-thinking"
OLD = "gemini-2.5-flash-native-audio"
CALLS = 'calls = [{name = "weather", args = {city = "Berlin"}}]\n'
REPLY = QUIET + "[[reply]]\nmarks_s = 1.0\n" + CALLS
SOUND = {"audio", "silence"}


def tools(behavior: str | None = None, *names: str) -> list[dict[str, Any]]:
    """A setup's tools: functions of one behaviour."""
    extra = {"behavior": behavior} if behavior else {}
    return [{"functionDeclarations": [{"name": name, **extra} for name in names or ("weather",)]}]


def called(text: str = REPLY, behavior: str | None = "BLOCKING", wait: float = 2.0, **setup: Any) -> Player:
    """A session whose user has typed a question, `wait` seconds ago."""
    player = World(text).connect(tools=setup.pop("tools", tools(behavior)), **setup)
    player.tell(said.Text("What is the weather in Berlin?"))
    player.run(wait)
    return player


def calls(player: Player) -> list[dict[str, Any]]:
    """All function calls that went out."""
    frames = [frame["toolCall"]["functionCalls"] for frame in player.frames() if "toolCall" in frame]
    return [call for frame in frames for call in frame]


def answer(player: Player, number: str, response: Any = None, **fields: Any) -> None:
    """The client answers one call."""
    body = {"id": number, "name": "weather", "response": {"result": "sunny"} if response is None else response}
    player.tell(said.ToolResponse([{**body, **fields}]))


def verdicts(player: Player) -> list[str]:
    """What became of the answers."""
    return [e.detail["verdict"] for _, e in player.effects if isinstance(e, Note) and e.kind == "answer"]


def kinds(player: Player) -> list[str]:
    """The frames in order, without setup, handles and activity."""
    aside = {"setupComplete", "sessionResumptionUpdate", "voiceActivity", "inputTranscription"}
    return [kind for kind in player.order() if kind not in aside]


def phase(player: Player) -> Phase:
    """What the model is doing."""
    assert player.session.conversation is not None
    return player.session.conversation.model.phase


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


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize(
    ("scheduling", "expected"),
    [("SILENT", 1), ("WHEN_IDLE", 2), ("INTERRUPT", 2), ("INTERRUPTED", 2), (None, 2)],
)
def test_scheduling(scheduling: str | None, expected: int, inside: bool) -> None:
    """An answer says how it lands, beside the response or inside it: not at all, when idle, or at once."""
    text = QUIET + f"[[reply]]\nmarks_s = 1.0\nfiller = 'x'\n{CALLS}"
    player = called(text, "NON_BLOCKING", wait=1.5)
    fields = {"scheduling": scheduling} if scheduling else {}
    now = player.now
    if inside:
        answer(player, calls(player)[0]["id"], {"result": "ok", **fields})
    else:
        answer(player, calls(player)[0]["id"], **fields)
    player.run(20)
    assert len({send.turn for _, send in player.sent("audio")}) == expected
    cuts = player.sent("interrupted")
    assert bool(cuts) == (scheduling in {"INTERRUPT", "INTERRUPTED"})
    if cuts:
        assert cuts[0][0] - now < 0.01
        assert "generationComplete" in kinds(player)


def test_interrupt_on_2_5_completes_the_generation_first() -> None:
    """generationComplete, interrupted, turnComplete, then the answer's sound."""
    text = QUIET + f"burst = 1\n[[reply]]\nmarks_s = 1.0\nfiller = 'x'\n{CALLS}"
    player = called(text, "NON_BLOCKING", wait=2.0, model=f"models/{OLD}")
    answer(player, calls(player)[0]["id"], scheduling="INTERRUPT")
    player.run(10)
    after = kinds(player)[kinds(player).index("toolCall") + 1 :]
    assert after[:5] == ["audio", "generationComplete", "interrupted", "turnComplete", "audio"]


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


def test_generator() -> None:
    """willContinue: the call waits for its last word, and that may be empty."""
    player = called(REPLY, "NON_BLOCKING")
    (call,) = calls(player)
    answer(player, call["id"], willContinue=True)
    answer(player, call["id"], willContinue=True)
    player.run(5)
    assert player.sent("audio") == []
    answer(player, call["id"], {}, willContinue=False)
    player.run(5)
    assert player.sent("audio")
    assert verdicts(player) == ["partial", "partial", "taken"]


def test_an_empty_answer_is_asked_for_again() -> None:
    """3.8 calls again with a new id, two to five times; then it speaks."""
    player = called()
    for _ in range(6):
        if phase(player) is not Phase.CALLING:
            break
        answer(player, calls(player)[-1]["id"], {})
        player.run(1)
    assert 3 <= len(calls(player)) <= 6
    assert len({call["id"] for call in calls(player)}) == len(calls(player))
    player.run(5)
    assert player.sent("audio")


def test_unanswered_wedges() -> None:
    """Without an answer nothing is ever said; a barge-in brings the call back, and no sound."""
    player = called(wait=100.0)
    player.tell(said.Text("Hello?"))
    player.run(100)
    assert player.sent("audio") == []
    assert len(calls(player)) == 2
    assert phase(player) is Phase.CALLING


def test_barge_in_drops_the_call_and_makes_it_again() -> None:
    """3.8: no cancellation; the same call with a new id 2.6 to 3.6 s later; the late answer is ignored."""
    player = called()
    now = player.now
    player.hear(question("question_stop")[:40_000] + silence(1.5))
    (first,) = calls(player)
    answer(player, first["id"])
    player.run(10)
    first, again = calls(player)
    assert (first["name"], first["args"]) == (again["name"], again["args"])
    assert first["id"] != again["id"]
    barge = now + 0.44
    assert 2.6 <= player.sent("toolCall")[1][0] - barge <= 4.2
    assert verdicts(player) == ["dropped"]
    assert "toolCallCancellation" not in kinds(player)
    assert player.sent("audio") == []
    answer(player, again["id"])
    player.run(10)
    assert len(player.sent("turnComplete")) == 1
    assert player.session.conversation is not None
    assert player.session.conversation.memory.replies == 1


def test_the_call_comes_again_after_the_user_has_finished() -> None:
    """Nobody is called over a user who is still talking."""
    player = called()
    player.hear(question("question_story") * 2)
    assert len(calls(player)) == 1
    player.hear(silence(1.5))
    player.run(3)
    assert len(calls(player)) == 2


def test_barge_in_on_2_5_cancels() -> None:
    """toolCallCancellation with the ids that waited; the next question is the next reply."""
    player = called(REPLY + "[[reply]]\nmarks_s = 2.0\n", None, model=f"models/{OLD}")
    player.hear(question("question_stop")[:40_000] + silence(1.5))
    player.run(10)
    ids = [frame["toolCallCancellation"]["ids"] for frame in player.frames() if "toolCallCancellation" in frame]
    assert ids == [[calls(player)[0]["id"]]]
    answer(player, calls(player)[0]["id"])
    player.run(10)
    assert verdicts(player) == ["dropped"]
    assert len(calls(player)) == 1
    assert player.sent("audio")


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


def test_the_answer_is_spoken() -> None:
    """With speak_answer the words are made of what the functions said, errors too."""
    for response, words in (
        ({"result": "It is sunny"}, "It is sunny."),
        ({"temperature_c": 12, "sky": "grey"}, "temperature c: 12, sky: grey."),
        ({"error": "no network"}, "That did not work: no network."),
    ):
        player = called(QUIET + "[[reply]]\nspeak_answer = true\n" + CALLS)
        answer(player, calls(player)[0]["id"], response)
        player.run(5)
        prepared = [e.reply for _, e in player.effects if isinstance(e, Prepare)]
        assert prepared[-1].text == words


def test_undeclared_functions_are_not_called() -> None:
    """The model calls only what the client has declared; contextUpdate takes a function away."""
    player = called(tools=tools("BLOCKING", "other"))
    assert calls(player) == []
    assert player.sent("audio")
    cleared = World(REPLY).connect(tools=tools())
    cleared.tell(said.ContextUpdate({"tools": {"tools": []}}), said.Text("x"))
    cleared.run(5)
    assert calls(cleared) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"name": "weather"}, "invalid argument"),
        ({"id": ""}, "invalid argument"),
        ({"id": "x", "willContinue": "yes"}, "TYPE_BOOL"),
        ({"id": "x", "scheduling": "LATER"}, "TYPE_ENUM"),
    ],
)
def test_wrong_answers(body: dict[str, Any], words: str) -> None:
    """An answer without id or with a field of the wrong type ends the connection."""
    player = called()
    player.tell(said.ToolResponse([body]))
    player.run(1)
    close = player.close()
    assert close is not None
    assert close.code == 1007
    assert words in close.reason


def test_foreign_and_repeated_answers_are_ignored() -> None:
    """An id that never was, and one that is answered already, change nothing."""
    player = called()
    answer(player, "function-call-1")
    answer(player, calls(player)[0]["id"])
    answer(player, calls(player)[0]["id"])
    player.run(5)
    assert verdicts(player) == ["unknown", "taken", "answered before"]
    assert len(player.sent("turnComplete")) == 1


def with_fault(name: str, wait: float = 3.0) -> Player:
    """A blocking call with one fault, its question asked `wait` seconds ago."""
    return called(REPLY + f'faults = ["{name}"]\n', wait=wait)


def test_faults_of_calls() -> None:
    """Each is what its name says."""
    reissued = calls(with_fault("call_reissued"))
    assert len({call["id"] for call in reissued}) == 2
    assert [call["name"] for call in reissued] == ["weather", "weather"]
    assert calls(with_fault("unknown_function"))[0]["name"] == "function_that_nobody_declared"
    assert "unexpected" in calls(with_fault("malformed_args"))[0]["args"]
    assert isinstance(calls(with_fault("args_not_object"))[0]["args"], str)
    assert len({call["id"] for call in calls(with_fault("thirty_calls"))}) == 30
    spoken = with_fault("promise_no_call", wait=10.0)
    assert calls(spoken) == []
    assert kinds(spoken) == ["audio", "silence", "generationComplete", "turnComplete"]


def test_faults_around_calls() -> None:
    """What happens to the connection, and a cancellation for what is answered already."""
    closed = with_fault("call_then_close")
    assert closed.close() is not None
    assert kinds(closed) == ["toolCall"]
    assert kinds(with_fault("call_during_reconnect")) == ["toolCall", "goAway"]
    assert kinds(with_fault("go_away_mid_call")) == ["toolCall", "goAway"]
    cancelled = with_fault("answered_call_cancelled")
    answer(cancelled, calls(cancelled)[0]["id"])
    cancelled.run(5)
    assert "toolCallCancellation" in kinds(cancelled)
    assert cancelled.sent("audio")
    aborted = with_fault("audio_aborts_call")
    aborted.hear(silence(0.1))
    close = aborted.close()
    assert close is not None
    assert (close.code, close.reason) == (1008, "The operation was aborted.")


def test_call_and_answer_are_triggers() -> None:
    """call:1 is the first toolCall, answer:1 when it is answered."""
    text = REPLY + "[[fault]]\non = 'call:1'\ndo = 'go_away'\n[[fault]]\non = 'answer:1'\ndo = 'quota'\n"
    player = called(text)
    assert kinds(player) == ["toolCall", "goAway"]
    answer(player, calls(player)[0]["id"])
    player.run(0.1)
    close = player.close()
    assert close is not None
    assert "quota" in close.reason


def test_a_fault_for_the_next_reply() -> None:
    """What belongs to a reply can be injected, too."""
    player = World(REPLY).connect(tools=tools("BLOCKING"))
    player.session.inject(player.now, Fault(do="thirty_calls"))
    player.run(0.1)
    player.tell(said.Text("x"))
    player.run(3)
    assert len(calls(player)) == 30


def test_unasked_calls() -> None:
    """`say` with calls makes the model call on its own."""
    world = World(QUIET)
    player = world.connect(tools=tools("BLOCKING"))
    assert player.session.say(player.now, scenario(REPLY).reply[0])
    player.run(3)
    assert len(calls(player)) == 1
