"""What the SDK's own messages say of calls, tokens, sources and status."""

from collections import Counter
from typing import Any

import pytest
from google.genai import types

from lived_workers.gateway.happenings import (
    Call,
    CallsCancelled,
    Complete,
    Happening,
    Sources,
    Transcript,
    Usage,
    Working,
)
from lived_workers.gateway.translate import Translator


def translated(counters: Counter[str] | None = None, **message: Any) -> list[Happening]:
    """A server message, as JSON has it."""
    return Translator(Counter() if counters is None else counters).take(types.LiveServerMessage.model_validate(message))


def test_calls_and_their_cancellation() -> None:
    """Several share a frame; arguments may be missing; a call that cannot be answered is counted."""
    counters: Counter[str] = Counter()
    calls = [{"id": "1", "name": "a", "args": {"x": [1]}}, {"id": "2", "name": "b"}, {"name": "c"}]
    found = translated(counters, toolCall={"functionCalls": calls}, toolCallCancellation={"ids": ["1"]})
    assert found == [Call("1", "a", {"x": [1]}), Call("2", "b", {}), CallsCancelled(["1"])]
    assert counters["calls_without_id"] == 1


def test_a_turn_that_is_over_while_the_model_works_on() -> None:
    """The status is known before the end."""
    found = translated(serverContent={"turnComplete": True, "interactionStatus": "IN_PROGRESS"})
    assert found == [Working(True), Complete("")]
    assert translated(serverContent={"turnComplete": True, "interactionStatus": "IDLE"})[0] == Working(False)
    with pytest.warns(UserWarning, match="BRAND_NEW"):  # the SDK's own
        assert translated(serverContent={"interactionStatus": "BRAND_NEW"}) == []


def test_tokens_by_kind() -> None:
    """Thoughts, tools and the cache beside prompt and response."""
    (usage,) = translated(
        usageMetadata={
            "promptTokenCount": 10,
            "responseTokenCount": 5,
            "totalTokenCount": 22,
            "thoughtsTokenCount": 4,
            "toolUsePromptTokenCount": 3,
            "cachedContentTokenCount": 2,
            "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 8}],
        }
    )
    assert usage == Usage(10, 5, 22, {"AUDIO": 8}, {}, thoughts=4, tools=3, cached=2)


def test_where_an_answer_comes_from() -> None:
    """Pages with and without title; what is no page is left out; nothing at all is no news."""
    found = translated(
        serverContent={
            "groundingMetadata": {
                "webSearchQueries": ["weather"],
                "groundingChunks": [
                    {"web": {"uri": "https://example.org/a", "title": "A"}},
                    {"web": {"uri": "https://example.org/b"}},
                    {"web": {}},
                    {},
                ],
                "searchEntryPoint": {"renderedContent": "<div/>"},
            }
        }
    )
    pages = [("https://example.org/a", "A"), ("https://example.org/b", "")]
    assert found == [Sources(["weather"], pages, "<div/>")]
    assert translated(serverContent={"groundingMetadata": {}}) == []


def test_thoughts_are_never_told() -> None:
    """Neither as sound nor as text."""
    parts = [{"text": "The user wants ...", "thought": True}, {"text": "Hmm"}]
    counters: Counter[str] = Counter()
    found = translated(
        counters, serverContent={"modelTurn": {"parts": parts}, "outputTranscription": {"text": "Hello."}}
    )
    assert found == [Transcript("model", "Hello.")]
    assert counters["thoughts"] == 1
