"""Properties: loading undoes dumping, and garbage is a sentence."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lived.config import Config
from lived.config.explain import dump
from lived.config.load import load
from lived.config.options import (
    Audio,
    Camera,
    Conversation,
    Daemon,
    Generation,
    Hook,
    Live,
    Mcp,
    Metrics,
    Record,
    Safety,
    Simulator,
    Tool,
    Toolbox,
    Usage,
    Vad,
    Worker,
)
from lived.config.voices import VOICES
from lived.errors import ConfigError, InputError, UsageError

NOTHING: Mapping[str, str] = MappingProxyType({})

_TEXT = st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=30)
_PATH = st.just("") | st.text("abc./ äß", min_size=1, max_size=20).map(lambda tail: str(Path("/x") / tail.lstrip("/")))
_DEVICE = st.sampled_from(["default", "null", "USB Audio", "hw:1,0"]) | _PATH.filter(bool).map(
    lambda path: f"file:{path}"
)
_RATE = st.just(0) | st.integers(8000, 192_000)


def _seconds(least: float, most: float) -> st.SearchStrategy[float]:
    return st.floats(least, most, allow_nan=False)


_VAD = st.builds(
    Vad,
    start_sensitivity=st.sampled_from(["", "low", "high"]),
    end_sensitivity=st.sampled_from(["", "low", "high"]),
    prefix_padding_ms=st.integers(0, 2000),
    silence_ms=st.integers(100, 6000),
    interruption=st.booleans(),
    coverage=st.sampled_from(["only_activity", "all_input", "audio_activity_and_all_video", ""]),
)
_GENERATION = st.builds(
    Generation,
    temperature=st.none() | _seconds(0, 2),
    top_k=st.none() | st.integers(1, 1000),
    seed=st.none() | st.integers(0, 2**31 - 1),
    media_resolution=st.sampled_from(["low", "medium", "high", ""]),
)
_WORDS_OF_A_PROGRAM = st.lists(_TEXT, max_size=3).map(lambda words: ("/bin/program", *words))
_SCHEMA = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | _TEXT | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_TOOLS = st.lists(
    st.builds(
        Tool,
        name=st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,9}", fullmatch=True).map(lambda name: f"t{name}"),
        description=_TEXT.map(lambda text: f"Does {text}"),
        command=_WORDS_OF_A_PROGRAM,
        parameters=st.just({}) | st.dictionaries(_TEXT, _SCHEMA, max_size=3).map(lambda d: {**d, "type": "object"}),
        behavior=st.sampled_from(["", "blocking", "non_blocking"]),
        environment=st.just(("TZ",)),
    ),
    max_size=3,
    unique_by=lambda tool: tool.name,
).map(tuple)
_MCP = st.lists(
    st.builds(Mcp, name=st.just("home"), command=_WORDS_OF_A_PROGRAM, allow=st.just(("a", "b"))), max_size=1
).map(tuple)
_CONFIGS = st.builds(
    Config,
    audio=st.builds(
        Audio,
        input=_DEVICE.filter(lambda name: name != "file:/x"),
        output=st.sampled_from(["default", "null", "file:/x"]),
        loop=st.booleans(),
        input_channels=st.integers(0, 64),
        input_rate=_RATE,
        output_rate=_RATE,
        block_ms=st.integers(5, 40),
        volume=st.integers(0, 100),
    ),
    live=st.builds(
        Live,
        model=st.sampled_from(["gemini-3.8-live", "models/gemini-2.5-flash-native-audio"]),
        voice=st.sampled_from([*VOICES, "", "en-us-tavi"]),
        instruction=st.text(
            st.characters(blacklist_categories=["Cc", "Cs"]) | st.sampled_from("\n\t\"'\\"), max_size=99
        ),
        instruction_file=st.just(""),
        language=_TEXT,
        base_url=st.sampled_from(["", "https://127.0.0.1:8443", "wss://h/p"]),
        ca_file=_PATH,
        resumption=st.booleans(),
        compression_trigger_tokens=st.integers(20_000, 131_072),
        setup_timeout_s=_seconds(1, 120),
        backlog_s=_seconds(0, 120),
        vad=_VAD,
        generation=_GENERATION,
        safety=st.builds(Safety, harassment=st.sampled_from(["", "off", "none", "high", "medium", "low"])),
        token_command=st.just(()) | _WORDS_OF_A_PROGRAM,
        headers_file=_PATH,
    ),
    conversation=st.builds(Conversation, autostart=st.booleans(), idle_minutes=_seconds(0, 1440)),
    usage=st.builds(Usage, currency=st.sampled_from(["USD", "€"]), daily_budget=_seconds(0, 1e6)),
    tools=_TOOLS,
    mcp=_MCP,
    toolbox=st.builds(Toolbox, builtin=st.sampled_from([(), ("mute",)]), plugins=st.just(()) | st.just(("*",))),
    record=st.builds(Record, directory=_PATH, streams=st.sampled_from([("mic",), ("stereo", "model")])),
    metrics=st.builds(Metrics, listen=st.sampled_from(["", "127.0.0.1:9464"])),
    hooks=st.lists(st.builds(Hook, event=st.just("floor"), command=_WORDS_OF_A_PROGRAM), max_size=2).map(tuple),
    workers=st.lists(st.builds(Worker, name=st.just("doorbell"), module=st.just("a.b")), max_size=1).map(tuple),
    camera=st.builds(Camera, device=st.sampled_from(["", "/dev/video0", "folder:/x"])),
    daemon=st.builds(Daemon, runtime_dir=_PATH, state_dir=_PATH, hang_s=_seconds(0.5, 600), realtime=st.booleans()),
    simulator=st.builds(Simulator, enabled=st.booleans(), port=st.integers(0, 65_535), scenario=_PATH, dir=_PATH),
)


@pytest.fixture(scope="module")
def dumped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dumped") / "lived.toml"


@settings(deadline=None, derandomize=True)
@given(_CONFIGS)
def test_load_undoes_dump(dumped: Path, config: Config) -> None:
    """Whatever a configuration holds, writing it as TOML and loading that gives it back."""
    dumped.write_text(dump(config), encoding="utf-8", newline="")

    assert load(dumped, [], NOTHING) == config


_KEYS = ["audio", "live", "vad", "live.vad", "volume", "voice", "silence_ms", "backlog_s", "volum"]
_WORDS = [*_KEYS, "nan", "true", "1979-05-27", "1", "9e999", "-", "é"]
_PIECES = st.sampled_from([*_WORDS, *"[]=.,{}\"'# \n\r\x00\u2028", "[[", "]]", '"""'])


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.binary(max_size=60) | st.lists(_PIECES, max_size=14).map(lambda pieces: "".join(pieces).encode()))
def test_any_file_loads_or_raises_a_sentence(dumped: Path, data: bytes) -> None:
    """Garbage is one sentence on one line that names the file, whatever it is."""
    dumped.write_bytes(data)
    try:
        load(dumped, [], NOTHING)
    except (ConfigError, InputError) as error:
        assert str(error).startswith(str(dumped))
        assert str(error).isprintable()


@settings(deadline=None, derandomize=True)
@given(st.lists(_PIECES, max_size=8).map("".join))
def test_any_override_loads_or_raises_a_sentence(override: str) -> None:
    """So is garbage after --set."""
    try:
        load(None, [override, f"live.{override}"], NOTHING)
    except UsageError as error:
        assert str(error).startswith("--set")
        assert str(error).isprintable()
