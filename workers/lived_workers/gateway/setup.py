"""The configuration as the SDK wants it. Pure: dicts in the SDK's spelling, no SDK."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lived.config import Config
from lived.models import Feature, Profile, profile_of
from lived.wire.events import Function

GOOGLE = "https://generativelanguage.googleapis.com"
"""Named although it is the SDK's default: its environment variables could change that one."""

_COVERAGE = {
    "only_activity": "TURN_INCLUDES_ONLY_ACTIVITY",
    "all_input": "TURN_INCLUDES_ALL_INPUT",
    "audio_activity_and_all_video": "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO",
}
_THRESHOLD = {
    "off": "OFF",
    "none": "BLOCK_NONE",
    "high": "BLOCK_ONLY_HIGH",
    "medium": "BLOCK_MEDIUM_AND_ABOVE",
    "low": "BLOCK_LOW_AND_ABOVE",
}
_NUMBERS = ("temperature", "top_p", "top_k", "max_output_tokens", "seed")

_LOOPBACK = ("127.", "::1", "localhost")


class Wanted(NamedTuple):
    """What one connection wants beyond the configuration."""

    handle: str = ""
    """"" begins a new session."""
    functions: tuple[Function, ...] = ()
    """What the model may call."""
    instruction: str = ""
    """Takes the place of the configured one; "" leaves that."""
    seed: bool = False
    """The conversation's history is told next, as clientContent."""


def server_of(base_url: str) -> str:
    """Host and port for a sentence."""
    return urlsplit(base_url or GOOGLE).netloc or base_url


def socket_options(base_url: str, hung_s: float) -> dict[str, Any]:
    """Arguments for the WebSocket, behind the SDK's ``async_client_args``.

    No compression (base64 of sound hardly shrinks, and it costs the CPU of a small board); no limit on frames or
    on their number, since we never stop reading; pings against middleboxes that reap idle connections, but a late
    pong is no reason to hang up: Google's take up to 30 s. A server without a sign of life for ``hung_s`` counts as
    hung: so it has to be asked for one more often than that, also while nothing is sent.
    """
    options: dict[str, Any] = {
        "max_size": None,
        "max_queue": None,
        "compression": None,
        "ping_interval": min(20.0, hung_s / 3),
        "ping_timeout": None,
        "close_timeout": 2,
    }
    host = urlsplit(base_url or GOOGLE).hostname or ""
    if host.startswith(_LOOPBACK):
        options["proxy"] = None
    return options


def live_config(config: Config, wanted: Wanted) -> dict[str, Any]:
    """``LiveConnectConfig`` as a dict: what the model's profile refuses was refused on loading, or is left out."""
    live, profile = config.live, profile_of(config.live.model)
    setup: dict[str, Any] = {"response_modalities": ["AUDIO"], "realtime_input_config": _realtime(config)}
    if live.voice:
        setup["speech_config"] = {"voice_config": {"prebuilt_voice_config": {"voice_name": live.voice}}}
    if instruction := config.instruction_text(wanted.instruction):
        setup["system_instruction"] = instruction
    if tools := tools_of(config, wanted.functions):
        setup["tools"] = tools
    if live.input_transcript:
        setup["input_audio_transcription"] = {}
    if live.output_transcript:
        setup["output_audio_transcription"] = {}
    if live.resumption:
        setup["session_resumption"] = {"handle": wanted.handle} if wanted.handle else {}
    if live.compression:
        setup["context_window_compression"] = {
            "trigger_tokens": live.compression_trigger_tokens,
            "sliding_window": {"target_tokens": live.compression_target_tokens},
        }
    if wanted.seed and profile.history_config:
        setup["history_config"] = {"initial_history_in_client_content": True}
    if safety := _safety(config):
        setup["safety_settings"] = safety
    return setup | _generation(config, profile)


def tools_of(config: Config, functions: Sequence[Function]) -> list[dict[str, Any]]:
    """``tools`` of a setup or a contextUpdate: the search, and the functions."""
    behavior = profile_of(config.live.model).behavior
    tools: list[dict[str, Any]] = [{"google_search": {}}] if config.live.google_search else []
    if functions:
        tools.append({"function_declarations": [_declaration(function, behavior) for function in functions]})
    return tools


def _declaration(function: Function, behavior: bool) -> dict[str, Any]:
    """As a JSON Schema: the other form, OpenAPI's, refuses ``additionalProperties`` and more."""
    declared: dict[str, Any] = {"name": function.name, "description": function.description}
    if function.parameters:
        declared["parameters_json_schema"] = function.parameters
    if behavior and function.behavior:
        declared["behavior"] = function.behavior.upper()
    return declared


def _generation(config: Config, profile: Profile) -> dict[str, Any]:
    wanted = config.live.generation
    numbers = {name: getattr(wanted, name) for name in _NUMBERS}
    found: dict[str, Any] = {name: value for name, value in numbers.items() if value is not None}
    if wanted.thinking_level:
        found["thinking_config"] = {"thinking_level": wanted.thinking_level.upper()}
    if wanted.media_resolution:
        found["media_resolution"] = f"MEDIA_RESOLUTION_{wanted.media_resolution.upper()}"
    if wanted.affective_dialog:
        found["enable_affective_dialog"] = True
    if wanted.proactive and profile.proactive is not Feature.ALWAYS:
        found["proactivity"] = {"proactive_audio": wanted.proactive == "on"}
    return found


def _safety(config: Config) -> list[dict[str, str]]:
    safety = config.live.safety
    levels = {name: getattr(safety, name) for name in safety.__struct_fields__}
    return [
        {"category": f"HARM_CATEGORY_{name.upper()}", "threshold": _THRESHOLD[level]}
        for name, level in levels.items()
        if level
    ]


def _realtime(config: Config) -> dict[str, Any]:
    vad = config.live.vad
    realtime: dict[str, Any] = {
        "automatic_activity_detection": {"disabled": True} if vad.mode == "manual" else _detection(config),
        "activity_handling": "START_OF_ACTIVITY_INTERRUPTS" if vad.interruption else "NO_INTERRUPTION",
    }
    if vad.coverage:
        realtime["turn_coverage"] = _COVERAGE[vad.coverage]
    return realtime


def _detection(config: Config) -> dict[str, Any]:
    vad = config.live.vad
    detection: dict[str, Any] = {
        "prefix_padding_ms": vad.prefix_padding_ms,
        "silence_duration_ms": vad.silence_ms,
    }
    if vad.start_sensitivity:
        detection["start_of_speech_sensitivity"] = f"START_SENSITIVITY_{vad.start_sensitivity.upper()}"
    if vad.end_sensitivity:
        detection["end_of_speech_sensitivity"] = f"END_SENSITIVITY_{vad.end_sensitivity.upper()}"
    return detection
