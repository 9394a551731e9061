"""The table of options: complete, told once, and frozen."""

import msgspec
import pytest

from lived.config import Config
from lived.config.checks import problem
from lived.config.options import Live
from lived.config.schema import changed, nearest, options, sections, values
from lived.config.values import checked
from lived.config.voices import VOICES, canonical


def _with_live(**fields: object) -> Config:
    return msgspec.structs.replace(Config(), live=msgspec.structs.replace(Live(), **fields))


def test_the_defaults_are_valid() -> None:
    """A configuration without any file passes every check that a file has to pass."""
    assert problem(Config()) is None
    for key, option in options().items():
        assert checked(option, option.default) == values(Config())[key]


def test_every_option_has_a_one_line_help() -> None:
    """Help is one line without an end stop, so that it fits into a comment and into a table."""
    for option in options().values():
        assert option.help, option.key
        assert "\n" not in option.help, option.key
        assert not option.help.endswith("."), option.key


def test_an_option_with_a_unit_in_its_name_has_that_unit() -> None:
    """``_ms``, ``_s`` and ``_tokens`` at the end of a name and the unit in the table agree."""
    for option in options().values():
        ending = option.name.rpartition("_")[2]
        if ending in {"ms", "s", "tokens"}:
            assert option.unit == ending, option.key
        if option.name.endswith("_rate"):
            assert option.unit == "Hz", option.key


def test_sections_are_in_order_and_nested() -> None:
    """An inner section comes right after its outer one, as a TOML file needs it."""
    assert list(sections()) == [
        "audio",
        "frontend",
        "frontend.speech",
        "frontend.bargein",
        "frontend.uplink",
        "frontend.wake",
        "live",
        "live.vad",
        "live.generation",
        "live.safety",
        "conversation",
        "daemon",
        "usage",
        "usage.price",
        "toolbox",
        "camera",
        "record",
        "metrics",
        "simulator",
    ]


def test_every_option_has_its_own_variable() -> None:
    """No two options share an environment variable, and the name follows from the key."""
    variables = [option.variable for option in options().values()]
    assert len(set(variables)) == len(variables)
    assert options()["live.vad.silence_ms"].variable == "LIVED_LIVE__VAD__SILENCE_MS"


def test_a_config_cannot_be_changed() -> None:
    """Nobody changes an option behind another one's back."""
    with pytest.raises(AttributeError):
        Config().audio.volume = 3  # type: ignore[misc]


def test_a_config_survives_json() -> None:
    """A worker process decodes exactly what the supervisor encoded."""
    config = _with_live(instruction="Sei freundlich.\n\tImmer. 🙂", backlog_s=0.25)
    assert msgspec.json.decode(msgspec.json.encode(config), type=Config) == config


def test_changed_names_the_options_that_differ() -> None:
    """A reload learns the dotted keys, nested ones too, and nothing else."""
    assert changed(Config(), Config()) == set()
    vad = msgspec.structs.replace(Live().vad, silence_ms=700)
    assert changed(Config(), _with_live(voice="Puck", vad=vad)) == {"live.voice", "live.vad.silence_ms"}


@pytest.mark.parametrize(
    ("instruction", "language", "sent"),
    [
        ("", "", ""),
        ("Be brief.", "", "Be brief."),
        ("", "German", "Speak German, unless the user asks for another language."),
        ("Be brief.", "German", "Be brief.\n\nSpeak German, unless the user asks for another language."),
    ],
)
def test_the_language_is_added_to_the_instruction(instruction: str, language: str, sent: str) -> None:
    """What is sent is the instruction, then the hint, and nothing where both are empty."""
    assert _with_live(instruction=instruction, language=language).instruction_text() == sent


def test_there_are_thirty_voices_in_any_case() -> None:
    """Every voice is known however it is spelled, and told as the server spells it."""
    assert len(set(VOICES)) == 30
    for voice in VOICES:
        assert canonical(voice.upper()) == canonical(voice.lower()) == voice


@pytest.mark.parametrize(
    ("name", "known"),
    [("", ""), ("en-us-tavi", "en-us-tavi"), ("Kora", None), ("en us", None), ("-us-tavi", None), ("en-", None)],
)
def test_other_voices(name: str, known: str | None) -> None:
    """Locale ids and the empty name pass as they are; what only looks like a voice does not."""
    assert canonical(name) == known


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("live.voise", "live.voice"),
        ("audio.voice", "live.voice"),
        ("voice", "live.voice"),
        ("live_voice", "live.voice"),
        ("live.silence_ms", "live.vad.silence_ms"),
        ("adio.volume", "audio.volume"),
        ("audio.Volume", "audio.volume"),
        ("live.vad.silence-ms", "live.vad.silence_ms"),
        ("zzzz.qqqq", None),
    ],
)
def test_the_nearest_name(key: str, meant: str | None) -> None:
    """A misspelt name, the right name in the wrong section, and a name without section are all recognised."""
    assert nearest(key, options()) == meant
