"""Which setup a model takes: rules in the order in which they are looked at; the first that objects decides."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from lived_workers.simulator.closes import (
    INVALID_ARGUMENT,
    Close,
    ProtocolViolationError,
    model_not_found,
    unknown_name,
)
from lived_workers.simulator.profiles import Feature, Profile, Thinking, model_id, profile_of

SETUP_FIELDS: Final = frozenset(
    {
        "model",
        "generationConfig",
        "systemInstruction",
        "tools",
        "toolConfig",
        "sessionResumption",
        "inputAudioTranscription",
        "outputAudioTranscription",
        "realtimeInputConfig",
        "contextWindowCompression",
        "proactivity",
        "historyConfig",
        "safetySettings",
        "labels",
        "avatarConfig",
    }
)
GENERATION_FIELDS: Final = frozenset(
    {
        "responseModalities",
        "temperature",
        "topP",
        "topK",
        "maxOutputTokens",
        "seed",
        "candidateCount",
        "presencePenalty",
        "frequencyPenalty",
        "mediaResolution",
        "speechConfig",
        "thinkingConfig",
        "enableAffectiveDialog",
        "translationConfig",
    }
)
REALTIME_FIELDS: Final = frozenset(
    {"automaticActivityDetection", "activityHandling", "turnCoverage", "interimTranscriptTimestampEnabled"}
)
DETECTION_FIELDS: Final = frozenset(
    {"disabled", "startOfSpeechSensitivity", "endOfSpeechSensitivity", "prefixPaddingMs", "silenceDurationMs"}
)
VOICES: Final = frozenset(
    {
        "zephyr",
        "puck",
        "charon",
        "kore",
        "fenrir",
        "leda",
        "orus",
        "aoede",
        "callirrhoe",
        "autonoe",
        "enceladus",
        "iapetus",
        "umbriel",
        "algieba",
        "despina",
        "erinome",
        "algenib",
        "rasalgethi",
        "laomedeia",
        "achernar",
        "alnilam",
        "schedar",
        "gacrux",
        "pulcherrima",
        "achird",
        "zubenelgenubi",
        "vindemiatrix",
        "sadachbia",
        "sadaltager",
        "sulafat",
    }
)
_LOCALE_VOICE = re.compile(r"[a-z]{2,3}-[a-z]{2}-[a-z]+")
_REFUSED_TOOLS: Final = frozenset({"codeExecution", "urlContext", "googleMaps"})


class Offer(msgspec.Struct, frozen=True):
    """What a rule looks at: the normalised setup, the model's profile, the API version of the path."""

    setup: Mapping[str, Any]
    profile: Profile
    version: str

    def part(self, *path: str) -> Mapping[str, Any]:
        """The object at `path`, empty when absent; raises ProtocolViolationError when it is no object."""
        value: Any = self.setup
        for key in path:
            value = value.get(key, {})
            if not isinstance(value, Mapping):
                raise ProtocolViolationError(INVALID_ARGUMENT)
        found: Mapping[str, Any] = value
        return found


Rule = Callable[[Offer], Close | None]


def _known_fields(offer: Offer) -> Close | None:
    detection = ("realtimeInputConfig", "automaticActivityDetection")
    levels: tuple[tuple[tuple[str, ...], frozenset[str], str], ...] = (
        ((), SETUP_FIELDS, "setup"),
        (("generationConfig",), GENERATION_FIELDS, "setup.generation_config"),
        (("realtimeInputConfig",), REALTIME_FIELDS, "setup.realtime_input_config"),
        (detection, DETECTION_FIELDS, "setup.realtime_input_config.automatic_activity_detection"),
    )
    for path, known, at in levels:
        for key in offer.part(*path):
            if key not in known:
                return unknown_name(key, at)
    return None


def _modalities(offer: Offer) -> Close | None:
    asked = offer.part("generationConfig").get("responseModalities", ["AUDIO"])
    if asked == ["AUDIO"]:
        return None
    if not isinstance(asked, list):
        return INVALID_ARGUMENT
    names = ", ".join(map(str, asked))
    text = f"The requested combination of response modalities ({names}) is not supported by the model"
    return Close(1007, text)


