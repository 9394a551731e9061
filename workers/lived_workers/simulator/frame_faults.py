"""Frames that a client must survive, by name. Text goes out as str, binary as bytes."""

from collections.abc import Callable, Mapping
from typing import Final

from lived_workers.simulator import frames
from lived_workers.simulator.frames import encode

FLOOD: Final = 200
NO_SUCH_FUNCTION: Final = "function_that_nobody_declared"
BIG_FRAME_BYTES: Final = 1_100_000
"""Over the 1 MiB that the SDK's WebSocket takes unless told otherwise."""


def _error_envelope() -> bytes:
    return encode({"error": {"code": 500, "message": "Internal error encountered.", "status": "INTERNAL"}})


def _code_envelope() -> bytes:
    return encode({"code": 429, "message": "Resource has been exhausted.", "status": "RESOURCE_EXHAUSTED"})


def _snake_case() -> bytes:
    return encode({"server_content": {"output_transcription": {"text": "snake"}}})


def _unknown_enum() -> bytes:
    return encode({"voiceActivity": {"type": "ACTIVITY_OF_TOMORROW", "audioOffset": "1s"}})


def _zero_audio() -> bytes:
    return encode(frames.model_turn([frames.inline_audio(b"", "audio/pcm;rate=24000")], role=True))


def _lone_tool_call() -> bytes:
    return encode(frames.tool_call([{"id": "function-call-0", "name": NO_SUCH_FUNCTION, "args": {}}]))


def _thought() -> bytes:
    return encode(frames.model_turn([{"text": "**Thinking** The user greets me.", "thought": True}], role=True))


FRAME_FAULTS: Final[Mapping[str, Callable[[], list[bytes | str]]]] = {
    "empty_flood": lambda: [encode({})] * FLOOD,
    "empty_frame": lambda: [b""],
    "empty_content": lambda: [encode({"serverContent": {}})],
    "unknown_top_level": lambda: [encode({"somethingNew": {"value": 1}})],
    "unknown_beside_known": lambda: [encode({"somethingNew": {"value": 1}, "serverContent": {}})],
    "unknown_nested": lambda: [encode({"serverContent": {"somethingNew": 1}})],
    "unknown_enum": lambda: [_unknown_enum()],
    "error_envelope": lambda: [_error_envelope()],
    "code_envelope": lambda: [_code_envelope()],
    "snake_case": lambda: [_snake_case()],
    "not_json": lambda: [b"{ this is not JSON"],
    "wrong_type": lambda: [encode({"serverContent": "a string"})],
    "text_opcode": lambda: [encode({"serverContent": {}}).decode()],
    "big_frame": lambda: [encode({"serverContent": {"padding": "x" * BIG_FRAME_BYTES}})],
    "zero_audio": lambda: [_zero_audio()],
    "thought": lambda: [_thought()],
    "usage_only": lambda: [encode(frames.usage({"TEXT": 10, "AUDIO": 10}, {"AUDIO": 10}))],
    "lone_tool_call": lambda: [_lone_tool_call()],
    "lone_cancellation": lambda: [encode(frames.tool_call_cancellation(["function-call-0"]))],
    "lone_turn_complete": lambda: [encode(frames.content(turnComplete=True))],
    "lone_interrupted": lambda: [encode(frames.content(interrupted=True))],
}


def garbage() -> list[bytes | str]:
    """One of each frame that makes the SDK's receive() raise and yet leaves the connection whole."""
    names = ("error_envelope", "not_json", "wrong_type", "snake_case", "unknown_top_level")
    return [frame for name in names for frame in FRAME_FAULTS[name]()]
