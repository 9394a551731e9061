"""The configuration as the SDK wants it. Pure: dicts in the SDK's spelling, no SDK."""

from typing import Any
from urllib.parse import urlsplit

from lived.config import Config

GOOGLE = "https://generativelanguage.googleapis.com"
"""Named although it is the SDK's default: its environment variables could change that one."""

_COVERAGE = {
    "only_activity": "TURN_INCLUDES_ONLY_ACTIVITY",
    "all_input": "TURN_INCLUDES_ALL_INPUT",
    "audio_activity_and_all_video": "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO",
}

_LOOPBACK = ("127.", "::1", "localhost")


def server_of(base_url: str) -> str:
    """Host and port for a sentence."""
    return urlsplit(base_url or GOOGLE).netloc or base_url


def socket_options(base_url: str) -> dict[str, Any]:
    """Arguments for the WebSocket, behind the SDK's ``async_client_args``.

    No compression (base64 of sound hardly shrinks, and it costs the CPU of a small board); no limit on frames or
    on their number, since we never stop reading; pings against middleboxes that reap idle connections, but a late
    pong is no reason to hang up: Google's take up to 30 s.
    """
    options: dict[str, Any] = {
        "max_size": None,
        "max_queue": None,
        "compression": None,
        "ping_interval": 20,
        "ping_timeout": None,
        "close_timeout": 2,
    }
    host = urlsplit(base_url or GOOGLE).hostname or ""
    if host.startswith(_LOOPBACK):
        options["proxy"] = None
    return options


def live_config(config: Config, handle: str) -> dict[str, Any]:
    """``LiveConnectConfig`` as a dict; ``handle`` "" asks for a new session."""
    live = config.live
    wanted: dict[str, Any] = {"response_modalities": ["AUDIO"], "realtime_input_config": _realtime(config)}
    if live.voice:
        wanted["speech_config"] = {"voice_config": {"prebuilt_voice_config": {"voice_name": live.voice}}}
    if instruction := config.instruction_text():  # language too: native-audio models ignore languageCode
        wanted["system_instruction"] = instruction
    if live.input_transcript:
        wanted["input_audio_transcription"] = {}
    if live.output_transcript:
        wanted["output_audio_transcription"] = {}
    if live.resumption:
        wanted["session_resumption"] = {"handle": handle} if handle else {}
    if live.compression:
        wanted["context_window_compression"] = {
            "trigger_tokens": live.compression_trigger_tokens,
            "sliding_window": {"target_tokens": live.compression_target_tokens},
        }
    return wanted


def _realtime(config: Config) -> dict[str, Any]:
    vad = config.live.vad
    detection: dict[str, Any] = {
        "prefix_padding_ms": vad.prefix_padding_ms,
        "silence_duration_ms": vad.silence_ms,
    }
    if vad.start_sensitivity:
        detection["start_of_speech_sensitivity"] = f"START_SENSITIVITY_{vad.start_sensitivity.upper()}"
    if vad.end_sensitivity:
        detection["end_of_speech_sensitivity"] = f"END_SENSITIVITY_{vad.end_sensitivity.upper()}"
    realtime: dict[str, Any] = {
        "automatic_activity_detection": detection,
        "activity_handling": "START_OF_ACTIVITY_INTERRUPTS" if vad.interruption else "NO_INTERRUPTION",
    }
    if vad.coverage:
        realtime["turn_coverage"] = _COVERAGE[vad.coverage]
    return realtime
