"""What each family of Live models takes and refuses, as data; looked up by the longest prefix of the model's id. Pure.

A model that nobody here knows gets everything that is asked for, and the way that every model understands where there
are two.
"""

from enum import StrEnum
from typing import Final

import msgspec


class Thinking(StrEnum):
    """Which thinking level a model takes."""

    FREE = "free"
    NONE = "none"
    """Any level closes the session."""
    REQUIRED = "required"
    """low, medium or high; none, or minimal, closes the session."""
    LEVEL = "level"
    BUDGET = "budget"
    """Older models: a number of tokens, no level."""


class Feature(StrEnum):
    """How a model takes what not all of them have."""

    FREE = "free"
    NONE = "none"
    """The field alone closes the session."""
    ALWAYS = "always"
    """Built in; switching it off closes the session."""
    V1ALPHA = "v1alpha"
    """Only where ``live.api_version`` is v1alpha."""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """One family of models."""

    prefix: str
    refused: str = ""
    """Why it cannot hold a conversation; "" = it can."""
    ended: str = ""
    """Day on which the provider meant to shut it down, "" = none."""
    thinking: Thinking = Thinking.FREE
    proactive: Feature = Feature.FREE
    affective: Feature = Feature.FREE
    blocking: bool = True
    """Functions that the model waits for."""
    non_blocking: bool = True
    """Functions that it talks on beside."""
    behavior: bool = True
    """Setup may say of each function whether the model waits."""
    scheduling: bool = True
    """An answer may say when it is spoken of."""
    search_with_functions: bool = True
    locale_voices: bool = True
    """Voices such as en-us-tavi."""
    context_update: bool = False
    """Instruction and tools may be changed in an open session (contextUpdate)."""
    history_config: bool = True
    """Setup may announce that the conversation's history follows (historyConfig)."""
    content_mid_session: bool = True
    """clientContent is taken after the history too."""
    interaction_status: bool = False
    """A request is over when its status is IDLE, not with the first turnComplete."""


_3_8: Final = Profile(
    prefix="gemini-3.8-live",
    thinking=Thinking.NONE,
    proactive=Feature.ALWAYS,
    affective=Feature.NONE,
    context_update=True,
)
_2_5: Final = Profile(
    prefix="gemini-2.5-flash-native-audio",
    ended="2026-11-17",
    thinking=Thinking.BUDGET,
    proactive=Feature.V1ALPHA,
    affective=Feature.V1ALPHA,
    search_with_functions=False,
    locale_voices=False,
    history_config=False,
)

PROFILES: Final = (
    _3_8,
    msgspec.structs.replace(
        _3_8,
        prefix="gemini-3.8-live-extended-thinking",
        thinking=Thinking.REQUIRED,
        proactive=Feature.NONE,
        blocking=False,
        behavior=False,
        scheduling=False,
        interaction_status=True,
    ),
    Profile(
        prefix="gemini-3.1-flash-live",
        ended="2026-11-17",
        thinking=Thinking.LEVEL,
        proactive=Feature.NONE,
        affective=Feature.NONE,
        non_blocking=False,
        behavior=False,
        scheduling=False,
        locale_voices=False,
        content_mid_session=False,
    ),
    _2_5,
    msgspec.structs.replace(
        _2_5,
        prefix="gemini-live-2.5-flash-native-audio",
        ended="",
        # its name on Vertex AI, which has no v1alpha
        proactive=Feature.FREE,
        affective=Feature.FREE,
    ),
    Profile(prefix="gemini-2.0-flash-live", ended="2025-12-09"),
    Profile(prefix="gemini-live-2.5-flash-preview", ended="2025-12-09"),
    Profile(prefix="gemini-3.5-transcribe-live", refused="it writes down what it hears and says nothing"),
    Profile(prefix="gemini-3.5-live-translate", refused="it translates what it hears and answers nothing"),
)

UNKNOWN: Final = Profile(prefix="")


def model_id(name: str) -> str:
    """The id in ``models/X``, ``publishers/google/models/X`` or ``X``."""
    return name.rpartition("/")[2]


def profile_of(name: str) -> Profile:
    """The profile of ``live.model``, with the longest prefix; UNKNOWN where nobody knows it."""
    known = [profile for profile in PROFILES if model_id(name).startswith(profile.prefix)]
    return max(known, key=lambda profile: len(profile.prefix), default=UNKNOWN)


_THINKING: Final = {
    Thinking.FREE: "",
    Thinking.NONE: "no thinking_level",
    Thinking.REQUIRED: "thinking_level low, medium or high needed",
    Thinking.LEVEL: "any thinking_level",
    Thinking.BUDGET: "no thinking_level",
}


def known_of(name: str) -> str:
    """What is known of a Live model, in a few words."""
    profile = profile_of(name)
    if profile is UNKNOWN:
        return "lived does not know it"
    if profile.refused:
        return f"not for a conversation: {profile.refused}"
    functions = {
        (True, True): "functions of both kinds",
        (False, True): "functions that it does not wait for",
        (True, False): "functions that it waits for",
    }[profile.blocking, profile.non_blocking]
    ended = f"last day announced as {profile.ended}" if profile.ended else ""
    return ", ".join(filter(None, (ended, _THINKING[profile.thinking], functions)))
