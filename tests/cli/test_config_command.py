"""livectl config: what the daemon would be told."""

import json
from pathlib import Path

import pytest

from lived.config import Config

from .conftest import Livectl


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A right file."""
    path = tmp_path / "lived.toml"
    path.write_text("[audio]\nvolume = 50\n")
    return path


def test_show_names_value_unit_and_source(livectl: Livectl, file: Path) -> None:
    """Every option with what set it; units where there are any."""
    said = livectl("config", "show", "--config", str(file), "--set", "audio.block_ms=20")
    assert said.code == 0
    assert f"volume = 50         # %, {file}" in said.out
    assert "block_ms = 20       # ms, --set" in said.out
    assert "[live.vad]" in said.out


def test_show_as_json(livectl: Livectl, file: Path) -> None:
    """One object, by dotted key."""
    shown = json.loads(livectl("config", "show", "--config", str(file), "--json").out)
    assert shown["audio.volume"] == {"value": 50, "unit": "%", "source": str(file)}
    assert shown["live.model"]["value"] == Config().live.model


def test_check(livectl: Livectl, file: Path) -> None:
    """0 for a right file; 1 and the sentence for a wrong one; 2 for a wrong --set."""
    assert livectl("config", "check", "--config", str(file)).code == 0
    file.write_text("[audio]\nvolumee = 50\n")
    said = livectl("config", "check", "--config", str(file))
    assert said.code == 1
    assert said.err.startswith(f"livectl: {file}, line 2:")
    assert "did you mean audio.volume?" in said.err
    assert livectl("config", "check", "--set", "audio.volume=loud").code == 2
    missing = livectl("config", "check", "--config", str(file.with_name("none.toml")))
    assert (missing.code, "does not exist" in missing.err) == (1, True)


def test_check_as_json(livectl: Livectl, file: Path) -> None:
    """Says which files are right."""
    said = livectl("config", "check", "--config", str(file), "--json")
    assert json.loads(said.out) == {"ok": True, "files": [str(file)], "warnings": []}


def test_path(livectl: Livectl, file: Path) -> None:
    """The files in the order in which they are read; none is said on stderr."""
    folder = file.parent / "conf.d"
    folder.mkdir()
    (folder / "10.toml").write_text("")
    said = livectl("config", "path", "--config", str(file))
    assert said.out.splitlines() == [str(file), str(folder / "10.toml")]
    assert json.loads(livectl("config", "path", "--config", str(file), "--json").out)["files"][0] == str(file)


def test_no_file_is_no_error(livectl: Livectl) -> None:
    """The defaults are a configuration too."""
    said = livectl("config", "path")
    assert (said.code, said.out.strip()) == (0, "")
    assert "the defaults are used" in said.err
    assert livectl("config", "check").code == 0


def test_check_warns(livectl: Livectl, file: Path) -> None:
    """What can be used, but perhaps not for long, is said and is no error."""
    said = livectl("config", "check", "--set", "live.model=gemini-2.5-flash-native-audio-preview-12-2025")
    assert said.code == 0
    assert "Warning: live.model" in said.out
    assert "2026-11-17" in said.out


def test_check_looks_at_the_files_that_are_named(livectl: Livectl, file: Path) -> None:
    """A file of headers that is none is told with its option; nothing of what stands in it is."""
    headers = file.with_name("headers")
    headers.write_text("Authorization Bearer hunter2\n")
    file.write_text("[live]\nheaders_file = 'headers'\n")
    said = livectl("config", "check", "--config", str(file))
    assert said.code == 1
    assert f"live.headers_file: {headers}, line 1: this is no header" in said.err
    assert "hunter2" not in said.err
    headers.write_text("Authorization: Bearer hunter2\n")
    assert livectl("config", "check", "--config", str(file)).code == 0
    assert "hunter2" not in livectl("config", "show", "--config", str(file)).out


def test_show_tables_and_what_is_left_to_the_server(livectl: Livectl, file: Path) -> None:
    """A list of tables as it is written; a number that nobody set says who decides."""
    file.write_text('[[tools]]\nname = "a"\ndescription = "b"\ncommand = ["c", "d"]\nparameters = {type = "object"}\n')
    said = livectl("config", "show", "--config", str(file))
    assert "[[tools]]\n" in said.out
    assert f'command = ["c", "d"]              # {file}, line 1' in said.out
    assert 'parameters = { type = "object" }' in said.out
    (line,) = (line for line in said.out.splitlines() if line.startswith("temperature"))
    assert line.split() == ["temperature", "=", '""', "#", "default,", "the", "server", "decides"]
    shown = json.loads(livectl("config", "show", "--config", str(file), "--json").out)
    assert shown["tools[0].parameters"]["value"] == {"type": "object"}
    assert shown["live.generation.temperature"]["value"] is None
