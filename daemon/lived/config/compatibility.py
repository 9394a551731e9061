"""What the chosen model, API version or platform would refuse: a table. Pure.

The server says no by closing the session (1007, 1008), with a text that names no option: so it is said here, before
anything starts.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from lived.config.options import Config, Mcp, Tool
from lived.config.problem import Problem
from lived.config.voices import VOICES
from lived.models import UNKNOWN, Feature, Profile, Thinking, profile_of

MODEL = "live.model"


class Rule(NamedTuple):
    """Options that do not go together with the model, as ``broken`` says."""

    key: str
    broken: Callable[[Config, Profile], bool]
    reason: str


def _level(config: Config, *levels: str) -> bool:
    return config.live.generation.thinking_level in levels


def _alpha(config: Config, feature: Feature) -> bool:
    """Whether a feature is asked for in the wrong version of the API."""
    return feature is Feature.V1ALPHA and config.live.api_version != "v1alpha"


def _functions(config: Config) -> bool:
    return bool(config.tools or config.mcp or config.toolbox.builtin or config.toolbox.plugins)


_ALPHA = "this model takes it in version v1alpha of the API only"

MODEL_RULES: tuple[Rule, ...] = (
    Rule(
        "live.generation.thinking_level",
        lambda config, profile: profile.thinking is Thinking.NONE and not _level(config, ""),
        "this model takes no thinking level; leave it empty",
    ),
    Rule(
        "live.generation.thinking_level",
        lambda config, profile: profile.thinking is Thinking.REQUIRED and _level(config, "", "minimal"),
        "this model demands low, medium or high",
    ),
    Rule(
        "live.generation.thinking_level",
        lambda config, profile: profile.thinking is Thinking.BUDGET and not _level(config, ""),
        "this model thinks by a budget of tokens and takes no level; leave it empty",
    ),
    Rule(
        "live.generation.proactive",
        lambda config, profile: profile.proactive is Feature.ALWAYS and config.live.generation.proactive == "off",
        "in this model it is always on; leave it empty",
    ),
    Rule(
        "live.generation.proactive",
        lambda config, profile: profile.proactive is Feature.NONE and bool(config.live.generation.proactive),
        "this model does not know it; leave it empty",
    ),
    Rule(
        "live.generation.affective_dialog",
        lambda config, profile: profile.affective is Feature.NONE and config.live.generation.affective_dialog,
        "this model does not know it; switch it off",
    ),
    Rule(
        "live.google_search",
        lambda config, profile: not profile.search_with_functions and config.live.google_search and _functions(config),
        "this model searches only where it may call nothing else: no tools, no mcp, toolbox.builtin = [] and "
        "toolbox.plugins = []",
    ),
    Rule(
        "live.voice",
        lambda config, profile: not profile.locale_voices and config.live.voice not in ("", *VOICES),
        "this model knows the 30 voices only",
    ),
)
"""Each names ``live.model`` beside its key."""

VERSION_RULES: tuple[Rule, ...] = (
    Rule(
        "live.generation.proactive",
        lambda config, profile: bool(config.live.generation.proactive) and _alpha(config, profile.proactive),
        _ALPHA,
    ),
    Rule(
        "live.generation.affective_dialog",
        lambda config, profile: config.live.generation.affective_dialog and _alpha(config, profile.affective),
        _ALPHA,
    ),
)
"""Each names ``live.api_version`` beside its key."""

_TOKENS = "ephemeral tokens are for the Developer API"

VERTEX_RULES: tuple[Rule, ...] = (
    Rule("live.project", lambda config, _: not config.live.project.strip(), "Vertex AI needs the id of a project"),
    Rule(
        "live.api_version",
        lambda config, _: config.live.api_version != "v1beta",
        "it is of the Developer API, Vertex AI has its own; leave it out",
    ),
    Rule(
        "live.vad.coverage",
        lambda config, _: config.live.vad.coverage not in ("only_activity", ""),
        'Vertex AI takes "only_activity" only',
    ),
    Rule(
        "live.vad.mode",
        lambda config, _: config.live.vad.mode == "hybrid",
        "Vertex AI cannot be told where speech ends; use automatic or manual",
    ),
    Rule("live.token_url", lambda config, _: bool(config.live.token_url), _TOKENS),
    Rule("live.token_command", lambda config, _: bool(config.live.token_command), _TOKENS),
    Rule("live.token_file", lambda config, _: bool(config.live.token_file), _TOKENS),
)
"""Looked at where ``live.vertex`` is true, which each names beside its key."""


def model_problem(config: Config) -> Problem | None:
    """What the model or the version of the API refuses."""
    profile = profile_of(config.live.model)
    if profile.refused:
        return Problem((MODEL,), f"a model that converses: {profile.refused}")
    found = _broken(MODEL_RULES, config, profile)
    if found is not None:
        return Problem((found.key, MODEL), found.reason)
    found = _broken(VERSION_RULES, config, profile)
    if found is not None:
        return Problem((found.key, "live.api_version"), found.reason)
    return next(_refused_tools(config, profile), None)


def vertex_problem(config: Config) -> Problem | None:
    """What Vertex AI refuses, or demands."""
    found = _broken(VERTEX_RULES, config, UNKNOWN) if config.live.vertex else None
    return Problem((found.key, "live.vertex"), found.reason) if found is not None else None


def warnings(config: Config) -> list[str]:
    """Sentences about what can be used, but perhaps not for long or not as expected."""
    live, profile = config.live, profile_of(config.live.model)
    told: list[str] = []
    if profile is UNKNOWN:
        told.append(f"live.model = {live.model}: lived does not know this model; the server may refuse options of it.")
    if profile.ended:
        told.append(f"live.model = {live.model}: its last day was announced as {profile.ended}; choose a newer model.")
    if live.api_version == "v1":
        told.append("live.api_version = v1: not everything of the Live API is known to be in it; v1beta has it all.")
    return told


def _broken(rules: Iterable[Rule], config: Config, profile: Profile) -> Rule | None:
    return next((rule for rule in rules if rule.broken(config, profile)), None)


def _refused_tools(config: Config, profile: Profile) -> Iterator[Problem]:
    rows: list[tuple[str, Tool | Mcp]] = [(f"tools[{index}]", tool) for index, tool in enumerate(config.tools)]
    rows += [(f"mcp[{index}]", server) for index, server in enumerate(config.mcp)]
    for key, row in rows:
        if row.behavior == "blocking" and not profile.blocking:
            yield Problem((f"{key}.behavior", MODEL), "this model never waits for a function")
        if row.behavior == "non_blocking" and not profile.non_blocking:
            yield Problem((f"{key}.behavior", MODEL), "this model always waits for a function")
        if row.scheduling != "when_idle" and not profile.scheduling:
            reason = "this model cannot be told when to speak of an answer; leave it out"
            yield Problem((f"{key}.scheduling", MODEL), reason)
