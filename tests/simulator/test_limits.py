"""What ends by itself, on a clock that runs faster: connection, session, handles."""

from itertools import pairwise
from typing import Any

import pytest

from lived_workers.simulator import client_messages as said
from simulator.harness import QUIET, Player, World

COMPRESSED: dict[str, Any] = {"contextWindowCompression": {"slidingWindow": {}}}
TOOLS: dict[str, Any] = {"tools": [{"functionDeclarations": [{"name": "f", "behavior": "BLOCKING"}]}]}
CALL = "[[reply]]\nmarks_s = 1.0\ncalls = [{name = 'f'}]\n"


def closed_at(player: Player) -> float | None:
    """When the server closed."""
    return next((at for at, e in player.effects if e is player.close()), None)


def handles(player: Player) -> list[str | None]:
    """The handles given out, None for "not resumable"."""
    updates = [f["sessionResumptionUpdate"] for f in player.frames() if "sessionResumptionUpdate" in f]
    return [update.get("newHandle") if update.get("resumable") else None for update in updates]


def test_a_connection_lasts_ten_minutes() -> None:
    """goAway 50 s before the end, then 1011."""
    player = World(QUIET).connect(**COMPRESSED)
    player.run(700)
    (at, _) = player.sent("goAway")[0]
    assert at == pytest.approx(550.05)
    assert player.frames()[-1] == {"goAway": {"timeLeft": "50s"}}
    close = player.close()
    assert close is not None
    assert (close.code, close.reason) == (1011, "Deadline expired before operation could complete.")
    assert closed_at(player) == pytest.approx(600.05)


def test_time_scale() -> None:
    """A minute in a second: the limits shrink, what goAway says is true, the sound keeps its pace."""
    player = World("time_scale = 60\n" + QUIET + "[[reply]]\nmarks_s = 2.0\n").connect(**COMPRESSED)
    player.tell(said.Text("x"))
    player.run(20)
    assert player.sent("goAway")[0][0] == pytest.approx(550 / 60 + 0.05)
    assert {"goAway": {"timeLeft": "0.833s"}} in player.frames()
    assert closed_at(player) == pytest.approx(10.05)
    first, done = player.sent("audio")[0][0], player.sent("turnComplete")[0][0]
    assert done - first == pytest.approx(2.2, abs=0.01)


def test_several_warnings_or_none() -> None:
    """Each lead time says goAway; without any the connection ends unannounced."""
    player = World(QUIET + "[limits]\ngo_away_s = [60, 50, 30]\n").connect(**COMPRESSED)
    player.run(700)
    assert [at for at, _ in player.sent("goAway")] == pytest.approx([540.05, 550.05, 570.05])
    silent = World(QUIET + "[limits]\ngo_away_s = []\n").connect(**COMPRESSED)
    silent.run(700)
    assert silent.sent("goAway") == []
    assert closed_at(silent) == pytest.approx(600.05)
    endless = World(QUIET + "[limits]\nconnection_s = 0\n").connect(**COMPRESSED)
    endless.run(10_000)
    assert endless.close() is None


def test_silence_after_go_away() -> None:
    """After the last goAway nothing new begins, unless the scenario has it otherwise; what is said is forgotten."""
    for text, audible in (("", False), ("[limits]\nsilence = false\n", True)):
        player = World(QUIET + text).connect(**COMPRESSED)
        player.run(560)
        player.tell(said.Text("Are you there?"))
        player.run(5)
        assert bool(player.sent("audio")) is audible
        assert player.session.conversation is not None
        assert bool(player.session.conversation.memory.history) is audible


def test_a_reply_goes_on_after_go_away() -> None:
    """What was begun before is spoken to its end."""
    player = World(QUIET + "[[reply]]\nmarks_s = 30.0\n").connect(**COMPRESSED)
    player.run(545)
    player.tell(said.Text("x"))
    player.run(50)
    assert player.sent("turnComplete")


@pytest.mark.parametrize(("image", "expected"), [(False, 900), (True, 120)])
def test_a_session_without_compression_ends(image: bool, expected: int) -> None:
    """15 minutes, 2 with images, over all connections; its handles are worth nothing then."""
    world = World(QUIET + "[limits]\nconnection_s = 0\n")
    player = world.connect()
    if image:
        player.tell(said.Video(b"jpeg", "image/jpeg"))
    player.run(expected / 2)
    player.session.closed()
    (handle, *_) = handles(player)
    second = world.connect(2, now=player.now, sessionResumption={"handle": handle})
    second.run(2_000)
    assert closed_at(second) == pytest.approx(expected, abs=0.1)
    second.session.closed()
    third = world.connect(3, now=second.now, sessionResumption={"handle": handle})
    close = third.close()
    assert close is not None
    assert close.code == 1007


def test_handles_grow_old_on_the_scaled_clock() -> None:
    """Two hours, two minutes at 60 times."""
    for wait, taken in ((119.0, True), (121.0, False)):
        world = World("time_scale = 60\n" + QUIET)
        first = world.connect(1, **COMPRESSED)
        first.session.closed()
        second = world.connect(2, now=wait, sessionResumption={"handle": "handle-1"}, **COMPRESSED)
        assert (second.close() is None) is taken


def test_rolling_handles() -> None:
    """A new one every period, none twice; each can be used."""
    player = World(QUIET + "[handles]\nupdates = 'rolling'\nperiod_s = 1.0\n").connect()
    player.run(10)
    times = [at for at, _ in player.sent("sessionResumptionUpdate")]
    assert len(times) == 11
    assert all(b - a == pytest.approx(1.0) for a, b in pairwise(times))
    assert len(set(handles(player))) == 11


def test_no_handles() -> None:
    """Never one."""
    player = World(QUIET + "[handles]\nupdates = 'never'\n").connect()
    player.tell(said.Text("x"))
    player.run(30)
    assert handles(player) == []


