"""Which setup each model takes, and the words with which it refuses."""

from typing import Any

import pytest

from lived_workers.simulator.closes import ProtocolViolationError
from lived_workers.simulator.profiles import PROFILES, model_id, profile_of
from lived_workers.simulator.session_options import LONGEST_SILENCE_MS, read_options
from lived_workers.simulator.setup_rules import check_setup
from lived_workers.simulator.vad import VadSettings

LIVE = "gemini-3.8-live"
THINKING = "gemini-3.8-live-extended-thinking"
OLDER = "gemini-3.1-flash-live-preview"
OLD = "gemini-2.5-flash-native-audio-preview-12-2025"


def check(model: str = LIVE, version: str = "v1beta", **setup: Any) -> tuple[int, str] | None:
    """Code and reason of the refusal, None if it is taken."""
    try:
        check_setup({"model": f"models/{model}", **setup}, version)
    except ProtocolViolationError as violation:
        return violation.close.code, violation.close.reason
    return None


def generation(**config: Any) -> dict[str, Any]:
    """A setup with this generationConfig."""
    return {"generationConfig": config}


def tools(**declaration: Any) -> dict[str, Any]:
    """A setup with one function."""
    return {"tools": [{"functionDeclarations": [{"name": "f", **declaration}]}]}


@pytest.mark.parametrize(
    ("model", "setup"),
    [
        (LIVE, {}),
        (LIVE, generation(responseModalities=["AUDIO"], temperature=0.7, topK=40.0)),
        (LIVE, generation(thinkingConfig={"thinkingBudget": 0})),
        (LIVE, generation(speechConfig={"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}})),
        (LIVE, generation(speechConfig={"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "en-us-tavi"}}})),
        (LIVE, {"proactivity": {"proactiveAudio": True}}),
        (LIVE, {"tools": [{"googleSearch": {}}], "contextWindowCompression": {"slidingWindow": {}}}),
        (LIVE, tools(behavior="BLOCKING", parameters={"type": "OBJECT"})),
        (LIVE, tools(parametersJsonSchema={"additionalProperties": False})),
        (LIVE, tools(parameters={"properties": {"a": {"description": "no additionalProperties here"}}})),
        (LIVE, {"tools": [*tools()["tools"], {"googleSearch": {}}]}),
        (OLDER, generation(thinkingConfig={"thinkingLevel": "MINIMAL"})),
        (OLD, tools(behavior="NON_BLOCKING")),
        (THINKING, tools(behavior="NON_BLOCKING") | generation(thinkingConfig={"thinkingLevel": "HIGH"})),
        (THINKING, generation(thinkingConfig={"thinkingLevel": "LOW"})),
        (OLD, generation(thinkingConfig={"thinkingBudget": -1})),
    ],
)
def test_taken(model: str, setup: dict[str, Any]) -> None:
    """What the documentation allows."""
    assert check(model, **setup) is None


@pytest.mark.parametrize(
    ("model", "setup", "code", "words"),
    [
        ("gemini-1.0", {}, 1008, "models/gemini-1.0 is not found for API version v1beta"),
        (LIVE, {"foo": 1}, 1007, "Unknown name \"foo\" at 'setup'"),
        (LIVE, generation(stopSequences=["x"]), 1007, "Unknown name \"stopSequences\" at 'setup.generation_config'"),
        (LIVE, generation(responseModalities=["TEXT"]), 1007, "response modalities (TEXT) is not supported"),
        (LIVE, generation(responseModalities="AUDIO"), 1007, "invalid argument"),
        (LIVE, generation(thinkingConfig={"thinkingLevel": "LOW"}), 1007, "Thinking level is not supported"),
        (LIVE, {"proactivity": {"proactiveAudio": False}}, 1007, "invalid argument"),
        (LIVE, generation(enableAffectiveDialog=True), 1007, 'Unknown name "enableAffectiveDialog"'),
        (LIVE, {"tools": [{"codeExecution": {}}]}, 1007, "invalid argument"),
        (LIVE, {"tools": [3]}, 1007, "invalid argument"),
        (LIVE, tools(parameters={"additionalProperties": False}), 1007, 'Unknown name "additionalProperties"'),
        (LIVE, {"sessionResumption": {"transparent": True}}, 1007, 'Unknown name "transparent"'),
        (LIVE, {"realtimeInputConfig": {"x": 1}}, 1007, "setup.realtime_input_config"),
        (LIVE, {"realtimeInputConfig": []}, 1007, "invalid argument"),
        (
            LIVE,
            generation(speechConfig={"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Bob"}}}),
            1007,
            "no matching speaker voice",
        ),
        (THINKING, {}, 1007, "Thinking level must be specified for this model."),
        (THINKING, generation(thinkingConfig={"thinkingLevel": "MINIMAL"}), 1007, "invalid argument"),
        (
            THINKING,
            {**generation(thinkingConfig={"thinkingLevel": "LOW"}), **tools(behavior="BLOCKING")},
            1007,
            "BLOCKING function calls are not supported for this model",
        ),
        (OLDER, generation(thinkingConfig={"thinkingLevel": "EXTREME"}), 1007, "invalid argument"),
        (OLDER, tools(behavior="NON_BLOCKING"), 1007, "NON_BLOCKING function calls are not supported"),
        (OLD, generation(thinkingConfig={"thinkingLevel": "LOW"}), 1007, "Thinking level is not supported"),
        (OLD, generation(thinkingConfig={"thinkingBudget": -2}), 1007, "invalid argument"),
        (OLD, {"tools": [*tools()["tools"], {"googleSearch": {}}]}, 1008, "not implemented, or supported"),
        (LIVE, tools(behavior="SOMETIMES"), 1007, "TYPE_ENUM"),
        (LIVE, tools(parameters={"properties": {"a": {"additionalProperties": False}}}), 1007, "additionalProperties"),
        (LIVE, {"tools": [*tools()["tools"], *tools()["tools"]]}, 1007, "Duplicate function declaration"),
        (LIVE, {"tools": [{"functionDeclarations": {}}, {"functionDeclarations": "f"}]}, 1007, "invalid argument"),
        (OLD, {"proactivity": {}}, 1007, "Unknown name \"proactivity\" at 'setup'"),
    ],
)
def test_refused(model: str, setup: dict[str, Any], code: int, words: str) -> None:
    """What is refused, with which code, in whose words."""
    found = check(model, **setup)
    assert found is not None
    assert found[0] == code
    assert words in found[1]


def test_some_fields_need_v1alpha() -> None:
    """Proactive audio on 2.5 exists only there."""
    assert check(OLD, "v1alpha", proactivity={"proactiveAudio": True}) is None
    assert check(OLD, "v1alpha", **generation(enableAffectiveDialog=True)) is None


def test_model_names() -> None:
    """The three forms of a model's name; a bare id is none."""
    assert model_id(f"models/{LIVE}") == LIVE
    assert model_id(f"publishers/google/models/{LIVE}") == LIVE
    assert model_id(f"projects/p/locations/l/publishers/google/models/{LIVE}") == LIVE
    assert [model_id(name) for name in (LIVE, "models/", "xmodels/y", "")] == [None] * 4


def test_longest_prefix_wins() -> None:
    """Every profile is found by its own name, also with something behind it."""
    for profile in PROFILES:
        assert profile_of(profile.prefix) == profile
        assert profile_of(profile.prefix + "-preview-1") == profile
    assert profile_of("gemini-pro") is None


def options(**realtime: Any) -> Any:
    """The options for a realtimeInputConfig."""
    return read_options({"realtimeInputConfig": realtime}, VadSettings())


def test_options_follow_the_setup() -> None:
    """Detector values, manual mode, interruption: read from the setup, bounded like the API does."""
    detection = {"prefixPaddingMs": 300, "silenceDurationMs": 6000, "startOfSpeechSensitivity": "START_SENSITIVITY_LOW"}
    found = options(automaticActivityDetection=detection, activityHandling="NO_INTERRUPTION")
    assert (found.vad.commit_ms, found.vad.silence_ms) == (300, LONGEST_SILENCE_MS)
    assert found.vad.start_db > VadSettings().start_db
    assert not found.interruptible
    assert options(automaticActivityDetection={"endOfSpeechSensitivity": "END_SENSITIVITY_LOW"}).vad.silence_ms == 1200
    assert options(automaticActivityDetection={"disabled": True}).manual
    assert options().interruptible


def test_options_of_the_wrong_type() -> None:
    """A detector value that is no number is refused, not crashed on."""
    for bad in ({"silenceDurationMs": "x"}, {"prefixPaddingMs": -1}):
        with pytest.raises(ProtocolViolationError):
            options(automaticActivityDetection=bad)
    with pytest.raises(ProtocolViolationError):
        read_options({"sessionResumption": {"handle": 5}}, VadSettings())
