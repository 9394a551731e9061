"""Files, environment and --set: who wins, what a path means, where files are looked for."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from lived.config import Config
from lived.config.explain import dump
from lived.config.files import find
from lived.config.load import load, load_with_sources
from lived.config.sources import Source

NOTHING: Mapping[str, str] = MappingProxyType({})


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_anything_there_are_the_defaults() -> None:
    """No file, no variable, no override: the defaults, each known to be one."""
    config, sources = load_with_sources(None, [], NOTHING)

    assert config == Config()
    assert set(map(str, sources.values())) == {"default"}


def test_each_layer_wins_over_the_one_before(tmp_path: Path) -> None:
    """Defaults, file, conf.d in order of names, environment, --set: the later one wins, and is named."""
    main = write(tmp_path / "lived.toml", "[audio]\nvolume = 1\nblock_ms = 11\nlatency_ms = 11\nstall_ms = 1111\n")
    first = write(tmp_path / "conf.d/10.toml", "[audio]\nvolume = 2\nblock_ms = 12\nlatency_ms = 12\n")
    second = write(tmp_path / "conf.d/20.toml", "[audio]\nvolume = 3\nblock_ms = 13\n")
    environ = {"LIVED_AUDIO__VOLUME": "4", "LIVED_AUDIO__BLOCK_MS": "14"}

    config, sources = load_with_sources(main, ["audio.volume=5", "audio.volume=6"], environ)

    audio = config.audio
    assert (audio.volume, audio.block_ms, audio.latency_ms, audio.stall_ms) == (6, 14, 12, 1111)
    assert sources["audio.volume"] == Source("command line")
    assert sources["audio.block_ms"] == Source("environment", "LIVED_AUDIO__BLOCK_MS")
    assert sources["audio.latency_ms"] == Source("file", str(first))
    assert sources["audio.stall_ms"] == Source("file", str(main))
    assert sources["audio.loop"] == Source("default")
    assert find(main, environ) == [main, first, second]


def test_sections_of_several_files_are_merged_not_replaced(tmp_path: Path) -> None:
    """A fragment that sets one option of a section leaves the others, nested ones too."""
    main = write(tmp_path / "lived.toml", "[live]\nvoice = 'Puck'\n[live.vad]\nsilence_ms = 700\n")
    write(tmp_path / "conf.d/a.toml", "live.vad.prefix_padding_ms = 50\n")

    live = load(main, [], NOTHING).live

    assert (live.voice, live.vad.silence_ms, live.vad.prefix_padding_ms) == ("Puck", 700, 50)


def test_only_toml_fragments_count(tmp_path: Path) -> None:
    """Backups, hidden files and notes in conf.d are not read."""
    main = write(tmp_path / "lived.toml", "")
    for name in (".hidden.toml", "a.toml~", "README", "b.conf"):
        write(tmp_path / "conf.d" / name, "this is not TOML")

    assert find(main, NOTHING) == [main]
    assert load(main, [], NOTHING) == Config()


def test_fragments_are_sorted_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the file system but the name decides which fragment wins."""
    main = tmp_path / "lived.toml"
    folder = tmp_path / "conf.d"
    monkeypatch.setattr(Path, "iterdir", lambda _: iter([folder / "b.toml", folder / "c.toml", folder / "a.toml"]))

    assert find(main, NOTHING) == [main, folder / "a.toml", folder / "b.toml", folder / "c.toml"]


def test_the_order_of_places(tmp_path: Path, no_system_file: Path) -> None:
    """--config, $LIVED_CONFIG, the user's file, the system's: the first one, and only that one."""
    system = write(no_system_file, "audio.volume = 1")
    home = tmp_path / "home"
    environ = {"HOME": str(home)}
    assert find(None, environ) == [system]

    user = write(home / ".config/lived/lived.toml", "audio.volume = 2")
    assert find(None, environ) == [user]

    other = write(tmp_path / "xdg/lived/lived.toml", "audio.volume = 3")
    assert find(None, environ | {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}) == [other]

    named = write(tmp_path / "named/a.toml", "audio.volume = 4")
    assert find(None, environ | {"LIVED_CONFIG": str(named)}) == [named]

    given_path = write(tmp_path / "given/b.toml", "audio.volume = 5")
    assert find(given_path, environ | {"LIVED_CONFIG": str(named)}) == [given_path]
    assert load(None, [], environ | {"LIVED_CONFIG": str(named)}).audio.volume == 4


def test_an_empty_lived_config_is_none(tmp_path: Path) -> None:
    """LIVED_CONFIG= in a unit means that nobody set it."""
    assert find(None, {"LIVED_CONFIG": "", "HOME": str(tmp_path)}) == []


def test_fragments_alone_are_enough(no_system_file: Path) -> None:
    """A package that only drops files into conf.d is read without a main file."""
    fragment = write(no_system_file.parent / "conf.d/50-kiosk.toml", "audio.volume = 7")

    assert find(None, NOTHING) == [fragment]
    assert load(None, [], NOTHING).audio.volume == 7


