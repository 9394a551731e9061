"""Hooks and metrics: what is wrong with them is said before anything starts."""

from pathlib import Path

import pytest

from lived.config import extras
from lived.config.load import load_with_sources
from lived.config.options import Metrics
from lived.errors import ConfigError

HOOK = "[[hooks]]\nevent = 'floor'\ncommand = ['/bin/true']\n"


def refused(tmp_path: Path, text: str) -> str:
    """The sentence."""
    path = tmp_path / "lived.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load_with_sources(path, [], {})
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HOOK.replace("floor", "flor"), "an event of docs/protocol.md; did you mean floor?"),
        (HOOK.replace("floor", "sessions"), "did you mean session?"),
        (HOOK + "match = { who = 'model' }", "fields of floor: floor, turn (not who)"),
        (HOOK.replace("floor", "session") + "match = { muted = true }", "(not muted)"),
        (HOOK.replace("'/bin/true'", ""), "a program, then its arguments"),
        (HOOK.replace("/bin/true", " "), "a program, then its arguments"),
        ("metrics.listen = '127.0.0.1:99999'", "a port from 1 to 65535"),
        ("metrics.listen = '127.0.0.1:0'", "a port from 1 to 65535"),
        ("metrics.listen = '9464'", "an address and a port, such as 127.0.0.1:9464"),
    ],
)
def test_wrong_ones(tmp_path: Path, text: str, words: str) -> None:
    """What it is, and what would be right."""
    assert words in refused(tmp_path, text)


@pytest.mark.parametrize("match", ["{ floor = 'model' }", "{ turn = 4 }", "{}"])
def test_right_ones(tmp_path: Path, match: str) -> None:
    """Fields that the event has."""
    path = tmp_path / "lived.toml"
    path.write_text(
        HOOK + f"match = {match}\n[[hooks]]\nevent = 'worker'\ncommand = ['x']\nmatch = {{ state = 'fatal' }}"
    )
    config, _ = load_with_sources(path, [], {})
    assert len(config.hooks) == 2


@pytest.mark.parametrize(
    ("listen", "address"),
    [("127.0.0.1:9464", ("127.0.0.1", 9464)), ("[::1]:80", ("::1", 80)), ("localhost:1", ("localhost", 1))],
)
def test_addresses(listen: str, address: tuple[str, int]) -> None:
    """Of both kinds."""
    assert Metrics(listen=listen).address == address


def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Named, with what installs it and who asked for it."""
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    config, sources = load_with_sources(None, ["metrics.listen=127.0.0.1:9464"], {})
    with pytest.raises(ConfigError) as error:
        extras.check(config, sources)
    assert "[metrics] needs the package prometheus-client; install it with pip install 'lived[metrics]'." in str(
        error.value
    )
    config, sources = load_with_sources(None, [], {})
    extras.check(config, sources)


@pytest.mark.parametrize(
    ("device", "installed", "package"),
    [("/dev/video0", (), "pillow"), ("/dev/video0", ("PIL",), "linuxpy"), ("folder:/tmp", (), "pillow")],
)
def test_a_camera_without_its_extra(
    device: str, installed: tuple[str, ...], package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told before anything starts; images of a folder need no V4L2."""
    config, sources = load_with_sources(None, [f"camera.device={device}"], {})
    monkeypatch.setattr(extras, "find_spec", lambda name: name in installed or None)
    with pytest.raises(
        ConfigError, match=rf"needs the package {package}; install it with pip install 'lived\[camera\]'"
    ):
        extras.check(config, sources)
    monkeypatch.setattr(extras, "find_spec", lambda name: name == "PIL" or "folder:" not in device or None)
    extras.check(config, sources)
