"""livectl token create, through the real SDK, against the stand-in."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fakes.simulator import Simulator

from .conftest import Livectl

pytestmark = pytest.mark.processes

KEY = "the-key-of-this-test"


@pytest.fixture
def simulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A server that takes one key, which is in the environment."""
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    with Simulator(tmp_path / "sim", None, "--key", KEY) as simulator:
        yield simulator


def there(simulator: Simulator) -> tuple[str, ...]:
    """Options that name it."""
    return ("--set", f"live.base_url='{simulator.base_url}'", "--set", f"live.ca_file='{simulator.ca_file}'")


def test_it_prints_the_token_alone(livectl: Livectl, simulator: Simulator) -> None:
    """On standard output, for a script; the times for a person; the key nowhere."""
    said = livectl("token", "create", *there(simulator))
    assert said.code == 0, said.err
    assert said.out.startswith("auth_tokens/")
    assert said.out.count("\n") == 1
    assert said.err.startswith("It begins sessions until ")
    assert KEY not in said.out + said.err


def test_times_and_uses_are_as_asked(livectl: Livectl, simulator: Simulator) -> None:
    """As JSON, in the Live API's own words."""
    before = datetime.now(UTC)
    said = livectl(
        "token", "create", "--json", "--uses", "0", "--expire", "2h", "--new-session-expire", "90", *there(simulator)
    )
    assert said.code == 0, said.err
    made = json.loads(said.out)
    assert made["uses"] == 0
    for field, lasts in (("expireTime", 7200), ("newSessionExpireTime", 90)):
        off = datetime.fromisoformat(made[field]) - before - timedelta(seconds=lasts)
        assert timedelta() <= off < timedelta(seconds=30)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--expire", "21h"), "no time up to 20 hours"),
        (("--expire", "soon"), "no time up to 20 hours"),
        (("--uses", "-1"), "Invalid value for '--uses'"),
    ],
)
def test_wrong_wishes(livectl: Livectl, arguments: tuple[str, ...], words: str) -> None:
    """One sentence, exit code 2."""
    said = livectl("token", "create", *arguments)
    assert (said.code, said.out) == (2, "")
    assert words in said.err
    assert said.err.count("\n") == 1


def test_a_refused_key(livectl: Livectl, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server says, in one sentence."""
    monkeypatch.setenv("GEMINI_API_KEY", "another")
    said = livectl("token", "create", *there(simulator))
    assert (said.code, said.out) == (1, "")
    host = simulator.base_url.removeprefix("https://")
    assert said.err.startswith(f"livectl: {host} gives no token (HTTP 400: API key not valid")


def test_nobody_there(livectl: Livectl, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is named."""
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    said = livectl("token", "create", "--set", "live.base_url='https://127.0.0.1:1'")
    assert said.code == 1
    assert said.err == "livectl: 127.0.0.1:1 refuses connections: is it up, is live.base_url right?\n"


def test_no_key(livectl: Livectl, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said before anything is asked."""
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    said = livectl("token", "create")
    assert said.code == 1
    assert said.err.startswith("livectl: There is no API key")


def test_vertex_has_none(livectl: Livectl) -> None:
    """Refused, with what to do."""
    said = livectl("token", "create", "--set", "live.vertex=true", "--set", "live.project='p'")
    assert said.code == 1
    assert said.err.startswith("livectl: Vertex AI has no ephemeral tokens")
