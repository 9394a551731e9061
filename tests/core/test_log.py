"""What goes to stderr: one prefix for each line, no secret, the right form for the journal."""

import logging
import os
from collections.abc import Iterator

import pytest

from lived import log as logs

SECRET = "AIzaSecret0123456789"  # noqa: S105 (what must never be seen)


@pytest.fixture(autouse=True)
def root() -> Iterator[None]:
    """The root logger is put back afterwards."""
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    yield
    root.handlers[:] = kept
    root.setLevel(level)


def test_a_terminal_gets_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Time, level, who, what."""
    logs.configure("info", "capture")
    logging.getLogger("x").warning("the card is gone")
    assert capsys.readouterr().err.endswith(" warning capture: the card is gone\n")


def test_the_journal_gets_a_priority_on_every_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal splits at newlines: each line needs its prefix."""
    monkeypatch.setattr(logs, "under_journal", lambda: True)
    logs.configure("info", "gateway")
    logging.getLogger("x").error("first\nsecond")
    logging.getLogger("x").info("third")
    assert capsys.readouterr().err == "<3>gateway: first\n<3>gateway: second\n<6>gateway: third\n"


def test_the_journal_is_recognised_by_device_and_inode() -> None:
    """JOURNAL_STREAM names the very file that stderr is; an inherited variable alone is no proof."""
    reader, writer = os.pipe()
    status = os.fstat(writer)
    assert logs.under_journal({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}, writer)
    assert not logs.under_journal({"JOURNAL_STREAM": "1:2"}, writer)
    assert not logs.under_journal({}, writer)
    os.close(reader)
    os.close(writer)
    assert not logs.under_journal({"JOURNAL_STREAM": "1:2"}, writer)


def test_secrets_never_leave(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in a message nor in a traceback."""
    logs.configure("info", "gateway", secrets=(SECRET,))
    try:
        raise ValueError(f"key={SECRET}")
    except ValueError:
        logging.getLogger("x").exception("failed with %s", SECRET)
    said = capsys.readouterr().err
    assert SECRET not in said
    assert said.count("[hidden]") >= 2


def test_below_the_level_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """The configured level counts."""
    logs.configure("warning", "lived")
    logging.getLogger("x").info("quiet")
    assert capsys.readouterr().err == ""


def test_ephemeral_tokens_never_leave(capsys: pytest.CaptureFixture[str]) -> None:
    """They come and go, so nobody can name them beforehand: they are known by their form."""
    logs.configure("info", "gateway")
    logging.getLogger("x").warning("Authorization: Token %s, again", "auth_tokens/0aF-_.b")
    said = capsys.readouterr().err
    assert said.endswith("Authorization: Token [hidden], again\n")


def test_last_words(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain sentence for a person, an error for the journal."""
    logs.last_words("lived", "There is no key.")
    monkeypatch.setattr(logs, "under_journal", lambda: True)
    logs.last_words("lived", "There is no key.")
    assert capsys.readouterr().err == "lived: There is no key.\n<3>lived: There is no key.\n"
