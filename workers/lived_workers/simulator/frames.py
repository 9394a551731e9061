"""Server frames as the Live API writes them: binary opcode, indented camelCase JSON, several keys in one frame."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

OUTPUT_RATE: Final = 24_000
"""Hz: the model always speaks PCM16 mono at this rate."""
AUDIO_TOKENS_PER_SECOND: Final = 25

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


def output_transcription(text: str) -> Frame:
    """A fragment of what the model says; fragments are joined as they are."""
    return content(outputTranscription={"text": text})


def voice_activity(kind: str, offset_s: float) -> Frame:
    """`kind` ACTIVITY_START or ACTIVITY_END at `offset_s` seconds of the sound received."""
    return {"voiceActivity": {"type": kind, "audioOffset": seconds(offset_s)}}


def go_away(time_left_s: float) -> Frame:
    """The warning that this connection will be closed."""
    return {"goAway": {"timeLeft": seconds(time_left_s)}}


def usage(prompt_text: int, prompt_audio: int, response_audio: int) -> Frame:
    """Tokens of one turn (not cumulative), by modality."""
    prompt = [{"modality": "TEXT", "tokenCount": prompt_text}, {"modality": "AUDIO", "tokenCount": prompt_audio}]
    return {
        "usageMetadata": {
            "promptTokenCount": prompt_text + prompt_audio,
            "responseTokenCount": response_audio,
            "totalTokenCount": prompt_text + prompt_audio + response_audio,
            "promptTokensDetails": prompt,
            "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": response_audio}],
        }
    }
