"""Files that are missing, unreadable or no TOML, and the line on which a key stands."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from lived.config import files
from lived.config.load import load
from lived.errors import ConfigError, InputError, LivedError

NOTHING: Mapping[str, str] = MappingProxyType({})


def told(error: type[LivedError], path: Path | None, environ: Mapping[str, str] = NOTHING) -> str:
    """The sentence that loading raises, on one line."""
    with pytest.raises(error) as caught:
        load(path, [], environ)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "lived.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[audio]\nvolume = = 3\n", 2, "Invalid value"),
        ("[audio]\nvolume = 3\nvolume = 4\n", 3, "Cannot overwrite a value"),
        ("[audio]\n[live]\n[audio]\n", 3, "twice"),
        ("[audio]\nvolume = ", 2, "Invalid value"),
        ("live.voice = 'x", 1, "Expected"),
    ],
)
def test_a_syntax_error(tmp_path: Path, text: str, line: int, reason: str) -> None:
    """What is not TOML names file and line, at the end of the file too."""
    path = written(tmp_path, text)

    sentence = told(ConfigError, path)

    assert sentence.startswith(f"{path}, line {line}: this is not TOML (")
    assert reason in sentence


@pytest.mark.parametrize("text", [f"a = {'9' * 5000}", f"a = {'[' * 5000}"])
def test_toml_beyond_the_parser(tmp_path: Path, text: str) -> None:
    """Numbers and brackets that break Python's parser are a sentence too."""
    path = written(tmp_path, text)

    assert told(ConfigError, path).startswith(f"{path}: this is not usable TOML")


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that somebody named must exist."""
    path = tmp_path / "no.toml"

    assert told(InputError, path) == f"{path} does not exist; create it or correct the path."
    assert told(InputError, None, environ={"LIVED_CONFIG": str(path)}).startswith(str(path))


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    """A folder is named as such."""
    assert told(InputError, tmp_path) == f"{tmp_path} is a folder; name a text file."


def test_a_pipe_does_not_block_the_start(tmp_path: Path) -> None:
    """A FIFO without a writer is refused, not waited for."""
    os.mkfifo(tmp_path / "pipe.toml")

    assert "is not a regular file" in told(InputError, tmp_path / "pipe.toml")


def test_a_fragment_that_is_a_folder(tmp_path: Path) -> None:
    """Everything that ends in .toml in conf.d has to be a file."""
    path = written(tmp_path, "")
    (tmp_path / "conf.d/x.toml").mkdir(parents=True)

    assert told(InputError, path) == f"{tmp_path}/conf.d/x.toml is a folder; name a text file."


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    """The line of the first bad byte is told."""
    path = tmp_path / "lived.toml"
    path.write_bytes(b"[audio]\n# gr\xfc\xdfe\n")

    assert told(InputError, path) == f"{path}, line 2: this is not UTF-8 text; save the file as UTF-8."


def test_a_file_that_is_too_long(tmp_path: Path) -> None:
    """A wrong path cannot fill the memory."""
    path = written(tmp_path, "#" * (files.FILE_BYTES + 1))

    assert "is longer than 64 KiB" in told(InputError, path)


@pytest.mark.parametrize(
    ("error", "words"), [(PermissionError(13, "denied"), "permission denied"), (OSError(5, "I/O"), "I/O")]
)
def test_a_file_that_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, words: str
) -> None:
    """Permissions and a broken disk are told with the path (raised here: root may read everything)."""
    path = written(tmp_path, "")

    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(Path, "open", refuse)

    sentence = told(InputError, path)

    assert sentence.startswith(f"{path} cannot be read (")
    assert words in sentence


def test_a_conf_d_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fragments are not silently left out where conf.d is closed to this user."""
    path = written(tmp_path, "")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)

    assert told(InputError, path).startswith(f"{tmp_path}/conf.d cannot be listed (Permission denied)")


def test_a_missing_instruction_file(tmp_path: Path) -> None:
    """The sentence names who asked for the file, and the file."""
    path = written(tmp_path, "live.instruction_file = 'a.txt'")

    sentence = told(InputError, path)

    assert sentence == f"{path}: live.instruction_file: {tmp_path}/a.txt does not exist; create it or correct the path."


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"a\x00b", "holds control characters"), (b"\xff", "is not UTF-8"), (b"x" * 65_537, "is longer than 64 KiB")],
)
def test_an_instruction_file_that_is_no_text(tmp_path: Path, data: bytes, words: str) -> None:
    """A picture or a recording in place of the text is refused."""
    (tmp_path / "a.txt").write_bytes(data)

    sentence = told(InputError, written(tmp_path, "live.instruction_file = 'a.txt'"))

    assert "live.instruction_file" in sentence
    assert words in sentence


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# volume\n" * 500 + "audio.volume = 1", 501),
        ('[audio]\n"vol\\u0075me" = 1\ninput = "volume"', 0),
        ("[audio]\r\nvolume = 1\r\n", 2),
        ("x = '\x0c'\naudio.volume = 1", 0),
    ],
)
def test_the_line_of_a_key(text: str, line: int) -> None:
    """Comments cost nothing, an escaped key has no line rather than a wrong one, line ends are TOML's."""
    assert files.line_of(text, ["audio", "volume"]) == line


def test_the_search_for_a_line_ends() -> None:
    """A hostile file costs a bounded number of parses, and then has no line."""
    text = "volume\n" * 5000

    assert files.line_of(text, ["audio", "volume"]) == 0