def test_not_resumable_while_busy() -> None:
    """While the model generates or waits for a function there is an empty handle, afterwards a good one."""
    text = QUIET + "[handles]\nwhile_busy = false\n" + CALL
    player = World(text).connect(**TOOLS)
    player.tell(said.Text("x"))
    player.run(3)
    assert handles(player) == ["handle-1", None]
    (call,) = next(f for f in player.frames() if "toolCall" in f)["toolCall"]["functionCalls"]
    player.tell(said.ToolResponse([{"id": call["id"], "response": {"result": "ok"}}]))
    player.run(0.5)
    assert handles(player) == ["handle-1", None, "handle-2"]
    player.run(5)
    assert handles(player) == ["handle-1", None, "handle-2", None, "handle-3"]


def test_a_call_and_the_handle_before_it() -> None:
    """Resumed with a handle from before the call the id is unknown; with one from after it the answer is spoken."""
    for index, verdict in ((0, "unknown"), (-1, "taken")):
        world = World(QUIET + "[handles]\nupdates = 'rolling'\nperiod_s = 1.0\n" + CALL)
        first = world.connect(1, **TOOLS)
        first.tell(said.Text("x"))
        first.run(5)
        (call,) = next(f for f in first.frames() if "toolCall" in f)["toolCall"]["functionCalls"]
        first.session.closed()
        handle = handles(first)[index]
        second = world.connect(2, now=first.now, sessionResumption={"handle": handle}, **TOOLS)
        second.tell(said.ToolResponse([{"id": call["id"], "response": {"result": "ok"}}]))
        second.run(5)
        notes = [e.detail for _, e in second.effects if type(e).__name__ == "Note"]  # type: ignore[union-attr]
        assert [note["verdict"] for note in notes if "verdict" in note] == [verdict]
        assert bool(second.sent("audio")) is (verdict == "taken")


def test_a_handle_is_what_was_then() -> None:
    """Resumed with an older handle the session knows nothing of what came later."""
    world = World(QUIET + "[[reply]]\nmarks_s = 1.0\n")
    first = world.connect(1)
    for text in ("one", "two"):
        first.tell(said.Text(text))
        first.run(5)
    first.session.closed()
    expected = [[], ["one"], ["one", "two"]]
    for number, (handle, heard) in enumerate(zip(handles(first), expected, strict=True), 2):
        later = world.connect(number, now=20.0 * number, sessionResumption={"handle": handle})
        assert later.session.conversation is not None
        history = later.session.conversation.memory.history
        assert [entry.text for entry in history if entry.role == "user"] == heard
        later.session.closed()


def resumed(text: str) -> list[Player]:
    """Three connections of one session with one turn, each resumed with the first one's last handle."""
    world = World(QUIET + text + "[[reply]]\nmarks_s = 1.0\n")
    first = world.connect(1)
    first.tell(said.Text("one"))
    first.run(5)
    first.session.closed()
    players = [first]
    for number in (2, 3):
        player = world.connect(number, now=10.0 * number, sessionResumption={"handle": handles(first)[-1]})
        player.run(1)
        player.session.closed()
        players.append(player)
    return players


def codes(players: list[Player]) -> list[int | None]:
    """The close codes."""
    return [None if (close := player.close()) is None else close.code for player in players]


def test_faults_of_resumption() -> None:
    """Refused once, refused always with 1011, and one that has forgotten the last turn."""
    rejected = "[[fault]]\non = 'resume:1'\ndo = 'handle_rejected'\n"
    assert codes(resumed(rejected)) == [None, 1007, None]
    again = "[[fault]]\non = 'resume:*'\ndo = 'internal_error'\ntimes = 0\n"
    assert codes(resumed(again)) == [None, 1011, 1011]
    for fault, heard in (("last_turn_lost", []), ("thought", ["one"])):
        world = World(QUIET + f"[[reply]]\nmarks_s = 1.0\n[[fault]]\non = 'resume:1'\ndo = '{fault}'\n")
        first = world.connect(1)
        first.tell(said.Text("one"))
        first.run(5)
        first.session.closed()
        second = world.connect(2, now=10.0, sessionResumption={"handle": handles(first)[-1]})
        assert second.session.conversation is not None
        history = second.session.conversation.memory.history
        assert [entry.text for entry in history if entry.role == "user"] == heard


def test_after_s_waits_for_a_connection_that_lives_so_long() -> None:
    """One that is gone before its time leaves the fault to the next; `times` counts what really happened."""
    world = World(QUIET + "[[fault]]\non = 'after_s:10'\ndo = 'quota'\n")
    first = world.connect(1)
    first.run(5)
    first.session.closed()
    second = world.connect(2, now=10.0)
    second.run(20)
    third = world.connect(3, now=40.0)
    third.run(20)
    assert codes([first, second, third]) == [None, 1011, None]


def test_a_busy_session_leaves_the_handles_of_others_alone() -> None:
    """Each session keeps its newest handles only, so a quiet one can still be resumed."""
    world = World(QUIET + "[handles]\nupdates = 'rolling'\nperiod_s = 0.1\n[limits]\nconnection_s = 0\nsession_s = 0\n")
    quiet = world.connect(1)
    quiet.session.closed()
    busy = world.connect(2)
    busy.run(800)
    assert len(set(handles(busy))) > 4096
    assert world.connect(3, now=900.0, sessionResumption={"handle": handles(quiet)[0]}).close() is None
    busy.session.closed()
    assert world.connect(4, now=900.0, sessionResumption={"handle": handles(busy)[-1]}).close() is None
    assert world.connect(5, now=900.0, sessionResumption={"handle": handles(busy)[0]}).close() is not None
