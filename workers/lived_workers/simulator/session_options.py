"""What a setup asks of the running session, read once."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from lived_workers.simulator.closes import INVALID_ARGUMENT, ProtocolViolationError
from lived_workers.simulator.toolbox import Toolbox, read_toolbox
from lived_workers.simulator.usage import DEFAULT_IMAGE_TOKENS, IMAGE_TOKENS, Compression
from lived_workers.simulator.vad import VadSettings

DEFAULT_WINDOW: Final = 131_072
TRIGGER_PERCENT: Final = 80
"""Of the window, where the client names no trigger."""
LONGEST_SILENCE_MS: Final = 2_000
"""The API cuts longer wishes to about this."""
LOW_COMMIT_MS: Final = 240
LOW_START_DB: Final = -36.0
LOW_SILENCE_MS: Final = 1_200


class SessionOptions(msgspec.Struct, frozen=True):
    """The part of setup that changes behaviour."""

    manual: bool
    """Activity is what the client marks, the detector is off."""
    interruptible: bool
    input_transcripts: bool
    output_transcripts: bool
    initial_history: bool
    """clientContent up to the first turnComplete is history and gets no reply."""
    handle: str | None
    """The session to resume."""
    vad: VadSettings
    all_input: bool = False
    """All sound received is part of the turn, not only speech."""
    include_thoughts: bool = False
    image_tokens: int = DEFAULT_IMAGE_TOKENS
    compression: Compression | None = None
    toolbox: Toolbox = Toolbox()


def _part(body: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    value: Any = body
    for key in path:
        value = value.get(key) or {}
        if not isinstance(value, Mapping):
            raise ProtocolViolationError(INVALID_ARGUMENT)
    found: Mapping[str, Any] = value
    return found


def _milliseconds(config: Mapping[str, Any], key: str) -> int | None:
    value = config.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or value < 0:
        raise ProtocolViolationError(INVALID_ARGUMENT)
    return value


def vad_settings(config: Mapping[str, Any], base: VadSettings) -> VadSettings:
    """The detector for an `automaticActivityDetection` on top of `base`. Raises ProtocolViolationError."""
    low_start = config.get("startOfSpeechSensitivity") == "START_SENSITIVITY_LOW"
    low_end = config.get("endOfSpeechSensitivity") == "END_SENSITIVITY_LOW"
    padding = _milliseconds(config, "prefixPaddingMs") or 0
    silence = _milliseconds(config, "silenceDurationMs")
    if silence is None:
        silence = LOW_SILENCE_MS if low_end else base.silence_ms
    return VadSettings(
        start_db=max(base.start_db, LOW_START_DB) if low_start else base.start_db,
        end_db=base.end_db,
        commit_ms=max(LOW_COMMIT_MS if low_start else base.commit_ms, padding),
        silence_ms=min(silence, LONGEST_SILENCE_MS),
    )


def _tokens(config: Mapping[str, Any], key: str, default: int) -> int:
    """An int64, which may be written as a string."""
    value = config.get(key)
    if value is None:
        return default
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ProtocolViolationError(INVALID_ARGUMENT)
    return value


def read_compression(setup: Mapping[str, Any], window: int) -> Compression | None:
    """`contextWindowCompression` with its defaults for a context of `window` tokens. Raises ProtocolViolationError."""
    if setup.get("contextWindowCompression") is None:
        return None
    config = _part(setup, "contextWindowCompression")
    trigger = _tokens(config, "triggerTokens", (window or DEFAULT_WINDOW) * TRIGGER_PERCENT // 100)
    target = _tokens(_part(config, "slidingWindow"), "targetTokens", trigger // 2)
    if target >= trigger:
        raise ProtocolViolationError(INVALID_ARGUMENT)
    return Compression(trigger, target)


def read_options(setup: Mapping[str, Any], base: VadSettings, window: int = DEFAULT_WINDOW) -> SessionOptions:
    """The options in a setup that `check_setup` has passed, for a `window` of tokens. Raises ProtocolViolationError."""
    generation = _part(setup, "generationConfig")
    realtime = _part(setup, "realtimeInputConfig")
    detection = _part(realtime, "automaticActivityDetection")
    handle = _part(setup, "sessionResumption").get("handle")
    if handle is not None and not isinstance(handle, str):
        raise ProtocolViolationError(INVALID_ARGUMENT)
    return SessionOptions(
        manual=detection.get("disabled") is True,
        interruptible=realtime.get("activityHandling") != "NO_INTERRUPTION",
        input_transcripts="inputAudioTranscription" in setup,
        output_transcripts="outputAudioTranscription" in setup,
        initial_history=_part(setup, "historyConfig").get("initialHistoryInClientContent") is True,
        handle=handle or None,
        vad=vad_settings(detection, base),
        all_input=realtime.get("turnCoverage") == "TURN_INCLUDES_ALL_INPUT",
        include_thoughts=_part(generation, "thinkingConfig").get("includeThoughts") is True,
        image_tokens=IMAGE_TOKENS.get(str(generation.get("mediaResolution")), DEFAULT_IMAGE_TOKENS),
        compression=read_compression(setup, window),
        toolbox=read_toolbox(setup.get("tools") or []),
    )
