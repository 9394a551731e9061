"""Which setup a model takes: rules in the order in which they are looked at; the first that objects decides."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from lived_workers.simulator.closes import (
    INVALID_ARGUMENT,
    NOT_ENABLED,
    Close,
    ProtocolViolationError,
    invalid_value,
    model_not_found,
    unknown_name,
)
from lived_workers.simulator.profiles import Feature, Functions, Profile, Thinking, model_id, profile_of
from lived_workers.simulator.toolbox import Behavior, declarations

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
_NO_KEYWORDS: Final = frozenset({"additionalProperties", "additional_properties"})
"""Not in the OpenAPI subset that `parameters` takes; `parametersJsonSchema` takes all of JSON Schema."""
_LEVELS: Final = frozenset({"LOW", "MEDIUM", "HIGH"})


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
    if not isinstance(budget, int) or budget < -1 or not isinstance(level, str | None):
        return INVALID_ARGUMENT
    unsupported = Close(1007, "Thinking level is not supported for this model.")
    match offer.profile.thinking:
        case Thinking.REFUSED:
            return unsupported if level or budget != 0 else None
        case Thinking.BUDGET:
            return unsupported if level else None
        case Thinking.LEVEL_REQUIRED if not level:
            return Close(1007, "Thinking level must be specified for this model.")
        case Thinking.LEVEL_REQUIRED:
            return None if level in _LEVELS else INVALID_ARGUMENT
    return None if level in {None, "MINIMAL", *_LEVELS} else INVALID_ARGUMENT


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


def _mentions(schema: Any, names: frozenset[str]) -> bool:
    """Whether a schema uses one of `names` as a keyword, at any depth."""
    if isinstance(schema, Mapping):
        return bool(names & schema.keys()) or any(_mentions(inner, names) for inner in schema.values())
    return isinstance(schema, list) and any(_mentions(inner, names) for inner in schema)


def _declaration(at: str, declaration: Any, profile: Profile) -> Close | None:
    if not isinstance(declaration, Mapping) or not isinstance(declaration.get("name"), str) or not declaration["name"]:
        return INVALID_ARGUMENT
    if _mentions(declaration.get("parameters"), _NO_KEYWORDS):
        return unknown_name("additionalProperties", f"{at}.parameters")
    behavior = declaration.get("behavior")
    if behavior not in {None, "BEHAVIOR_UNSPECIFIED", *Behavior}:
        return invalid_value(f"{at}.behavior", "TYPE_ENUM", f'"{behavior}"'[:60])
    if behavior == Behavior.BLOCKING and profile.functions is Functions.ONLY_NON_BLOCKING:
        return Close(1007, "BLOCKING function calls are not supported for this model")
    if behavior == Behavior.NON_BLOCKING and profile.functions is Functions.ONLY_BLOCKING:
        return Close(1007, "NON_BLOCKING function calls are not supported for this model")
    return None


def _is_tool(tool: Any) -> bool:
    if not isinstance(tool, Mapping) or _REFUSED_TOOLS & tool.keys():
        return False
    return isinstance(tool.get("functionDeclarations") or [], list)


def tools_objection(tools: Any, profile: Profile) -> Close | None:
    """What `profile` has against a `tools` list, in setup or contextUpdate."""
    if not isinstance(tools, list) or not all(_is_tool(tool) for tool in tools):
        return INVALID_ARGUMENT
    for at, declaration in declarations(tools):
        if (close := _declaration(at, declaration, profile)) is not None:
            return close
    names = [declaration["name"] for _, declaration in declarations(tools)]
    if len(names) != len(set(names)):
        return Close(1007, "Duplicate function declaration found.")
    if names and any("googleSearch" in tool for tool in tools) and not profile.search_with_functions:
        return NOT_ENABLED
    return None


def _tools(offer: Offer) -> Close | None:
    return tools_objection(offer.setup.get("tools") or [], offer.profile)


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
