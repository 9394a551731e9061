"""Sessions by handle: what comes back, and who is refused."""

import pytest

from lived_workers.simulator import client_messages as said
from simulator.harness import QUIET, World, question, silence


def test_resumption() -> None:
    """By handle the session goes on: its history and its place in the script; rolled back to that handle."""
    world = World(QUIET + "[[reply]]\nmarks_s = 1.0\n[[reply]]\nmarks_s = 2.0\n")
    first = world.connect(1)
    first.hear(question() + silence(0.9))
    first.run(5)
    handles = [f["sessionResumptionUpdate"]["newHandle"] for f in first.frames() if "sessionResumptionUpdate" in f]
    first.session.closed()
    second = world.connect(2, now=10.0, sessionResumption={"handle": handles[-1]})
    assert second.session.conversation is not None
    assert second.session.conversation.memory.replies == 1
    second.session.closed()
    third = world.connect(3, now=20.0, sessionResumption={"handle": handles[0]})
    assert third.session.conversation is not None
    assert third.session.conversation.memory.replies == 0
    assert third.session.conversation.memory.history == []


@pytest.mark.parametrize(
    ("model", "handle", "open_still", "wait", "code"),
    [
        ("gemini-3.8-live", "not-ours", False, 0.0, 1007),
        ("gemini-2.5-flash-native-audio", "not-ours", False, 0.0, 1008),
        ("gemini-3.8-live", "handle-1", True, 0.0, 1011),
        ("gemini-2.5-flash-native-audio", "handle-1", False, 0.0, 1007),
        ("gemini-3.8-live", "handle-1", False, 7_300.0, 1007),
        ("gemini-3.8-live", "handle-1", False, 0.0, None),
    ],
)
def test_who_may_resume(model: str, handle: str, open_still: bool, wait: float, code: int | None) -> None:
    """A foreign handle, an open old socket, another model, an old handle: refused; else taken."""
    world = World(QUIET)
    first = world.connect(1)
    if not open_still:
        first.session.closed()
    second = world.connect(2, now=wait, bare=True)
    second.tell(said.Setup({"model": f"models/{model}", "sessionResumption": {"handle": handle}}))
    second.run(1)
    close = second.close()
    assert (close.code if close else None) == code
