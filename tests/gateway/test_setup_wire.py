"""The setup as it goes over the wire: the SDK's own serialisation, and the stand-in's judgement of it."""

import json
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import msgspec
import pytest
from google import genai
from google.genai import _common, _live_converters, types
from hypothesis import given, settings
from hypothesis import strategies as st

from lived.config import Config, Generation, Live, Safety, Vad
from lived.config.checks import problem
from lived.models import PROFILES
from lived.wire.events import Function
from lived_workers.gateway.setup import Wanted, live_config
from lived_workers.simulator.closes import ProtocolViolationError
from lived_workers.simulator.normalise import normalise
from lived_workers.simulator.setup_rules import check_setup

SCHEMA = {"type": "object", "properties": {"town": {"type": "string"}}, "additionalProperties": False}
MODELS = (
    "gemini-3.8-live",
    "gemini-3.8-live-extended-thinking",
    "gemini-3.1-flash-live-preview",
    "gemini-2.5-flash-native-audio-preview-12-2025",
)
LEVELS = st.sampled_from(["", "off", "none", "high", "medium", "low"])


def number(low: float, high: float) -> st.SearchStrategy[float | None]:
    return st.none() | st.floats(low, high)


LIVES = st.builds(
    Live,
    instruction=st.sampled_from(["", "Be brief."]),
    language=st.sampled_from(["", "German"]),
    input_transcript=st.booleans(),
    output_transcript=st.booleans(),
    resumption=st.booleans(),
    compression=st.booleans(),
    vad=st.builds(
        Vad,
        mode=st.sampled_from(["automatic", "hybrid", "manual"]),
        start_sensitivity=st.sampled_from(["", "low", "high"]),
        end_sensitivity=st.sampled_from(["", "low", "high"]),
        interruption=st.booleans(),
        coverage=st.sampled_from(["only_activity", "all_input", "audio_activity_and_all_video", ""]),
    ),
    generation=st.builds(
        Generation,
        temperature=number(0, 2),
        top_p=number(0, 1),
        top_k=st.none() | st.integers(1, 1000),
        max_output_tokens=st.none() | st.integers(1, 65_536),
        seed=st.none() | st.integers(0, 2**31 - 1),
        media_resolution=st.sampled_from(["", "low", "medium", "high"]),
    ),
    safety=st.builds(Safety, harassment=LEVELS, hate_speech=LEVELS),
)
"""What every model takes."""


def every_choice(model: str) -> Iterator[Config]:
    """Everything that models differ in, in every combination."""
    for level, proactive, affective, version, search, behavior, builtin, voice in product(
        ("", "minimal", "low", "medium", "high"),
        ("", "on", "off"),
        (False, True),
        ("v1", "v1beta", "v1alpha"),
        (False, True),
        (None, "", "blocking", "non_blocking"),
        ((), ("mute",)),
        ("Kore", "en-us-tavi"),
    ):
        generation = {"thinking_level": level, "proactive": proactive, "affective_dialog": affective}
        live = {"model": model, "api_version": version, "google_search": search, "voice": voice}
        tool = {"name": "f", "description": "F.", "command": ["f"], "parameters": SCHEMA, "behavior": behavior}
        wanted = {
            "live": live | {"generation": generation},
            "tools": [] if behavior is None else [tool],
            "toolbox": {"builtin": builtin},
        }
        yield msgspec.convert(wanted, Config)


@cache
def client(vertex: bool) -> genai.Client:
    """One that never connects: its settings decide how the SDK spells."""
    if vertex:
        return genai.Client(vertexai=True, api_key="none")
    return genai.Client(api_key="none", vertexai=False)


def on_the_wire(config: Config, wanted: Wanted) -> dict[str, Any]:
    """``setup`` as the SDK would send it, in the spelling of the stand-in."""
    parameters = types.LiveConnectParameters(
        model=f"models/{config.live.model}", config=types.LiveConnectConfig(**live_config(config, wanted))
    )
    convert = (
        _live_converters._LiveConnectParameters_to_vertex
        if config.live.vertex
        else _live_converters._LiveConnectParameters_to_mldev
    )
    sent = _common.convert_to_dict(
        convert(client(config.live.vertex)._api_client, parameters.model_dump(exclude_none=True))
    )
    encoded: Any = _common.encode_unserializable_types(sent)
    setup: dict[str, Any] = normalise(json.loads(json.dumps(encoded["setup"])))
    return setup | {"model": f"models/{config.live.model}"}


