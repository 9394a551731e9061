"""Several daemons on one machine: the one that answers is named, the others are told of."""

import json
import os
from pathlib import Path

import pytest

from fakes.door import STATUS, FakeDoor
from lived.cli import door as doors
from lived.cli.commands import status as status_command
from lived.cli.door import first
from lived.cli.service import Service
from lived.errors import LivedError

from .conftest import Livectl


@pytest.fixture
def places(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The runtime folders of the system's service and of this user's."""
    system, session = runtime / "system", runtime / "session"
    monkeypatch.setattr("lived.config.places.SYSTEM_RUNTIME", system)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(session))
    return system, session / "lived"


def test_of_the_user_alone(livectl: Livectl, places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found without being named, and says what it is."""
    monkeypatch.setattr(status_command, "running_as", lambda pid: Service(user=pid == STATUS["pid"]))
    with FakeDoor(places[1]):
        assert f"the service of a user, in {places[1]}" in " ".join(livectl("status").out.split())
        said = json.loads(livectl("status", "--json").out)
    assert (said["scope"], said["others"]) == ("user", [])


def test_two_at_once(livectl: Livectl, places: tuple[Path, Path]) -> None:
    """The system's answers; the other one is told of, with the command that ends it."""
    with FakeDoor(places[0]) as system, FakeDoor(places[1]) as own:
        system.answers["status"] = {**STATUS, "pid": os.getpid()}
        words = " ".join(livectl("status").out.split())
        said = json.loads(livectl("status", "--json").out)
    assert f"a daemon without systemd, in {places[0]}" in words
    assert f"another lived runs in {places[1]}" in words
    assert f"'livectl --runtime-dir {places[1]} stop --daemon'" in words
    assert (said["scope"], said["others"]) == ("none", [str(places[1])])
    assert own.asked == []


def test_one_that_is_closed_hides_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that this user may not talk to is an error only where no other one answers."""
    closed, own = tmp_path / "closed", tmp_path / "own"

    def answers(place: Path) -> bool:
        if place == closed:
            raise LivedError("You may not talk to it.")
        return True

    monkeypatch.setattr(doors, "answers", answers)
    assert first([closed, own]) == own
    with pytest.raises(LivedError, match="may not talk"):
        first([closed])
    assert first([]) is None
