"""Every fault can be had at any time, and docs/simulator.md names everything that a scenario can say."""

import re
from pathlib import Path

import msgspec
import pytest

from lived_workers.simulator import client_messages as said
from lived_workers.simulator.content_faults import LONG_REPLY_S, LONG_TRANSCRIPT
from lived_workers.simulator.effects import CloseSocket, HalfOpen, Note, ResetConnection
from lived_workers.simulator.faults import (
    KNOWN_FAULTS,
    NAMED_CLOSES,
    ONLY_REPLY_FAULTS,
    SESSION_FAULTS,
    Fault,
    TriggerKind,
    check_fault,
)
from lived_workers.simulator.limits import Handles, Limits
from lived_workers.simulator.phases import Phase
from lived_workers.simulator.scenario import Call, Reply, Scenario, Timing
from lived_workers.simulator.vad import VadSettings
from simulator.harness import QUIET, Player, World, scenario

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "simulator.md").read_text()
PAGES = "".join(page.read_text() for page in sorted(DOCS.glob("simulator*.md")))
"""Faults of the network have a page of their own."""
TOOLS = [{"functionDeclarations": [{"name": "f", "behavior": "BLOCKING"}]}]
SCENE = QUIET + "[[reply]]\nmarks_s = 2.0\ncalls = [{name = 'f'}]\nfiller = 'x'\n[[reply]]\nmarks_s = 3.0\n"
ENDS = (CloseSocket, HalfOpen, ResetConnection)


@pytest.mark.parametrize("name", sorted(KNOWN_FAULTS))
def test_every_fault_is_on_the_page(name: str) -> None:
    """A row of a table begins with it."""
    assert re.search(rf"^\| `{name}`", PAGES, re.MULTILINE)


@pytest.mark.parametrize("kind", [Scenario, Timing, Limits, Handles, VadSettings, Reply, Call, Fault])
def test_every_field_is_on_the_page(kind: type[msgspec.Struct]) -> None:
    """A row of a table begins with it."""
    for field in msgspec.structs.fields(kind):
        assert re.search(rf"^\| `{field.encode_name}`", PAGE, re.MULTILINE), field.name


def test_every_trigger_is_on_the_page() -> None:
    """A row of a table begins with it."""
    for kind in TriggerKind:
        assert re.search(rf"^\| `{kind}[`:]", PAGES, re.MULTILINE), kind


def test_the_page_names_nothing_else() -> None:
    """A name in the tables of faults is one that exists."""
    faults = PAGE.split("### Connecting", 1)[1].split("## The control socket", 1)[0]
    assert set(re.findall(r"^\| `(\w+)`", faults, re.MULTILINE)) <= KNOWN_FAULTS


