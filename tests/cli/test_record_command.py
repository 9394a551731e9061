"""livectl record: what it refuses, before it needs a daemon or a bus."""

from pathlib import Path

import pytest

from cli.conftest import Livectl


@pytest.mark.parametrize(
    ("name", "word"), [("talk.mp3", ".wav, .flac or .opus"), ("talk", ".wav"), ("no/such/x.wav", "no folder")]
)
def test_wrong_names_are_refused(livectl: Livectl, tmp_path: Path, name: str, word: str) -> None:
    """With what is right, exit code 2."""
    said = livectl("record", str(tmp_path / name))
    assert said.code == 2
    assert word in said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", ["talk.wav", "talk.jsonl", "talk.vtt"])
def test_nothing_is_overwritten(livectl: Livectl, tmp_path: Path, there: str) -> None:
    """Neither the file nor one that would stand beside it."""
    (tmp_path / there).write_text("mine")
    said = livectl("record", str(tmp_path / "talk.wav"))
    assert (said.code, "exists" in said.err) == (2, True)
    assert (tmp_path / there).read_text() == "mine"


def test_without_a_daemon(livectl: Livectl, tmp_path: Path) -> None:
    """Exit code 3, and no file."""
    assert livectl("record", str(tmp_path / "talk.wav")).code == 3
    assert list(tmp_path.iterdir()) == []


def test_what_is_missing_is_said(livectl: Livectl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How to install it; a pipe needs nothing."""
    monkeypatch.setattr("lived.recording.encoder.find_spec", lambda _: None)
    said = livectl("record", str(tmp_path / "talk.wav"))
    assert (said.code, "pip install 'lived[record]'" in said.err) == (1, True)
    assert livectl("record", "-").code == 3
