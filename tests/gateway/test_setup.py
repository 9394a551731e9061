"""The configuration as the SDK wants it."""

from pathlib import Path

import msgspec
import pytest
from google.genai import types

from lived.config import Config, Live, Simulator, Vad
from lived_workers.gateway.closing import Cause, LinkLostError
from lived_workers.gateway.setup import live_config, server_of, socket_options
from lived_workers.gateway.target import Target, target_of


def config(**live: object) -> Config:
    """With these options under live."""
    return Config(live=msgspec.structs.replace(Live(), **live))


EVERYTHING = config(
    instruction="Be brief.",
    language="German",
    vad=Vad(start_sensitivity="low", end_sensitivity="high", interruption=False, coverage="all_input"),
)
NOTHING = config(
    voice="", input_transcript=False, output_transcript=False, resumption=False, compression=False, vad=Vad(coverage="")
)


@pytest.mark.parametrize("wanted", [Config(), EVERYTHING, NOTHING])
@pytest.mark.parametrize("handle", ["", "a-handle"])
def test_the_sdk_knows_every_word(wanted: Config, handle: str) -> None:
    """A misspelt key or value would be refused by the SDK, or arrive as something else."""
    asked = live_config(wanted, handle)
    taken = types.LiveConnectConfig(**asked).model_dump(exclude_none=True, mode="json")
    assert taken == asked


def test_every_option_has_its_place() -> None:
    """Instruction and language together, sensitivities, barge-in off, coverage."""
    asked = live_config(EVERYTHING, "a-handle")
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


def test_what_is_off_is_not_mentioned() -> None:
    """Even with a handle at hand, resumption that is off is off."""
    assert set(live_config(NOTHING, "a-handle")) == {"response_modalities", "realtime_input_config"}


@pytest.mark.parametrize(
    ("base_url", "direct"),
    [("https://127.0.0.1:8443", True), ("https://localhost:1", True), ("https://[::1]:1", True), ("", False),
     ("https://proxy.example:8443/gemini", False)],
)  # fmt: skip
def test_proxies_are_for_other_machines(base_url: str, direct: bool) -> None:
    """A server on this machine is never asked through a proxy; late pongs and big frames never end a connection."""
    options = socket_options(base_url)
    assert ("proxy" in options) == direct
    assert (options["ping_timeout"], options["max_size"], options["max_queue"]) == (None, None, None)


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
    assert target_of(config(base_url="https://h:1", ca_file="c"), tmp_path) == Target("https://h:1", "c")