def _thinking(offer: Offer) -> Close | None:
    config = offer.part("generationConfig", "thinkingConfig")
    level, budget = config.get("thinkingLevel"), config.get("thinkingBudget", 0)
    if offer.profile.thinking is Thinking.REFUSED and (level or budget != 0):
        return Close(1007, "Thinking level is not supported for this model.")
    if offer.profile.thinking is Thinking.LEVEL_REQUIRED:
        if not level:
            return Close(1007, "Thinking level must be specified for this model.")
        if level not in {"LOW", "MEDIUM", "HIGH"}:
            return INVALID_ARGUMENT
    return None


def _proactive(offer: Offer) -> Close | None:
    asked = offer.part("proactivity")
    if "proactivity" not in offer.setup:
        return None
    match offer.profile.proactive:
        case Feature.ALWAYS_ON:
            return INVALID_ARGUMENT if asked.get("proactiveAudio") is False else None
        case Feature.ONLY_V1ALPHA if offer.version == "v1alpha":
            return None
    return unknown_name("proactivity", "setup")


def _affective(offer: Offer) -> Close | None:
    asked = "enableAffectiveDialog" in offer.part("generationConfig")
    allowed = offer.profile.affective is Feature.ONLY_V1ALPHA and offer.version == "v1alpha"
    return unknown_name("enableAffectiveDialog", "setup.generation_config") if asked and not allowed else None


def _voice(offer: Offer) -> Close | None:
    voice = offer.part("generationConfig", "speechConfig", "voiceConfig", "prebuiltVoiceConfig").get("voiceName")
    if voice is None:
        return None
    if isinstance(voice, str) and (voice.lower() in VOICES or _LOCALE_VOICE.fullmatch(voice)):
        return None
    return Close(1007, "no matching speaker voice")


def _declarations(tools: list[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for index, tool in enumerate(tools):
        for number, declaration in enumerate(tool.get("functionDeclarations") or []):
            yield f"setup.tools[{index}].function_declarations[{number}]", declaration


def _tools(offer: Offer) -> Close | None:
    tools = offer.setup.get("tools", [])
    if not isinstance(tools, list) or not all(isinstance(tool, Mapping) for tool in tools):
        return INVALID_ARGUMENT
    if any(_REFUSED_TOOLS & tool.keys() for tool in tools):
        return INVALID_ARGUMENT
    for at, declaration in _declarations(tools):
        if not isinstance(declaration, Mapping) or not declaration.get("name"):
            return INVALID_ARGUMENT
        if "additionalProperties" in str(declaration.get("parameters")):
            return unknown_name("additionalProperties", f"{at}.parameters")
        if declaration.get("behavior") == "BLOCKING" and not offer.profile.blocking_calls:
            return Close(1007, "BLOCKING function calls are not supported for this model")
    return None


def _transparent(offer: Offer) -> Close | None:
    asked = "transparent" in offer.part("sessionResumption")
    return unknown_name("transparent", "setup.session_resumption") if asked else None


RULES: Final[tuple[Rule, ...]] = (
    _known_fields,
    _modalities,
    _thinking,
    _proactive,
    _affective,
    _voice,
    _tools,
    _transparent,
)


def check_setup(setup: Mapping[str, Any], version: str, override: Profile | None = None) -> Profile:
    """The profile that serves this setup; `override` serves every model. Raises ProtocolViolationError (1007, 1008)."""
    name = setup.get("model")
    if not isinstance(name, str) or (model := model_id(name)) is None:
        raise ProtocolViolationError(INVALID_ARGUMENT)
    profile = override or profile_of(model)
    if profile is None:
        raise ProtocolViolationError(model_not_found(f"models/{model}", version))
    offer = Offer(setup, profile, version)
    for rule in RULES:
        if (close := rule(offer)) is not None:
            raise ProtocolViolationError(close)
    return profile
