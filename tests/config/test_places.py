"""Which folders empty settings mean."""

import os
from pathlib import Path

import msgspec
import pytest

from lived.config import Config, Daemon, Simulator, places


@pytest.fixture(autouse=True)
def system_runtime(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine whose /run/lived is in the test's folder, and missing until the test makes it."""
    folder = tmp_path / "run-lived"
    monkeypatch.setattr(places, "SYSTEM_RUNTIME", folder)
    return folder


def test_the_order_of_runtime_folders(tmp_path: Path, system_runtime: Path) -> None:
    """The option, systemd's folder, /run/lived where it may be written to, the user's, /tmp."""
    environ = {"XDG_RUNTIME_DIR": "/run/user/7"}
    assert places.runtime_dir(Config(), {}) == Path(f"/tmp/lived-{os.getuid()}")
    assert places.runtime_dir(Config(), {"XDG_RUNTIME_DIR": "relative"}) == Path(f"/tmp/lived-{os.getuid()}")
    assert places.runtime_dir(Config(), environ) == Path("/run/user/7/lived")

    system_runtime.mkdir()
    assert places.runtime_dir(Config(), environ) == system_runtime
    assert places.runtime_dir(Config(), environ | {"RUNTIME_DIRECTORY": "/run/a:/run/b"}) == Path("/run/a")

    config = msgspec.structs.replace(Config(), daemon=Daemon(runtime_dir=str(tmp_path)))
    assert places.runtime_dir(config, environ | {"RUNTIME_DIRECTORY": "/run/a"}) == tmp_path


def test_a_folder_that_is_not_writable_is_passed_over(system_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's daemon does not fail at the system daemon's folder (asked here: root may write everywhere)."""
    system_runtime.mkdir()
    asked: list[tuple[Path, int]] = []

    def refuse(path: Path, mode: int) -> bool:
        asked.append((path, mode))
        return False

    monkeypatch.setattr(os, "access", refuse)

    assert places.runtime_dir(Config(), {"XDG_RUNTIME_DIR": "/run/user/7"}) == Path("/run/user/7/lived")
    assert asked == [(system_runtime, os.W_OK | os.X_OK)]


def test_a_client_looks_in_every_place(system_runtime: Path) -> None:
    """A client that may not write to /run/lived still looks there first; a set folder is the only one."""
    assert places.runtime_dirs(Config(), {"XDG_RUNTIME_DIR": "/run/user/7"}) == [
        system_runtime,
        Path("/run/user/7/lived"),
    ]
    config = msgspec.structs.replace(Config(), daemon=Daemon(runtime_dir="/a"))
    assert places.runtime_dirs(config, {}) == [Path("/a")]


def test_the_order_of_state_folders() -> None:
    """The option, systemd's folder, XDG's, the home directory."""
    environ = {"HOME": "/home/me"}
    assert places.state_dir(Config(), environ) == Path("/home/me/.local/state/lived")
    assert places.state_dir(Config(), environ | {"XDG_STATE_HOME": "/s"}) == Path("/s/lived")
    assert places.state_dir(Config(), environ | {"STATE_DIRECTORY": "/var/lib/lived"}) == Path("/var/lib/lived")
    config = msgspec.structs.replace(Config(), daemon=Daemon(state_dir="/a"))
    assert places.state_dir(config, environ | {"STATE_DIRECTORY": "/var/lib/lived"}) == Path("/a")


def test_the_folder_of_the_stand_in(tmp_path: Path) -> None:
    """In the runtime folder, unless the option says otherwise: gateway and stand-in must agree."""
    assert places.stand_in_dir(Config(), tmp_path) == tmp_path / "simulator"
    assert places.stand_in_dir(Config(simulator=Simulator(dir="/elsewhere")), tmp_path) == Path("/elsewhere")
