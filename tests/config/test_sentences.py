"""What a person is told about a wrong configuration: file, line or key, value, what was expected, nearest name."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pytest

from lived.config.load import load
from lived.errors import ConfigError, ExitCode, InputError, LivedError, UsageError

NOTHING: Mapping[str, str] = MappingProxyType({})
SECRET = "AIzaSyD-this-is-no-real-key-0123456789"  # noqa: S105 - it is none


def told(
    error: type[LivedError],
    path: Path | None = None,
    overrides: Sequence[str] = (),
    environ: Mapping[str, str] = NOTHING,
) -> str:
    """The sentence that loading raises; it is one line and no traceback belongs to it."""
    with pytest.raises(error) as caught:
        load(path, overrides, environ)
    assert type(caught.value) is error
    assert "\n" not in str(caught.value)
    assert str(caught.value)[-1] in ".?"
    return str(caught.value)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "lived.toml"
    path.write_text(text, encoding="utf-8")
    return path


WRONG_VALUES = [
    ("[audio]\nblock_ms = 100", 2, "audio.block_ms = 100", "a whole number from 5 to 40 (ms)"),
    ("[audio]\nblock_ms = 4", 2, "audio.block_ms = 4", "a whole number from 5 to 40 (ms)"),
    ("\n\naudio.block_ms = '10'", 3, 'audio.block_ms = "10"', "a whole number from 5 to 40 (ms), without quotes"),
    ("audio.block_ms = 10.0", 1, "audio.block_ms = 10.0", "a whole number from 5 to 40 (ms)"),
    ("audio.block_ms = true", 1, "audio.block_ms = true", "a whole number from 5 to 40 (ms)"),
    ("audio.block_ms = 1979-05-27", 1, "audio.block_ms = a date or time", "a whole number"),
    ("audio.block_ms = [1]", 1, "audio.block_ms = a list", "a whole number"),
    ("[audio.block_ms]\nx = 1", 1, "audio.block_ms = a table", "a whole number"),
    (f"audio.block_ms = 0x{'f' * 6000}", 1, "audio.block_ms = a huge number", "a whole number"),
    ("audio.loop = 1", 1, "audio.loop = 1", "true or false"),
    ("audio.input = 1", 1, "audio.input = 1", "a string of at most 4096 characters"),
    (f"audio.input = '{'x' * 5000}'", 1, "x…", "a string of at most 4096 characters"),
    ('audio.input = "a\\u0000b"', 1, 'audio.input = "a\\u0000b"', "without control characters"),
    ('audio.input = "a\\nb"', 1, 'audio.input = "a\\nb"', "without control characters"),
    ("audio.input = ' '", 1, 'audio.input = " "', '"default", a device name, an ALSA card id, "file:PATH"'),
    ("audio.output = 'file:'", 1, 'audio.output = "file:"', "file:PATH"),
    ("audio.input_rate = 44", 1, "audio.input_rate = 44", "0 or a whole number from 8000 (Hz)"),
    ("[live]\n\n[live.vad]\n# silence_ms\nsilence_ms = 10", 5, "live.vad.silence_ms = 10", "from 100 to 6000 (ms)"),
    ("[live]\nvad = { silence_ms = 10 }", 2, "live.vad.silence_ms = 10", "from 100 to 6000 (ms)"),
    ("live.backlog_s = 121", 1, "live.backlog_s = 121", "a number from 0 to 120 (s)"),
    ("live.backlog_s = nan", 1, "live.backlog_s = nan", "a number from 0 to 120 (s)"),
    ("live.backlog_s = 1e999", 1, "live.backlog_s = inf", "a number from 0 to 120 (s)"),
    ("live.model = ''", 1, 'live.model = ""', 'a model id such as "gemini-3.8-live"'),
    ("live.model = 'gemini 3.8'", 1, 'live.model = "gemini 3.8"', 'a model id such as "gemini-3.8-live"'),
    ("live.voice = 'Kora'", 1, 'live.voice = "Kora"', "one of the 30 voices"),
    ("live.base_url = 'ftp://h'", 1, 'live.base_url = "ftp://h"', "https://HOST[:PORT][/PATH]"),
    ("live.base_url = 'http://h'", 1, 'live.base_url = "http://h"', "https://HOST[:PORT][/PATH]"),
    ("live.base_url = 'https://h:99999'", 1, "https://h:99999", "https://HOST[:PORT][/PATH]"),
    ("live.base_url = 'https://[h'", 1, "https://[h", "https://HOST[:PORT][/PATH]"),
    ("daemon.log_level = 'infos'", 1, 'daemon.log_level = "infos"', 'one of "debug", "info", "warning", "error"'),
    ("daemon.door_group = 'a b'", 1, 'daemon.door_group = "a b"', "the name of a group"),
]


@pytest.mark.parametrize(("text", "line", "value", "expected"), WRONG_VALUES)
def test_a_wrong_value(tmp_path: Path, text: str, line: int, value: str, expected: str) -> None:
    """The sentence names file, line, option, value and what was expected."""
    path = written(tmp_path, text)

    sentence = told(ConfigError, path)

    assert sentence.startswith(f"{path}, line {line}: ")
    assert value in sentence
    assert expected in sentence.partition("expected ")[2]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("live.voice = 'Kora'", "did you mean Kore?"),
        ("live.voice = 'zubenelgenub'", "did you mean Zubenelgenubi?"),
        ("daemon.log_level = 'warn'", 'did you mean "warning"?'),
        ("simulator.mode = 'Parrot'", 'did you mean "parrot"?'),
    ],
)
def test_a_misspelt_choice_has_a_suggestion(tmp_path: Path, text: str, meant: str) -> None:
    """A value that is nearly one of the possible ones names that one."""
    assert told(ConfigError, written(tmp_path, text)).endswith(meant)


@pytest.mark.parametrize(
    ("text", "line", "what", "advice"),
    [
        ("[live]\nvoise = 'x'", 2, "live.voise is no option", "did you mean live.voice?"),
        ("[audio]\nvoice = 'x'", 2, "audio.voice is no option", "did you mean live.voice?"),
        ("volume = 3", 1, "volume is no option", "did you mean audio.volume?"),
        ("\n[adio]\nvolume = 3", 2, "adio is no section", "did you mean audio?"),
        ("[vad]\nsilence_ms = 3", 1, "vad is no section", "did you mean live.vad?"),
        ("[live]\ninstruction = '''\nvoise = 1\n'''\nvoise = 1", 5, "live.voise is no option", "live.voice?"),
        ("zzzz = 1", 1, "zzzz is no option", "lived.example.toml lists all of them."),
        ('"a b\\n" = 1', 0, '"a b\\n" is no option', "lived.example.toml lists all of them."),
        ("audio = 3", 1, "audio is a section, not an option", "such as audio.input."),
        ("[live]\nvad = 3", 2, "live.vad is a section", "such as live.vad.mode."),
        ("[[audio]]\nvolume = 3", 1, "audio is a section", "such as audio.input."),
    ],
)
def test_an_unknown_key(tmp_path: Path, text: str, line: int, what: str, advice: str) -> None:
    """The sentence names file, line, key and the nearest known one."""
    path = written(tmp_path, text)

    sentence = told(ConfigError, path)

    assert sentence.startswith(f"{path}, line {line}: {what}" if line else f"{path}: {what}")
    assert sentence.endswith(advice)


def test_a_wrong_variable() -> None:
    """The variable is named with value, what was expected, and no file."""
    sentence = told(ConfigError, environ={"LIVED_AUDIO__BLOCK_MS": "fast"})

    assert sentence == (
        'LIVED_AUDIO__BLOCK_MS: "fast" is not possible; expected a whole number from 5 to 40 (ms), without quotes.'
    )


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("LIVED_LIVE__VOISE", "there is no such option; did you mean LIVED_LIVE__VOICE?"),
        ("LIVED_LIVE_VOICE", "there is no such option; did you mean LIVED_LIVE__VOICE?"),
        ("LIVED_LIVE__VAD__SILENCE", "did you mean LIVED_LIVE__VAD__SILENCE_MS?"),
        ("LIVED_LIVE__VAD", "live.vad is a section, not an option"),
        ("LIVED_ZZZZ__QQQQ", "lived.example.toml lists all of them."),
    ],
)
def test_an_unknown_variable(name: str, advice: str) -> None:
    """Every variable with our prefix is an option, except LIVED_CONFIG; a misspelt one names the nearest."""
    sentence = told(ConfigError, environ={name: "x"})

    assert sentence.startswith(f"{name}: ")
    assert advice in sentence


def test_a_variable_that_is_no_text() -> None:
    """Bytes in the environment that are no UTF-8 arrive as surrogates, which no JSON can carry."""
    assert "without control characters" in told(ConfigError, environ={"LIVED_LIVE__LANGUAGE": "gr\udcfc"})


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ("audio.volume=200", ("--set: audio.volume = 200", "expected a whole number from 0 to 100 (%).")),
        ("audio.volum=20", ("--set: audio.volum is no option", "did you mean audio.volume?")),
        ("live.vad=1", ("live.vad is a section", "such as live.vad.mode.")),
        ("audio.volume", ('--set "audio.volume": write section.key=value, such as audio.volume=50.',)),
        ("=3", ('--set "=3": write section.key=value',)),
        ("", ('--set "": write section.key=value',)),
    ],
)
def test_a_wrong_override(override: str, parts: tuple[str, ...]) -> None:
    """A mistake on the command line is a usage error that names --set."""
    sentence = told(UsageError, overrides=[override])

    assert all(part in sentence for part in parts)


def test_a_wrong_value_is_refused_though_it_is_overridden(tmp_path: Path) -> None:
    """A wrong file does not become right because of --set: the next start may be without it."""
    path = written(tmp_path, "audio.volume = 200")

    assert "audio.volume = 200" in told(ConfigError, path, ["audio.volume=50"])


def test_target_and_trigger(tmp_path: Path) -> None:
    """Options that do not go together are both named, with who set them; off, they are not compared."""
    path = written(tmp_path, "[live]\ncompression_target_tokens = 40000\n")

    sentence = told(ConfigError, path)

    assert sentence.startswith(f"{path}, line 2: live.compression_target_tokens = 40000 ({path})")
    assert "live.compression_trigger_tokens = 32000 (default)" in sentence
    assert "the target must be smaller than the trigger" in sentence
    assert load(path, ["live.compression=false"], NOTHING).live.compression_target_tokens == 40_000
    assert "--set: " in told(UsageError, path, ["live.compression_trigger_tokens=40000"])


def test_one_file_for_both_directions() -> None:
    """A recording cannot be played and written at once."""
    assert "must be different files" in told(
        UsageError, overrides=["audio.input=file:a.wav", "audio.output=file:a.wav"]
    )


def test_instruction_and_file(tmp_path: Path) -> None:
    """Two instructions are one too many; both places are named."""
    (tmp_path / "a.txt").write_text("Be brief.", encoding="utf-8")
    path = written(tmp_path, "[live]\ninstruction_file = 'a.txt'\n")

    sentence = told(ConfigError, path, environ={"LIVED_LIVE__INSTRUCTION": "Be long."})

    assert f"live.instruction (LIVED_LIVE__INSTRUCTION) and live.instruction_file ({path}) are both set" in sentence


@pytest.mark.parametrize(
    ("override", "variable"),
    [
        (f"live.api_key={SECRET}", "LIVED_LIVE__API_KEY"),
        (f"live.base_url=https://h/?key={SECRET}", "LIVED_LIVE__BASE_URL"),
        (f"live.base_url=https://me:{SECRET}@h", "LIVED_LIVE__BASE_URL"),
        (f"live.voice={SECRET}", "LIVED_LIVE__VOICE"),
        (f"audio.volume={SECRET}", "LIVED_AUDIO__VOLUME"),
        (f"{SECRET}=1", f"LIVED_{SECRET}"),
        (SECRET, "LIVED_LIVE__TOKEN"),
    ],
)
def test_a_key_in_the_wrong_place_is_not_repeated(tmp_path: Path, override: str, variable: str) -> None:
    """An API key put into the configuration by mistake appears in no sentence, wherever it was put."""
    key, _, value = override.partition("=")

    assert SECRET not in told(UsageError, overrides=[override])
    if value and key != SECRET:
        assert SECRET not in told(ConfigError, written(tmp_path, f'{key} = "{value}"'))
        assert SECRET not in told(ConfigError, environ={variable: value})


def test_an_api_key_among_the_options_is_sent_to_its_place(tmp_path: Path) -> None:
    """A person who looks for an option for the key learns where the key goes."""
    sentence = told(ConfigError, written(tmp_path, f"[live]\napi_key = '{SECRET}'\n"))

    assert "line 2: live.api_key is no option" in sentence
    assert "GEMINI_API_KEY" in sentence
    assert "credential api-key" in sentence


def test_the_exit_codes() -> None:
    """systemd restarts for none of these mistakes."""
    codes = (ConfigError("").exit_code, InputError("").exit_code, UsageError("").exit_code)

    assert codes == (ExitCode.CONFIG, ExitCode.NO_INPUT, ExitCode.USAGE)


@pytest.mark.parametrize(
    "address", ["https://me:hunter2@h", "https://h/?key=hunter2", "https://h/?access_token=hunter2"]
)
def test_a_password_in_an_address_is_not_repeated(tmp_path: Path, address: str) -> None:
    """Secrets that do not look like a key are hidden where an address shows what they are."""
    assert "hunter2" not in told(ConfigError, written(tmp_path, f'live.base_url = "{address}"'))
