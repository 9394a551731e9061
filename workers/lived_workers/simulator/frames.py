"""Server frames as the Live API writes them: binary opcode, indented camelCase JSON, several keys in one frame."""

import base64
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final
from urllib.parse import quote

import msgspec

OUTPUT_RATE: Final = 24_000
"""Hz: the model always speaks PCM16 mono at this rate."""

Frame = dict[str, Any]


def encode(frame: Mapping[str, Any]) -> bytes:
    """The bytes of a frame; an empty one is the heartbeat `{}`."""
    return msgspec.json.format(msgspec.json.encode(frame), indent=2) + b"\n"


def merge(frames: Iterable[Mapping[str, Any]]) -> Frame:
    """One frame with the keys of all; objects under the same key are joined one level deep."""
    merged: Frame = {}
    for frame in frames:
        for key, value in frame.items():
            joined = isinstance(value, dict) and isinstance(merged.get(key), dict)
            merged[key] = {**merged[key], **value} if joined else value
    return merged


def seconds(value: float) -> str:
    """A protobuf duration: `1.88` -> `"1.880s"`, whole seconds without a fraction."""
    return f"{value:.0f}s" if round(value, 3) == round(value) else f"{value:.3f}s"


def setup_complete(session_id: str | None = None) -> Frame:
    """The answer to setup."""
    return {"setupComplete": {"sessionId": session_id} if session_id else {}}


def resumption_update(handle: str | None) -> Frame:
    """A new handle, or None for "not resumable now"."""
    return {"sessionResumptionUpdate": {"newHandle": handle, "resumable": True} if handle else {}}


def content(**fields: Any) -> Frame:
    """A serverContent frame."""
    return {"serverContent": fields}


def inline_audio(pcm: bytes, mime_type: str) -> Frame:
    """One part with sound."""
    return {"inlineData": {"mimeType": mime_type, "data": base64.b64encode(pcm).decode()}}


def model_turn(parts: list[Frame], role: bool) -> Frame:
    """Parts of the model's turn; `role` is written by 3.8, not by 2.5."""
    return content(modelTurn={"parts": parts, **({"role": "model"} if role else {})})


def input_transcription(text: str) -> Frame:
    """What the user said."""
    return content(inputTranscription={"text": text})


def output_transcription(text: str, language: str | None = None) -> Frame:
    """A fragment of what the model says; fragments are joined as they are."""
    return content(outputTranscription={"text": text, **({"languageCode": language} if language else {})})


def voice_activity(kind: str, offset_s: float) -> Frame:
    """`kind` ACTIVITY_START or ACTIVITY_END at `offset_s` seconds of the sound received."""
    return {"voiceActivity": {"type": kind, "audioOffset": seconds(offset_s)}}


def go_away(time_left_s: float) -> Frame:
    """The warning that this connection will be closed."""
    return {"goAway": {"timeLeft": seconds(time_left_s)}}


def usage(prompt: Mapping[str, int], response: Mapping[str, int], thoughts: int = 0) -> Frame:
    """Tokens of one turn (not cumulative) by modality."""
    totals = {"promptTokenCount": sum(prompt.values()), "responseTokenCount": sum(response.values())}
    if thoughts:
        totals["thoughtsTokenCount"] = thoughts
    return {
        "usageMetadata": {
            **totals,
            "totalTokenCount": sum(totals.values()),
            "promptTokensDetails": _details(prompt),
            "responseTokensDetails": _details(response),
        }
    }


def _details(tokens: Mapping[str, int]) -> list[Frame]:
    return [{"modality": str(modality), "tokenCount": count} for modality, count in tokens.items()]


def thought(text: str, role: bool) -> Frame:
    """A part that is neither spoken nor shown."""
    return model_turn([{"text": text, "thought": True}], role)


def tool_call(calls: list[Frame]) -> Frame:
    """Functions to call, each `{id, name, args}`."""
    return {"toolCall": {"functionCalls": calls}}


def tool_call_cancellation(ids: list[str]) -> Frame:
    """Calls that nobody waits for any more."""
    return {"toolCallCancellation": {"ids": ids}}


def grounding(query: str) -> Frame:
    """What a Google search for `query` leaves behind."""
    uri = "https://example.org/" + quote(query)
    metadata = {
        "webSearchQueries": [query],
        "groundingChunks": [{"web": {"uri": uri, "title": "example.org"}}],
        "groundingSupports": [{"segment": {"endIndex": 1, "text": query}, "groundingChunkIndices": [0]}],
        "searchEntryPoint": {"renderedContent": f"<div>{escape(query)}</div>"},
    }
    return content(groundingMetadata=metadata)
