"""A command line in this process, and a door for it."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from fakes.door import FakeDoor
from lived.cli.app import run


class Said(NamedTuple):
    """What one call said."""

    code: int
    out: str
    err: str


Livectl = Callable[..., Said]


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No daemon and no configuration of this machine is found."""
    for name in ("RUNTIME_DIRECTORY", "STATE_DIRECTORY", "LIVED_CONFIG", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "session"))
    monkeypatch.setattr("lived.config.places.SYSTEM_RUNTIME", tmp_path / "no-run-lived")
    monkeypatch.setattr("lived.config.files.SYSTEM_FILE", tmp_path / "etc" / "lived.toml")


@pytest.fixture
def livectl(capfd: pytest.CaptureFixture[str]) -> Livectl:
    """Call it: ``livectl("volume", "-10")``."""

    def call(*arguments: str) -> Said:
        capfd.readouterr()
        code = run(arguments)
        out, err = capfd.readouterr()
        return Said(int(code), out, err)

    return call


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A runtime directory with a short path."""
    with tempfile.TemporaryDirectory(prefix="lived-cli-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def door(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDoor]:
    """A door that livectl finds by itself."""
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(runtime))
    with FakeDoor(runtime) as fake:
        yield fake
