"""What a client may say, as types: one frame in, a list of messages out, or ProtocolViolationError."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from lived_workers.simulator.closes import INVALID_ARGUMENT, ProtocolViolationError, invalid_value, unknown_name
from lived_workers.simulator.normalise import decode_base64, parse

NATIVE_RATE: Final = 16_000
"""Hz: what a bare `audio/pcm` means."""
LOWEST_RATE: Final = 4_000
HIGHEST_RATE: Final = 192_000


class Setup(msgspec.Struct, frozen=True):
    """The first frame; `body` is the normalised object under `setup`."""

    body: dict[str, Any]


class Audio(msgspec.Struct, frozen=True):
    """PCM (s16le mono) at `rate` Hz; `legacy` when it came in `mediaChunks`."""

    pcm: bytes
    rate: int
    legacy: bool = False


class Video(msgspec.Struct, frozen=True):
    """One image."""

    image: bytes
    mime_type: str


class Text(msgspec.Struct, frozen=True):
    """Typed input; counts as activity like speech."""

    text: str


class ActivityStart(msgspec.Struct, frozen=True):
    """Manual mode: the user begins."""


class ActivityEnd(msgspec.Struct, frozen=True):
    """Manual mode: the user has finished."""


class AudioStreamEnd(msgspec.Struct, frozen=True):
    """The microphone pauses; `ended` is what the client wrote (false is legal and means nothing)."""

    ended: bool


class ClientContent(msgspec.Struct, frozen=True):
    """Turns for the history; `complete` asks for a reply."""

    turns: list[dict[str, Any]]
    complete: bool


class ToolResponse(msgspec.Struct, frozen=True):
    """Answers to function calls."""

    responses: list[dict[str, Any]]


class ContextUpdate(msgspec.Struct, frozen=True):
    """New system instruction or tools for the running session."""

    body: dict[str, Any]


ClientMessage = (
    Setup
    | Audio
    | Video
    | Text
    | ActivityStart
    | ActivityEnd
    | AudioStreamEnd
    | ClientContent
    | ToolResponse
    | ContextUpdate
)


def audio_rate(mime_type: object) -> int:
    """Hz named by an `audio/pcm;rate=…` mime, 16 kHz for the bare one; raises ProtocolViolationError."""
    if not isinstance(mime_type, str) or not mime_type.lower().startswith("audio/"):
        raise ProtocolViolationError(INVALID_ARGUMENT)
    for parameter in mime_type.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "rate":
            if value.isdecimal() and LOWEST_RATE <= int(value) <= HIGHEST_RATE:
                return int(value)
            raise ProtocolViolationError(INVALID_ARGUMENT)
    return NATIVE_RATE


def _object(value: object, at: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ProtocolViolationError(invalid_value(at, "TYPE_MESSAGE", "expected an object"))
    return value


def _objects(value: object, at: str) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise ProtocolViolationError(invalid_value(at, "TYPE_MESSAGE", "expected a list"))
    return [_object(item, f"{at}[{index}]") for index, item in enumerate(value)]


def _boolean(value: object, at: str) -> bool:
    if not isinstance(value, bool):
        raise ProtocolViolationError(invalid_value(at, "TYPE_BOOL", f'"{value}"'[:60]))
    return value


def _audio(value: object, at: str, legacy: bool = False) -> Audio:
    blob = _object(value, at)
    rate = audio_rate(blob.get("mimeType"))
    pcm = decode_base64(blob.get("data", ""), f"{at}.data")
    if len(pcm) % 2:
        raise ProtocolViolationError(INVALID_ARGUMENT)
    return Audio(pcm, rate, legacy)


def _media_chunks(value: object, at: str) -> list[ClientMessage]:
    chunks = _objects(value, at)
    return [
        _audio(chunk, at, legacy=True) if str(chunk.get("mimeType", "")).startswith("audio/") else _video(chunk, at)
        for chunk in chunks
    ]


def _video(value: object, at: str) -> Video:
    blob = _object(value, at)
    mime_type = blob.get("mimeType")
    if not isinstance(mime_type, str) or not mime_type.startswith("image/"):
        raise ProtocolViolationError(INVALID_ARGUMENT)
    return Video(decode_base64(blob.get("data", ""), f"{at}.data"), mime_type)


def _text(value: object, at: str) -> Text:
    if not isinstance(value, str):
        raise ProtocolViolationError(invalid_value(at, "TYPE_STRING", "expected a string"))
    return Text(value)


def _realtime_input(value: object) -> list[ClientMessage]:
    found: list[ClientMessage] = []
    for key, inner in _object(value, "realtime_input").items():
        at = f"realtime_input.{key}"
        if key == "mediaChunks":
            found += _media_chunks(inner, at)
        elif (read := _REALTIME.get(key)) is not None:
            found.append(read(inner, at))
        else:
            raise ProtocolViolationError(unknown_name(key, "realtime_input"))
    return found


_REALTIME: Final[Mapping[str, Callable[[object, str], ClientMessage]]] = {
    "audio": _audio,
    "video": _video,
    "text": _text,
    "activityStart": lambda value, at: (_object(value, at), ActivityStart())[1],
    "activityEnd": lambda value, at: (_object(value, at), ActivityEnd())[1],
    "audioStreamEnd": lambda value, at: AudioStreamEnd(_boolean(value, at)),
}


def _client_content(value: object) -> list[ClientMessage]:
    body = _object(value, "client_content")
    for key in body:
        if key not in {"turns", "turnComplete"}:
            raise ProtocolViolationError(unknown_name(key, "client_content"))
    turns = _objects(body.get("turns", []), "client_content.turns")
    return [ClientContent(turns, _boolean(body.get("turnComplete", False), "client_content.turn_complete"))]


def _tool_response(value: object) -> list[ClientMessage]:
    body = _object(value, "tool_response")
    return [ToolResponse(_objects(body.get("functionResponses", []), "tool_response.function_responses"))]


_READERS: Final[Mapping[str, Callable[[object], list[ClientMessage]]]] = {
    "setup": lambda value: [Setup(_object(value, "setup"))],
    "realtimeInput": _realtime_input,
    "clientContent": _client_content,
    "toolResponse": _tool_response,
    "contextUpdate": lambda value: [ContextUpdate(_object(value, "context_update"))],
}


def read_frame(raw: str | bytes) -> list[ClientMessage]:
    """The messages in one client frame (text or binary); raises ProtocolViolationError for anything else.

    A frame is a union of one key; several keys in `realtimeInput` are read in their order.
    """
    frame = parse(raw)
    for key in frame:
        if key not in _READERS:
            raise ProtocolViolationError(unknown_name(key))
    if len(frame) != 1:
        raise ProtocolViolationError(INVALID_ARGUMENT)
    ((key, value),) = frame.items()
    return _READERS[key](value)
