"""livectl logs: the journal of the service, the file of a daemon without one, or a sentence."""

import os
from pathlib import Path

import pytest

from fakes.door import STATUS, FakeDoor
from lived.cli.commands import logs
from lived.cli.commands.logs import journal
from lived.cli.service import Service

from .conftest import Livectl


@pytest.fixture
def journalctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journalctl that says how it was called."""
    program = tmp_path / "bin" / "journalctl"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$*"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/bin:/usr/bin")
    return program


@pytest.mark.parametrize(
    ("service", "unit"),
    [(Service(user=False), "--unit=lived.service"), (Service(user=True), "--user-unit=lived.service")],
)
def test_journal_of_each_scope(service: Service, unit: str) -> None:
    """The unit of the right systemd, with what was asked for."""
    assert journal(service, False, 50, None, False) == ["journalctl", "--no-pager", unit, "--lines=50"]
    assert journal(service, True, 5, "today", True)[3:] == ["--lines=5", "--follow", "--since=today", "--output=json"]


def test_of_the_service_that_runs(
    livectl: Livectl, door: FakeDoor, journalctl: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose process it is decides, not what is installed."""
    monkeypatch.setattr(logs, "running_as", lambda pid: Service(user=pid == STATUS["pid"]))
    said = livectl("logs", "-n", "7")
    assert (said.code, said.out) == (0, "--no-pager --user-unit=lived.service --lines=7\n")


def test_of_a_service_that_does_not_run(livectl: Livectl, journalctl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why it ended is in its journal: the installed one's. What journalctl thinks of it is the exit code."""
    monkeypatch.setattr(logs, "installed", lambda: Service(user=False))
    assert livectl("logs").out == "--no-pager --unit=lived.service --lines=50\n"
    journalctl.write_text("#!/bin/sh\nexit 1\n")
    assert livectl("logs").code == 1
    monkeypatch.setenv("PATH", "/nowhere")
    assert livectl("logs").err == "livectl: There is no program journalctl here: install it.\n"


def test_of_a_daemon_without_systemd(livectl: Livectl, door: FakeDoor, tmp_path: Path) -> None:
    """The end of its file."""
    door.answers["status"] = {**STATUS, "pid": os.getpid()}
    log = tmp_path / ".local" / "state" / "lived" / "lived.log"
    log.parent.mkdir(parents=True)
    log.write_text("one\ntwo\nthree\n")
    said = livectl("logs", "-n", "2")
    assert (said.code, said.out) == (0, "two\nthree\n")
    refused = livectl("logs", "--since", "today")
    assert refused.code == 2
    assert "lived.log, without systemd's journal" in refused.err


def test_nothing_anywhere(livectl: Livectl, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence that says where it was looked for."""
    monkeypatch.setattr(logs, "installed", lambda: None)
    said = livectl("logs")
    assert said.code == 1
    assert "There is no log: no service is installed" in said.err
