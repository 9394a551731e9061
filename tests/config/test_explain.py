"""What is made from the table of options is current, complete and true."""

import re
from pathlib import Path

import msgspec
import pytest

from lived.config import Config
from lived.config.__main__ import main
from lived.config.explain import EXAMPLE_FILE, MANUAL_FILE, example, manual, show
from lived.config.load import load, load_with_sources
from lived.config.schema import options, tables
from lived.config.specimens import SPECIMENS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("name", "text"), [(EXAMPLE_FILE, example()), (MANUAL_FILE, manual())])
def test_the_made_files_are_current(name: Path, text: str) -> None:
    """After a change to an option `python -m lived.config` has been run."""
    assert (ROOT / name).read_text(encoding="utf-8") == text, "run: python -m lived.config"


def test_the_command_writes_both_files(tmp_path: Path) -> None:
    """`python -m lived.config FOLDER` makes exactly the texts that the tests compare."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "docs").mkdir()

    assert main([str(tmp_path)]) == 0
    assert (tmp_path / EXAMPLE_FILE).read_text(encoding="utf-8") == example()
    assert (tmp_path / MANUAL_FILE).read_text(encoding="utf-8") == manual()


def test_the_command_writes_nowhere_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is no source tree is left alone, with a sentence."""
    assert main([str(tmp_path)]) == 2
    assert "source tree" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_command_tells_what_it_cannot_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing docs folder is a sentence."""
    (tmp_path / "pyproject.toml").touch()

    assert main([str(tmp_path)]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_the_example_is_a_valid_file_as_it_is(tmp_path: Path) -> None:
    """Copied to its place unchanged, the example changes nothing."""
    path = tmp_path / "lived.toml"
    path.write_text(example(), encoding="utf-8")

    config, sources = load_with_sources(path, [], {})

    assert config == Config()
    assert set(map(str, sources.values())) == {"default"}


def test_the_example_with_every_option_switched_on(tmp_path: Path) -> None:
    """Every commented option is spelled right and holds its default; the examples of tables are whole."""
    path = tmp_path / "lived.toml"
    path.write_text(re.sub(r"(?m)^#(?=[\w\[])", "", example()), encoding="utf-8")

    config, sources = load_with_sources(path, [], {})

    assert {name: getattr(config, name) for name in tables()} == {name: (SPECIMENS[name],) for name in tables()}
    assert msgspec.structs.replace(config, **dict.fromkeys(tables(), ())) == Config()
    assert {source.name for source in sources.values()} == {str(path)}


def test_the_manual_has_every_option_once() -> None:
    """One row for each option, in the section where it belongs."""
    rows = re.findall(r"(?m)^\| `(\w+)` \|", manual())

    assert rows == [
        *(option.name for option in options().values()),
        *(field for fields in tables().values() for field in fields),
    ]
    assert all(f"\n## [{option.section}]\n" in manual() for option in options().values())


def test_the_tables_of_the_manual_have_five_columns() -> None:
    """No text breaks out of its cell."""
    rows = [line for line in manual().splitlines() if line.startswith("|")]

    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


def test_show_tells_value_unit_source_and_help(tmp_path: Path) -> None:
    """``config show`` has a row for every option, with what set it; the rows can be printed as JSON."""
    path = tmp_path / "lived.toml"
    path.write_text("audio.block_ms = 20\n", encoding="utf-8")
    config, sources = load_with_sources(path, ["audio.volume=5"], {"LIVED_LIVE__VOICE": "puck"})

    rows = show(config, sources)

    by_key = {row.key: row for row in rows}
    assert list(by_key) == list(options())
    assert (by_key["audio.block_ms"].value, by_key["audio.block_ms"].unit) == (20, "ms")
    assert by_key["audio.block_ms"].source == str(path)
    assert by_key["audio.volume"].source == "--set"
    assert (by_key["live.voice"].value, by_key["live.voice"].source) == ("Puck", "LIVED_LIVE__VOICE")
    assert by_key["live.model"].source == "default"
    assert by_key["live.model"].help == options()["live.model"].help
    assert len(msgspec.json.decode(msgspec.json.encode(rows))) == len(rows)


def test_the_sentences_in_the_manual_are_real(tmp_path: Path) -> None:
    """The examples of mistakes in the manual are what a person will read."""
    path = tmp_path / "lived.toml"
    mistakes = (
        "\n\n\n\n\n\naudio.block_ms = 100",
        "\n\nlive.voise = 1",
        "\n\n\nlive.generation.thinking_level = 'low'",
    )
    for text in mistakes:
        path.write_text(text, encoding="utf-8")
        with pytest.raises(Exception, match=r"line \d: ") as caught:
            load(path, [], {})

        assert str(caught.value).replace(str(path), "/etc/lived/lived.toml") in manual().splitlines()
