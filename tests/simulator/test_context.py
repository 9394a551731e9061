"""What a session costs: tokens by modality, compression, images; and what the client changes while it runs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived_workers.simulator import client_messages as said
from lived_workers.simulator.effects import Note
from lived_workers.simulator.usage import Context, Modality, text_tokens
from simulator.harness import QUIET, Player, World, question, silence

SHORT = QUIET + "[[reply]]\nmarks_s = 4.0\n"


def usages(player: Player) -> list[dict[str, Any]]:
    """usageMetadata of each turn."""
    return [frame["usageMetadata"] for frame in player.frames() if "usageMetadata" in frame]


def by_modality(details: list[dict[str, Any]]) -> dict[str, int]:
    """Token counts by modality."""
    return {detail["modality"]: detail["tokenCount"] for detail in details}


def notes(player: Player, kind: str) -> list[dict[str, Any]]:
    """The details of one kind of journal line."""
    return [e.detail for _, e in player.effects if isinstance(e, Note) and e.kind == kind]


def turns(player: Player, count: int) -> None:
    """So many spoken turns."""
    for _ in range(count):
        player.hear(question() + silence(0.9))
        player.run(8)


def test_the_prompt_grows_with_every_turn() -> None:
    """25 tokens a second each way; the whole history is paid again; usage is per turn."""
    player = World(SHORT).connect()
    turns(player, 3)
    prompts = [by_modality(usage["promptTokensDetails"]) for usage in usages(player)]
    spoken = len(question()) / 32_000 * 25
    assert prompts[0]["AUDIO"] == pytest.approx(spoken, abs=12)
    replies = [usage["responseTokenCount"] for usage in usages(player)]
    assert replies == [105, 105, 105]
    growth = [prompts[n + 1]["AUDIO"] - prompts[n]["AUDIO"] for n in (0, 1)]
    assert growth == pytest.approx([prompts[0]["AUDIO"] + 105] * 2, abs=6)
    for usage in usages(player):
        assert usage["totalTokenCount"] == usage["promptTokenCount"] + usage["responseTokenCount"]
        assert usage["promptTokenCount"] == sum(by_modality(usage["promptTokensDetails"]).values())


def test_coverage_decides_what_is_paid() -> None:
    """Silence costs nothing unless all input is part of the turn."""
    heard = []
    for coverage in ("TURN_INCLUDES_ONLY_ACTIVITY", "TURN_INCLUDES_ALL_INPUT"):
        player = World(SHORT).connect(realtimeInputConfig={"turnCoverage": coverage})
        player.hear(silence(10.0) + question() + silence(0.9))
        player.run(8)
        heard.append(by_modality(usages(player)[0]["promptTokensDetails"])["AUDIO"])
    assert heard[1] - heard[0] == pytest.approx(250, abs=30)


def test_instructions_and_tools_are_text() -> None:
    """System instruction and declarations stand in every prompt."""
    text = "x" * 4_000
    plain, told = World(SHORT).connect(), World(SHORT).connect(systemInstruction={"parts": [{"text": text}]})
    for player in (plain, told):
        player.tell(said.Text("x"))
        player.run(8)
    first, second = (by_modality(usages(player)[0]["promptTokensDetails"])["TEXT"] for player in (plain, told))
    assert second - first == pytest.approx(1_000, abs=20)


@pytest.mark.parametrize(("resolution", "tokens"), [("LOW", 64), ("MEDIUM", 256), ("HIGH", 256), (None, 256)])
def test_images_by_resolution(resolution: str | None, tokens: int) -> None:
    """Each frame costs what mediaResolution says; one in clientContent too."""
    config = {"mediaResolution": f"MEDIA_RESOLUTION_{resolution}"} if resolution else {}
    player = World(SHORT).connect(generationConfig=config)
    for _ in range(3):
        player.tell(said.Video(b"jpeg", "image/jpeg"))
        player.run(1)
    player.tell(said.ClientContent([{"role": "user", "parts": [{"inlineData": {}}, {"text": "what?"}]}], True))
    player.run(8)
    prompt = by_modality(usages(player)[0]["promptTokensDetails"])
    assert (prompt["VIDEO"], prompt["IMAGE"]) == (3 * tokens, tokens)


def test_more_than_one_image_a_second_is_told() -> None:
    """The journal names frames that came too soon, and only those."""
    player = World(QUIET).connect()
    for gap in (1.0, 1.0, 0.5, 0.1, 1.0):
        player.tell(said.Video(b"jpeg", "image/jpeg"))
        player.run(gap)
    player.tell(said.Video(b"jpeg", "image/jpeg"))
    player.run(0.1)
    assert [note["gap_s"] for note in notes(player, "video_too_fast")] == [0.5, 0.1]
    assert player.session.conversation is not None
    assert player.session.conversation.memory.images == 6


def test_the_context_is_exhausted_without_compression() -> None:
    """1007 at the turn that would not fit."""
    player = World(SHORT + "[limits]\ncontext_tokens = 700\n").connect()
    turns(player, 4)
    close = player.close()
    assert close is not None
    assert close.code == 1007
    assert "token count exceeds" in close.reason
    assert 1 <= len(player.sent("turnComplete")) < 4


def test_compression_keeps_the_context_small() -> None:
    """Over the trigger the oldest turns go until the target is left, from history and bill alike; nothing is closed."""
    compression = {"triggerTokens": "900", "slidingWindow": {"targetTokens": 600}}
    player = World(SHORT).connect(contextWindowCompression=compression)
    turns(player, 12)
    assert player.close() is None
    compressed = notes(player, "compressed")
    assert len(compressed) >= 2
    assert all(note["from"] > 900 and note["to"] <= 600 for note in compressed)
    assert max(usage["promptTokenCount"] for usage in usages(player)) <= 900
    assert player.session.conversation is not None
    history = player.session.conversation.memory.history
    assert len(history) < 12
    assert history[0].role == "user"


@pytest.mark.parametrize(
    "config",
    [{"triggerTokens": 0}, {"triggerTokens": "x"}, {"triggerTokens": 10, "slidingWindow": {"targetTokens": 10}}],
)
def test_wrong_compression(config: dict[str, Any]) -> None:
    """A trigger that is none, or a target that is not under it, is 1007."""
    player = World(QUIET).connect(contextWindowCompression=config)
    close = player.close()
    assert close is not None
    assert close.code == 1007


@given(st.lists(st.integers(0, 500), max_size=300), st.integers(313, 5_000))
def test_compress(turn_tokens: list[int], target: int) -> None:
    """What is left is under the target or one turn alone; entries gone and left add up."""
    context = Context()
    for tokens in turn_tokens:
        context.begin_turn()
        context.spend(Modality.TEXT, tokens)
        context.enter()
    gone = context.compress(target)
    left = sum(turn.entries for turn in context.snapshot())
    assert gone + left == len(turn_tokens)
    assert context.total <= target or len(context.snapshot()) == 1


def test_text_tokens() -> None:
    """About four characters each; nothing is free but nothing."""
    assert [text_tokens(text) for text in ("", "a", "abcd", "abcde", None)] == [0, 1, 1, 2, 0]


def test_context_update() -> None:
    """New tools and a new instruction count from now on; what is not named stays."""
    player = World(QUIET).connect(tools=[{"functionDeclarations": [{"name": "old"}]}])
    player.tell(said.ContextUpdate({"systemInstruction": {"parts": [{"text": "New rules."}]}}))
    player.tell(said.ContextUpdate({"tools": {"tools": [{"functionDeclarations": [{"name": "new"}]}]}}))
    player.run(0.1)
    assert notes(player, "context") == [
        {"instruction": True, "functions": ["old"]},
        {"instruction": False, "functions": ["new"]},
    ]


@pytest.mark.parametrize(
    ("model", "body"),
    [
        ("gemini-3.8-live", {}),
        ("gemini-3.8-live", {"model": "x"}),
        ("gemini-3.8-live", {"tools": {"tools": [{"codeExecution": {}}]}}),
        ("gemini-2.5-flash-native-audio", {"systemInstruction": {}}),
    ],
)
def test_context_update_refused(model: str, body: dict[str, Any]) -> None:
    """Nothing in it, something unknown, tools that setup would refuse, a model that has none of it: 1007."""
    player = World(QUIET).connect(model=f"models/{model}")
    player.tell(said.ContextUpdate(body))
    player.run(0.1)
    close = player.close()
    assert close is not None
    assert close.code == 1007


def test_client_content_interrupts_even_without_interruption() -> None:
    """turnComplete: true cuts the reply also with NO_INTERRUPTION; typed text then does not."""
    for message, cut in ((said.ClientContent([], complete=True), True), (said.Text("x"), False)):
        player = World(QUIET).connect(realtimeInputConfig={"activityHandling": "NO_INTERRUPTION"})
        player.tell(said.Text("go"))
        player.run(1)
        player.tell(message)
        player.run(0.5)
        assert bool(player.sent("interrupted")) is cut


def test_greeting() -> None:
    """clientContent without turns, complete: the model speaks first."""
    player = World(SHORT).connect()
    player.tell(said.ClientContent([], complete=True))
    player.run(8)
    assert player.sent("audio")


def test_search() -> None:
    """groundingMetadata before the turn is complete, if the client has declared the search."""
    text = QUIET + "[[reply]]\nmarks_s = 1.0\nsearch = 'weather in Berlin'\n"
    declared: list[dict[str, Any]]
    for declared, found in (([{"googleSearch": {}}], True), ([], False)):
        player = World(text).connect(tools=declared)
        player.tell(said.Text("x"))
        player.run(5)
        grounding = [
            frame["serverContent"]["groundingMetadata"]
            for frame in player.frames()
            if "groundingMetadata" in frame.get("serverContent", {})
        ]
        assert bool(grounding) is found
        if found:
            assert grounding[0]["webSearchQueries"] == ["weather in Berlin"]
            order = player.order()
            assert order.index("grounding") < order.index("turnComplete")


def test_thoughts_where_the_model_has_them() -> None:
    """A thought part before the sound, on models that have them, when asked for; never on 3.8."""
    for model, asked, expected in (
        ("gemini-3.1-flash-live-preview", True, True),
        ("gemini-3.1-flash-live-preview", False, False),
        ("gemini-2.5-flash-native-audio", True, True),
        ("gemini-3.8-live", True, False),
    ):
        config = {"thinkingConfig": {"includeThoughts": asked}}
        player = World(SHORT).connect(model=f"models/{model}", generationConfig=config)
        player.tell(said.Text("x"))
        player.run(8)
        assert bool(player.sent("thought")) is expected
        if expected:
            assert player.order().index("thought") < player.order().index("audio")


def test_transcripts_of_2_5_come_late_and_word_by_word() -> None:
    """Joined they are the sentence; the first comes 0.3 s after the end of the speech."""
    text = QUIET + "[[reply]]\nmarks_s = 1.0\nheard = 'tell me more'\n"
    player = World(text).connect(model="models/gemini-2.5-flash-native-audio", inputAudioTranscription={})
    player.hear(question() + silence(0.9))
    player.run(3)
    words = [
        frame["serverContent"]["inputTranscription"]["text"]
        for frame in player.frames()
        if "inputTranscription" in frame.get("serverContent", {})
    ]
    assert words == ["tell ", "me ", "more "]
    first = player.sent("inputTranscription")[0][0]
    assert player.sent("audio")[0][0] - first == pytest.approx(0.2, abs=0.01)
