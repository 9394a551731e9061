"""The configuration as the SDK wants it."""

from pathlib import Path

import msgspec
import pytest
from google.genai import types

from lived.config import Config, Generation, Live, Safety, Simulator, Vad
from lived.wire.events import Function
from lived_workers.gateway.closing import Cause, LinkLostError
from lived_workers.gateway.setup import Wanted, live_config, server_of, socket_options
from lived_workers.gateway.target import Target, target_of


def config(**live: object) -> Config:
    """With these options under live."""
    return Config(live=msgspec.structs.replace(Live(), **live))


EVERYTHING = config(
    instruction="Be brief.",
    language="German",
    vad=Vad(start_sensitivity="low", end_sensitivity="high", interruption=False, coverage="all_input"),
    google_search=True,
    model="gemini-9-live-of-the-future",
    generation=Generation(
        temperature=0.5,
        top_p=0.25,
        top_k=40,
        max_output_tokens=500,
        seed=0,
        thinking_level="high",
        media_resolution="high",
        affective_dialog=True,
        proactive="off",
    ),
    safety=Safety(harassment="off", hate_speech="none", sexually_explicit="low", dangerous_content="high"),
)
NOTHING = config(
    voice="",
    input_transcript=False,
    output_transcript=False,
    resumption=False,
    compression=False,
    vad=Vad(coverage=""),
    generation=Generation(media_resolution=""),
)
MANUAL = config(vad=Vad(mode="manual", start_sensitivity="low"))
FUNCTIONS = (
    Function(
        name="get_weather",
        description="The weather of a town.",
        parameters={"type": "object", "properties": {"town": {"type": "string"}}, "additionalProperties": False},
        behavior="non_blocking",
    ),
    Function(name="mute", description="Mutes.", behavior="blocking"),
    Function(name="now", description="The time."),
)


@pytest.mark.parametrize("wanted", [Config(), EVERYTHING, NOTHING, MANUAL])
@pytest.mark.parametrize("more", [Wanted(), Wanted("a-handle", FUNCTIONS, "Be long.", seed=True)])
def test_the_sdk_knows_every_word(wanted: Config, more: Wanted) -> None:
    """A misspelt key or value would be refused by the SDK, or arrive as something else."""
    asked = live_config(wanted, more)
    taken = types.LiveConnectConfig(**asked).model_dump(exclude_none=True, mode="json")
    assert taken == asked


def test_every_option_has_its_place() -> None:
    """Instruction and language together, sensitivities, barge-in off, coverage."""
    asked = live_config(EVERYTHING, Wanted("a-handle"))
    assert asked["system_instruction"] == "Be brief.\n\nSpeak German, unless the user asks for another language."
    assert asked["session_resumption"] == {"handle": "a-handle"}
    assert asked["realtime_input_config"] == {
        "automatic_activity_detection": {
            "prefix_padding_ms": 100,
            "silence_duration_ms": 600,
            "start_of_speech_sensitivity": "START_SENSITIVITY_LOW",
            "end_of_speech_sensitivity": "END_SENSITIVITY_HIGH",
        },
        "activity_handling": "NO_INTERRUPTION",
        "turn_coverage": "TURN_INCLUDES_ALL_INPUT",
    }


