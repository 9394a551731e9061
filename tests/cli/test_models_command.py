"""livectl models: what the key can use. Asked of the stand-in, through the SDK in a process of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.simulator import Simulator

from .conftest import Livectl

pytestmark = pytest.mark.processes

KEY = "AIzaSyD-no-real-key-0123456789_abcdefg"


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[list[str]]:
    """Options that lead to a stand-in which takes any key."""
    with Simulator(tmp_path / "stand-in") as simulator:
        yield ["--set", f"live.base_url={simulator.base_url}", "--set", f"live.ca_file={simulator.ca_file}"]


def test_the_models_of_a_key(livectl: Livectl, stand_in: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Live ones first and marked, the configured one with a star, with what is known of each."""
    monkeypatch.setenv("GEMINI_API_KEY", KEY)

    said = livectl("models", *stand_in)

    assert said.code == 0, said.err
    lines = said.out.splitlines()
    (configured,) = (line for line in lines if line.startswith("*"))
    assert configured.split()[:3] == ["*", "gemini-3.8-live", "live"]
    assert configured.endswith("Gemini 3.8 Live; no thinking_level, functions of both kinds")
    kinds = [line[2:].split()[1] for line in lines]
    assert kinds == sorted(kinds, reverse=True)
    assert kinds.count("live") == 4
    assert "last day announced as 2026-11-17" in next(line for line in lines if "gemini-3.1" in line)
    assert KEY not in said.out + said.err


def test_as_json(livectl: Livectl, stand_in: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One object for each model; one that is configured and not there is said on stderr."""
    monkeypatch.setenv("GEMINI_API_KEY", KEY)

    said = livectl("models", "--json", "--set", "live.model=gemini-9", *stand_in)

    found = {model["id"]: model for model in json.loads(said.out)}
    assert found["gemini-3.8-live"] == {
        "id": "gemini-3.8-live",
        "name": "Gemini 3.8 Live",
        "live": True,
        "input_tokens": 131_072,
        "output_tokens": 65_536,
        "configured": False,
        "known": "no thinking_level, functions of both kinds",
    }
    assert not found["gemini-2.5-flash"]["live"]
    assert "live.model = gemini-9 is not among them" in said.err


def test_the_stand_in_that_runs_here(livectl: Livectl, tmp_path: Path) -> None:
    """With simulator.enabled no key is needed; before it runs there is a sentence."""
    options = ["--set", "simulator.enabled=true", "--set", f"simulator.dir={tmp_path / 'sim'}"]
    waiting = livectl("models", *options)
    assert (waiting.code, "stand-in" in waiting.err) == (1, True)
    with Simulator(tmp_path / "sim"):
        assert livectl("models", *options).code == 0


def test_no_key(livectl: Livectl, monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual sentence about the missing key."""
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    said = livectl("models")
    assert said.code == 1
    assert said.err.startswith("livectl: There is no API key; run 'livectl setup'")


def test_a_key_that_the_server_refuses(livectl: Livectl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server says, without the key and without a traceback."""
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    with Simulator(tmp_path / "stand-in", None, "--key", "another-key") as simulator:
        said = livectl(
            "models",
            *("--set", f"live.base_url={simulator.base_url}", "--set", f"live.ca_file={simulator.ca_file}"),
        )
    assert said.code == 1
    assert "lists no models (HTTP 400: API key not valid" in said.err
    assert KEY not in said.err
    assert "Traceback" not in said.err


def test_nobody_there(livectl: Livectl, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that cannot be reached is named."""
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    said = livectl("models", "--set", "live.base_url=https://127.0.0.1:1")
    assert said.code == 1
    assert "127.0.0.1:1" in said.err
    assert "Traceback" not in said.err