@pytest.mark.parametrize("text", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_examples_are_scenarios(text: str) -> None:
    """Each TOML example of the page can be played."""
    assert scenario(text)


@pytest.mark.parametrize("name", sorted(SESSION_FAULTS | ONLY_REPLY_FAULTS))
@pytest.mark.parametrize("wait", [0.0, 0.55, 1.5, 9.0, 10.5])
def test_at_any_time(name: str, wait: float) -> None:
    """Whatever the model is doing (listening, speaking, calling, playing): the fault is carried out, nothing breaks."""
    fault = Fault(do=name)
    check_fault(fault)
    player = World(SCENE).connect(tools=TOOLS)
    player.tell(said.Text("go"))
    player.run(wait)
    player.session.inject(player.now, fault)
    player.run(60)
    assert next(e.detail for _, e in player.effects if isinstance(e, Note) and e.kind == "fault") == {"do": name}
    if not any(isinstance(e, ENDS) for _, e in player.effects):
        player.tell(said.Text("and now?"))
        player.run(200)
        assert player.session.conversation is not None
        assert player.session.conversation.model.phase in {Phase.LISTENING, Phase.CALLING}


@pytest.mark.parametrize("name", sorted(NAMED_CLOSES))
def test_named_closes(name: str) -> None:
    """Code and words are those of the API."""
    player = World(QUIET).connect()
    player.session.inject(player.now, Fault(do=name))
    player.run(0.1)
    close = player.close()
    assert close is not None
    assert (close.code, close.reason) == (NAMED_CLOSES[name].code, NAMED_CLOSES[name].reason)


def reply_with(fault: str) -> Player:
    """A reply of numbered samples with one fault."""
    player = World(QUIET + f"[[reply]]\nmarks_s = 2.0\nfaults = ['{fault}']\n").connect(outputAudioTranscription={})
    player.tell(said.Text("go"))
    player.run(70)
    return player


def spoken(player: Player) -> bytes:
    """The sound of the reply."""
    return b"".join(send.pcm for _, send in player.sent("audio"))


def transcripts(player: Player) -> list[dict[str, str]]:
    """The output transcript's pieces."""
    contents = [frame.get("serverContent", {}) for frame in player.frames()]
    return [content["outputTranscription"] for content in contents if "outputTranscription" in content]


def test_length_of_the_reply() -> None:
    """No sound at all, or a minute of it (still numbered without a repetition)."""
    nothing = reply_with("zero_seconds")
    assert spoken(nothing) == b""
    assert nothing.order()[-3:] == ["generationComplete", "turnComplete", "sessionResumptionUpdate"]
    assert len(spoken(reply_with("sixty_seconds"))) == LONG_REPLY_S * 48_000


def test_words_of_the_reply() -> None:
    """An empty transcript, a very long one in one frame, one that changes its language."""
    assert transcripts(reply_with("empty_transcript")) == [{"text": ""}]
    assert [len(piece["text"]) for piece in transcripts(reply_with("long_transcript"))] == [LONG_TRANSCRIPT]
    pieces = transcripts(reply_with("language_switch"))
    assert "languageCode" not in pieces[0]
    assert {piece["languageCode"] for piece in pieces[1:]} == {"de-DE"}


def test_a_rejected_response() -> None:
    """No sound, and turnComplete says why."""
    player = reply_with("response_rejected")
    assert spoken(player) == b""
    ends = [f["serverContent"] for f in player.frames() if "turnComplete" in f.get("serverContent", {})]
    assert [end.get("turnCompleteReason") for end in ends] == ["RESPONSE_REJECTED"]


def test_a_reply_that_nobody_asked_for() -> None:
    """It is spoken, and the next question still gets the first reply."""
    player = World(QUIET + "[[reply]]\nmarks_s = 1.0\n[[reply]]\nmarks_s = 3.0\n").connect()
    player.session.inject(player.now, Fault(do="unasked_reply"))
    player.run(5)
    assert len(spoken(player)) == 48_000
    assert player.session.conversation is not None
    assert player.session.conversation.memory.replies == 0


def test_go_away_now() -> None:
    """It says "0s" and means it."""
    player = World(QUIET).connect()
    player.session.inject(player.now, Fault(do="go_away_now"))
    player.run(0.01)
    assert player.frames()[-1] == {"goAway": {"timeLeft": "0s"}}
    assert player.close() is not None


def test_go_away_and_silence() -> None:
    """After goAway nobody is answered; then 1011."""
    player = World(QUIET).connect()
    player.session.inject(player.now, Fault(do="go_away_silence", s=20.0))
    player.run(0.1)
    player.tell(said.Text("hello?"))
    player.run(19)
    assert player.sent("audio") == []
    assert player.close() is None
    player.run(1)
    assert player.close() is not None


def test_a_silent_reply_may_end_a_turn() -> None:
    """No answer, and yet an empty turnComplete."""
    player = World(QUIET + "[[reply]]\nsilent = true\nfaults = ['lone_turn_complete']\n").connect()
    player.tell(said.Text("x"))
    player.run(5)
    assert player.order()[-1] == "lone_turn_complete"
    assert player.sent("audio") == []
