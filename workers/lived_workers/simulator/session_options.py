"""What a setup asks of the running session, read once."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from lived_workers.simulator.closes import INVALID_ARGUMENT, ProtocolViolationError
from lived_workers.simulator.vad import VadSettings

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


def read_options(setup: Mapping[str, Any], base: VadSettings) -> SessionOptions:
    """The options in a setup that `check_setup` has passed. Raises ProtocolViolationError."""
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
    )
