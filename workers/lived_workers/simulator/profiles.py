"""What each model can do and how it behaves, as data; looked up by the longest prefix of the model's id."""

from enum import StrEnum
from typing import Final

import msgspec

from lived_workers.simulator.closes import INVALID_ARGUMENT, Close


class Thinking(StrEnum):
    """Which thinkingConfig a model takes."""

    REFUSED = "refused"
    LEVEL_REQUIRED = "level required"
    LEVEL = "level"
    BUDGET = "budget"


class Feature(StrEnum):
    """How a model takes proactive audio and affective dialog."""

    ALWAYS_ON = "always on"
    REFUSED = "refused"
    ONLY_V1ALPHA = "only v1alpha"


class AuthFailure(StrEnum):
    """Where a wrong key is refused."""

    CLOSE = "close"
    HTTP = "http"


class Profile(msgspec.Struct, frozen=True):
    """One model's capabilities and manners."""

    prefix: str
    thinking: Thinking
    proactive: Feature
    affective: Feature
    blocking_calls: bool
    media_chunks: bool
    """Whether the deprecated realtimeInput.mediaChunks is still taken."""
    content_mid_session: bool
    """Whether clientContent is taken after the initial history."""
    burst: float
    """Times real time at which a reply is sent."""
    role: bool
    """modelTurn carries role: "model"."""
    voice_activity: bool
    heartbeats: bool
    """Bare `{}` frames between the others."""
    trailing_silence_ms: int
    word_transcripts: bool
    """Input transcript word by word, otherwise one sentence."""
    auth_failure: AuthFailure = AuthFailure.CLOSE
    foreign_handle: Close = INVALID_ARGUMENT


_3_8 = Profile(
    prefix="gemini-3.8-live",
    thinking=Thinking.REFUSED,
    proactive=Feature.ALWAYS_ON,
    affective=Feature.REFUSED,
    blocking_calls=True,
    media_chunks=False,
    content_mid_session=True,
    burst=4.0,
    role=True,
    voice_activity=True,
    heartbeats=True,
    trailing_silence_ms=200,
    word_transcripts=False,
)

PROFILES: Final = (
    _3_8,
    msgspec.structs.replace(
        _3_8,
        prefix="gemini-3.8-live-extended-thinking",
        thinking=Thinking.LEVEL_REQUIRED,
        proactive=Feature.REFUSED,
        blocking_calls=False,
        burst=1.0,
    ),
    msgspec.structs.replace(
        _3_8,
        prefix="gemini-3.1-flash-live",
        thinking=Thinking.LEVEL,
        proactive=Feature.REFUSED,
        content_mid_session=False,
        heartbeats=False,
    ),
    Profile(
        prefix="gemini-2.5-flash-native-audio",
        thinking=Thinking.BUDGET,
        proactive=Feature.ONLY_V1ALPHA,
        affective=Feature.ONLY_V1ALPHA,
        blocking_calls=True,
        media_chunks=True,
        content_mid_session=True,
        burst=4.0,
        role=False,
        voice_activity=False,
        heartbeats=False,
        trailing_silence_ms=0,
        word_transcripts=True,
        auth_failure=AuthFailure.HTTP,
        foreign_handle=Close(1008, "Operation is not implemented, or supported, or enabled."),
    ),
)

DEFAULT_MODEL: Final = "gemini-3.8-live"


def model_id(name: str) -> str | None:
    """The id in `models/X`, `publishers/google/models/X` or `projects/P/…/models/X`; None if it has none."""
    head, slash, tail = name.rpartition("models/")
    return tail if slash and tail and (not head or head.endswith("/")) else None


def profile_of(model: str) -> Profile | None:
    """The profile with the longest prefix of `model` (an id without `models/`), None if nobody knows it."""
    fitting = [profile for profile in PROFILES if model.startswith(profile.prefix)]
    return max(fitting, key=lambda profile: len(profile.prefix), default=None)
