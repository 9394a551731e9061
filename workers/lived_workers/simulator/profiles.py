"""What each model can do and how it behaves, as data; looked up by the longest prefix of the model's id."""

from enum import StrEnum
from typing import Final

import msgspec

from lived_workers.simulator.closes import INVALID_ARGUMENT, Close
from lived_workers.simulator.toolbox import Behavior


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


class Functions(StrEnum):
    """Which behaviour of function calls a model takes."""

    NON_BLOCKING = "non-blocking unless told"
    BLOCKING = "blocking unless told"
    ONLY_NON_BLOCKING = "only non-blocking"
    ONLY_BLOCKING = "only blocking"

    @property
    def default(self) -> Behavior:
        """What a declaration without `behavior` is."""
        blocking = self in {Functions.BLOCKING, Functions.ONLY_BLOCKING}
        return Behavior.BLOCKING if blocking else Behavior.NON_BLOCKING


class Interruption(StrEnum):
    """What a barge-in does to a call that waits."""

    REISSUES = "reissues"
    """Dropped without a word; the same call comes again with a new id, late answers are ignored."""
    CANCELS = "cancels"
    """toolCallCancellation."""


class Profile(msgspec.Struct, frozen=True):
    """One model's capabilities and manners."""

    prefix: str
    thinking: Thinking
    proactive: Feature
    affective: Feature
    functions: Functions
    interruption: Interruption
    scheduling: bool
    """Whether answers may say how they land; otherwise all land when idle."""
    asks_again: bool
    """An empty answer makes the model call again."""
    call_ms: float
    """End of the user's turn to the function call."""
    extended: bool
    """interactionStatus with turnComplete; a call is promised first and made later."""
    context_update: bool
    thoughts: bool
    """Thought parts, for a client that asks for them."""
    search_with_functions: bool
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
    """Input transcript word by word and late, otherwise one sentence at the end of the speech."""
    auth_failure: AuthFailure = AuthFailure.CLOSE
    foreign_handle: Close = INVALID_ARGUMENT


_3_8 = Profile(
    prefix="gemini-3.8-live",
    thinking=Thinking.REFUSED,
    proactive=Feature.ALWAYS_ON,
    affective=Feature.REFUSED,
    functions=Functions.NON_BLOCKING,
    interruption=Interruption.REISSUES,
    scheduling=True,
    asks_again=True,
    call_ms=1_260.0,
    extended=False,
    context_update=True,
    thoughts=False,
    search_with_functions=True,
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
        functions=Functions.ONLY_NON_BLOCKING,
        scheduling=False,
        asks_again=False,
        call_ms=6_000.0,
        extended=True,
        burst=1.0,
    ),
    msgspec.structs.replace(
        _3_8,
        prefix="gemini-3.1-flash-live",
        thinking=Thinking.LEVEL,
        proactive=Feature.REFUSED,
        functions=Functions.ONLY_BLOCKING,
        interruption=Interruption.CANCELS,
        scheduling=False,
        asks_again=False,
        context_update=False,
        thoughts=True,
        content_mid_session=False,
        heartbeats=False,
    ),
    Profile(
        prefix="gemini-2.5-flash-native-audio",
        thinking=Thinking.BUDGET,
        proactive=Feature.ONLY_V1ALPHA,
        affective=Feature.ONLY_V1ALPHA,
        functions=Functions.BLOCKING,
        interruption=Interruption.CANCELS,
        scheduling=True,
        asks_again=False,
        call_ms=1_000.0,
        extended=False,
        context_update=False,
        thoughts=True,
        search_with_functions=False,
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