def test_words_are_chosen_as_configured() -> None:
    """Every number, level and threshold arrives under the SDK's name; 0 is a number and no absence."""
    asked = live_config(EVERYTHING, Wanted())
    names = ("temperature", "top_p", "top_k", "max_output_tokens", "seed")
    assert [asked[name] for name in names] == [0.5, 0.25, 40, 500, 0]
    assert asked["thinking_config"] == {"thinking_level": "HIGH"}
    assert asked["media_resolution"] == "MEDIA_RESOLUTION_HIGH"
    assert asked["enable_affective_dialog"] is True
    assert asked["proactivity"] == {"proactive_audio": False}
    assert asked["safety_settings"] == [
        {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"},
        {"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_NONE"},
        {"category": "HARM_CATEGORY_SEXUALLY_EXPLICIT", "threshold": "BLOCK_LOW_AND_ABOVE"},
        {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "threshold": "BLOCK_ONLY_HIGH"},
    ]


def test_functions_are_told_as_the_model_takes_them() -> None:
    """JSON Schema as it is; whether the model waits, only where it may be told; the search beside them."""
    asked = live_config(config(google_search=True), Wanted(functions=FUNCTIONS))
    assert asked["tools"] == [
        {"google_search": {}},
        {
            "function_declarations": [
                {
                    "name": "get_weather",
                    "description": "The weather of a town.",
                    "parameters_json_schema": FUNCTIONS[0].parameters,
                    "behavior": "NON_BLOCKING",
                },
                {"name": "mute", "description": "Mutes.", "behavior": "BLOCKING"},
                {"name": "now", "description": "The time."},
            ]
        },
    ]
    for model in ("gemini-3.8-live-extended-thinking", "models/gemini-3.1-flash-live-preview"):
        (tool,) = live_config(config(model=model), Wanted(functions=FUNCTIONS))["tools"]
        assert not any("behavior" in declared for declared in tool["function_declarations"])


def test_another_instruction_keeps_the_language() -> None:
    """An instruction given later takes the place of the configured text, and of nothing else."""
    asked = live_config(EVERYTHING, Wanted(instruction="Be long."))
    assert asked["system_instruction"] == "Be long.\n\nSpeak German, unless the user asks for another language."


def test_manual_turns_switch_detection_off() -> None:
    """Whoever presses the button decides; nothing else is said of detection. The front end's help needs no word."""
    realtime = live_config(MANUAL, Wanted())["realtime_input_config"]
    assert realtime["automatic_activity_detection"] == {"disabled": True}
    hybrid = live_config(config(vad=Vad(mode="hybrid")), Wanted())
    assert hybrid == live_config(Config(), Wanted())


def test_history_is_announced_where_the_model_knows_that() -> None:
    """2.5 models take clientContent without announcement."""
    assert "history_config" not in live_config(Config(), Wanted())
    announced = live_config(Config(), Wanted(seed=True))["history_config"]
    assert announced == {"initial_history_in_client_content": True}
    assert "history_config" not in live_config(config(model="gemini-2.5-flash-native-audio-x"), Wanted(seed=True))


@pytest.mark.parametrize(
    ("model", "proactive", "sent"),
    [
        ("gemini-3.8-live", "on", None),  # built in
        ("gemini-2.5-flash-native-audio-x", "on", {"proactive_audio": True}),
        ("gemini-2.5-flash-native-audio-x", "off", {"proactive_audio": False}),
        ("gemini-2.5-flash-native-audio-x", "", None),
    ],
)
def test_proactive_audio_is_asked_for_where_it_is_a_choice(model: str, proactive: str, sent: object) -> None:
    """A model that always has it is not told."""
    wanted = config(model=model, generation=msgspec.structs.replace(Generation(), proactive=proactive))
    assert live_config(wanted, Wanted()).get("proactivity") == sent


def test_what_is_off_is_not_mentioned() -> None:
    """Even with a handle at hand, resumption that is off is off."""
    assert set(live_config(NOTHING, Wanted("a-handle"))) == {"response_modalities", "realtime_input_config"}


@pytest.mark.parametrize(
    ("base_url", "direct"),
    [("https://127.0.0.1:8443", True), ("https://localhost:1", True), ("https://[::1]:1", True), ("", False),
     ("https://proxy.example:8443/gemini", False)],
)  # fmt: skip
def test_proxies_are_for_other_machines(base_url: str, direct: bool) -> None:
    """A server on this machine is never asked through a proxy; late pongs and big frames never end a connection."""
    options = socket_options(base_url, 45.0)
    assert ("proxy" in options) == direct
    assert (options["ping_timeout"], options["max_size"], options["max_queue"]) == (None, None, None)


@pytest.mark.parametrize("hung_s", [5.0, 30.0, 600.0])
def test_a_silent_server_is_asked_before_it_counts_as_hung(hung_s: float) -> None:
    """More than once; and every 20 s at least, for the sake of what stands in between."""
    assert socket_options("", hung_s)["ping_interval"] <= min(20.0, hung_s / 2)


def test_the_server_has_a_name_for_people() -> None:
    """Host and port, Google's by default."""
    assert server_of("") == "generativelanguage.googleapis.com"
    assert server_of("https://127.0.0.1:8443") == "127.0.0.1:8443"


def test_the_stand_in_is_found_where_it_says(tmp_path: Path) -> None:
    """Its port and certificate are its own to choose, also after a restart; until it has, that is waited for."""
    wanted = Config(simulator=Simulator(enabled=True))
    with pytest.raises(LinkLostError) as waiting:
        target_of(wanted, tmp_path)
    assert waiting.value.cause is Cause.SETTING
    (tmp_path / "simulator").mkdir()
    (tmp_path / "simulator" / "simulator.json").write_text('{"port": 4711, "ca_file": "/x/ca.pem", "pid": 1}')
    assert target_of(wanted, tmp_path) == Target("https://127.0.0.1:4711", "/x/ca.pem")
    assert target_of(config(base_url="https://h:1", ca_file="c"), tmp_path) == Target("https://h:1", "c", own=True)


@pytest.mark.parametrize(
    ("location", "server"),
    [("us-central1", "https://us-central1-aiplatform.googleapis.com"), ("global", "https://aiplatform.googleapis.com")],
)
def test_vertex_has_a_server_for_each_region(location: str, server: str, tmp_path: Path) -> None:
    """Unless a relay stands before it; neither is a server of one's own."""
    wanted = config(vertex=True, project="p", location=location)
    assert target_of(wanted, tmp_path) == Target(server, "")
    relayed = config(vertex=True, project="p", base_url="https://relay.example")
    assert target_of(relayed, tmp_path) == Target("https://relay.example", "", own=True)
