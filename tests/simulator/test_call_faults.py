"""Function calls gone wrong, and calls as triggers."""

from lived_workers.simulator import client_messages as said
from lived_workers.simulator.faults import Fault
from simulator.calls_stage import REPLY, answer, called, calls, kinds, tools
from simulator.harness import QUIET, Player, World, scenario, silence


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