def functions_of(config: Config) -> tuple[Function, ...]:
    """As the worker for tools offers them."""
    tools = [
        Function(name=tool.name, description=tool.description, parameters=tool.parameters, behavior=tool.behavior)
        for tool in config.tools
    ]
    built_in = [Function(name=name, description="Does it.", parameters=SCHEMA) for name in config.toolbox.builtin]
    return (*tools, *built_in)


@pytest.mark.parametrize("model", MODELS)
def test_what_passes_the_checks_is_taken_by_the_server(model: str) -> None:
    """Whatever is accepted on loading, the stand-in does not close the session for its setup."""
    accepted = [config for config in every_choice(model) if problem(config) is None]
    assert len(accepted) >= 50  # else nothing was tried
    for config in accepted:
        check_setup(on_the_wire(config, Wanted(functions=functions_of(config))), config.live.api_version)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(LIVES, st.booleans(), st.sampled_from(["", "a-handle"]))
def test_what_every_model_takes(live: Live, seed: bool, handle: str) -> None:
    """Numbers, thresholds, turn taking, transcripts, resumption, history: in any combination."""
    config = Config(live=live)
    assert problem(config) is None
    check_setup(on_the_wire(config, Wanted(handle, seed=seed)), "v1beta")


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("gemini-3.8-live", {"thinking_level": "low"}),
    ("gemini-3.8-live-extended-thinking", {}),
    ("gemini-3.8-live-extended-thinking", {"thinking_level": "minimal"}),
    ("gemini-3.8-live-extended-thinking", {"thinking_level": "low", "proactive": "on"}),
    ("gemini-3.8-live", {"affective_dialog": True}),
    ("gemini-3.1-flash-live-preview", {"proactive": "on"}),
    ("gemini-2.5-flash-native-audio-preview-12-2025", {"proactive": "on"}),
    ("gemini-2.5-flash-native-audio-preview-12-2025", {"affective_dialog": True}),
]


@pytest.mark.parametrize(("model", "generation"), REFUSED)
def test_what_fails_the_checks_would_be_refused(model: str, generation: dict[str, Any]) -> None:
    """The checks are no stricter than the server: what they refuse, the stand-in closes the session for."""
    wanted = msgspec.convert({"live": {"model": model, "generation": generation}}, Config)
    assert problem(wanted) is not None
    with pytest.raises(ProtocolViolationError):
        check_setup(on_the_wire(wanted, Wanted()), "v1beta")


def test_functions_keep_their_schema() -> None:
    """What is inside a schema is nobody's to respell; OpenAPI's form, which refuses much of it, is not used."""
    function = Function(
        name="f",
        description="F.",
        parameters={"type": "object", "additionalProperties": False, "properties": {"snake_case": {"minLength": 1}}},
        behavior="blocking",
    )
    setup = on_the_wire(Config(live=Live(google_search=True)), Wanted(functions=(function,)))
    assert sorted(setup["tools"], key=str) == sorted(
        [
            {"googleSearch": {}},
            {
                "functionDeclarations": [
                    {
                        "name": "f",
                        "description": "F.",
                        "behavior": "BLOCKING",
                        "parametersJsonSchema": function.parameters,
                    }
                ]
            },
        ],
        key=str,
    )


@settings(deadline=None, derandomize=True, max_examples=100)
@given(LIVES, st.booleans())
def test_vertex_takes_what_passes_the_checks(live: Live, seed: bool) -> None:
    """The SDK's converter for Vertex AI, which raises for what only the Developer API has, takes it all."""
    config = Config(live=msgspec.structs.replace(live, vertex=True, project="p"))
    if problem(config) is not None:
        return
    setup = on_the_wire(config, Wanted("h", functions_of(config), seed=seed))
    assert setup["realtimeInputConfig"].get("turnCoverage", "") in ("TURN_INCLUDES_ONLY_ACTIVITY", "")


def test_the_stand_in_plays_each_profile() -> None:
    """A profile that the stand-in does not play is one that no test has seen: those of Vertex AI, and those gone."""
    spoken = {profile.prefix for profile in PROFILES if not profile.refused}
    played = {prefix for prefix in spoken if any(model.startswith(prefix) for model in MODELS)}
    unseen = {"gemini-live-2.5-flash-native-audio", "gemini-2.0-flash-live", "gemini-live-2.5-flash-preview"}
    assert spoken - played == unseen
