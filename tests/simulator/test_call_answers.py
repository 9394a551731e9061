"""What answers to function calls lead to, and what a barge-in does to the calls."""

from typing import Any

import pytest

from lived_workers.simulator import client_messages as said
from lived_workers.simulator.effects import Prepare
from lived_workers.simulator.phases import Phase
from simulator.calls_stage import CALLS, OLD, REPLY, answer, called, calls, kinds, phase, tools, verdicts
from simulator.harness import QUIET, World, question, silence


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