def test_a_named_file_is_listed_though_missing(tmp_path: Path) -> None:
    """``config path`` can name the file that would be read."""
    assert find(tmp_path / "no.toml", NOTHING) == [tmp_path / "no.toml"]


def test_no_configuration_on_purpose() -> None:
    """/dev/null as file means the defaults."""
    assert load(Path("/dev/null"), [], NOTHING) == Config()


@pytest.mark.parametrize("text", ["Kore", '"Kore"', "'Kore'", "kORE", ' "Kore" # the default'])
def test_strings_from_the_environment_need_no_quotes(text: str) -> None:
    """A string is taken with and without TOML's quotes; a voice as the server spells it."""
    assert load(None, [], {"LIVED_LIVE__VOICE": text}).live.voice == "Kore"


@pytest.mark.parametrize(
    "text", ["1", "true", "1979-05-27", "[1]", "{a = 1}", "a\nvalue = 1", "'a'\nb = 1", "", 'say "hi"']
)
def test_a_string_option_takes_any_text(text: str) -> None:
    """What would be a number or a table in TOML stays the text that a string option wants."""
    assert load(None, [], {"LIVED_LIVE__INSTRUCTION": text}).live.instruction == text


def test_numbers_and_truths_from_the_command_line() -> None:
    """TOML's spellings work: underscores, whole numbers where a float is wanted, blanks around the equals sign."""
    overrides = ["audio.stall_ms=1_500", "live.backlog_s = 3", "audio.loop=true", "live.vad.silence_ms=0x100"]

    config = load(None, overrides, NOTHING)

    assert (config.audio.stall_ms, config.audio.loop, config.live.vad.silence_ms) == (1500, True, 256)
    assert config.live.backlog_s == 3.0
    assert isinstance(config.live.backlog_s, float)


def test_an_override_may_hold_equals_signs() -> None:
    """Only the first equals sign separates."""
    assert load(None, ["live.instruction=a=b=c"], NOTHING).live.instruction == "a=b=c"


def test_foreign_variables_are_left_alone() -> None:
    """Only what begins with LIVED_ is ours."""
    assert load(None, [], {"PATH": "x", "lived_audio__volume": "x", "ALIVED_X": "x"}) == Config()


def test_paths_in_files_start_at_the_main_file(tmp_path: Path) -> None:
    """Relative paths in lived.toml and in conf.d start at the folder of lived.toml; devices are no paths."""
    main = write(
        tmp_path / "lived.toml", "[audio]\ninput = 'file:talk.wav'\noutput = 'USB'\n[live]\nca_file = '/a/b.pem'"
    )
    write(tmp_path / "conf.d/a.toml", "[simulator]\nscenario = 'scenes/one.toml'\ndir = '~/sim'")

    config = load(main, [], {"HOME": "/home/me"})

    assert config.audio.input == f"file:{tmp_path}/talk.wav"
    assert config.audio.output == "USB"
    assert config.live.ca_file == "/a/b.pem"
    assert config.simulator.scenario == f"{tmp_path}/scenes/one.toml"
    assert config.simulator.dir == "/home/me/sim"


def test_other_paths_start_at_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths in the environment and after --set mean what they mean to the shell."""
    main = write(tmp_path / "etc2/lived.toml", "")
    monkeypatch.chdir(tmp_path)

    config = load(Path("etc2/lived.toml"), ["audio.output=file:heard.wav"], {"LIVED_DAEMON__STATE_DIR": "state"})

    assert main.is_file()
    assert config.audio.output == f"file:{tmp_path}/heard.wav"
    assert config.daemon.state_dir == f"{tmp_path}/state"


def test_a_relative_config_file_has_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--config with a relative path still makes absolute paths."""
    write(tmp_path / "d/lived.toml", "live.ca_file = 'ca.pem'")
    monkeypatch.chdir(tmp_path)

    assert load(Path("d/lived.toml"), [], NOTHING).live.ca_file == f"{tmp_path}/d/ca.pem"


def test_the_instruction_file_is_read_at_once(tmp_path: Path) -> None:
    """The text of the file is in the configuration, which therefore is all that a worker needs."""
    text = write(tmp_path / "persona.txt", "You are a door.\r\nBe brief.\n\n")
    main = write(tmp_path / "lived.toml", "[live]\ninstruction_file = 'persona.txt'\nlanguage = 'German'")

    config, sources = load_with_sources(main, [], NOTHING)

    assert config.live.instruction == "You are a door.\nBe brief."
    assert config.live.instruction_file == str(text)
    assert config.instruction_text().startswith("You are a door.\nBe brief.\n\nSpeak German")
    assert sources["live.instruction"] == Source("file", str(text))
    assert load(write(tmp_path / "again.toml", dump(config)), [], NOTHING) == config


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    """A file saved by an editor on Windows is read."""
    path = tmp_path / "lived.toml"
    path.write_bytes(b"\xef\xbb\xbf[audio]\r\nvolume = 9\r\n")

    assert load(path, [], NOTHING).audio.volume == 9
