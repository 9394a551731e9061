"""What the daemon hands to its gateway: a key, an account, nothing, or what stands in for a key."""

from pathlib import Path

import msgspec
import pytest

from lived.__main__ import SECRET_OF_THE_RELAY, SECRET_OF_THE_STAND_IN, secret_for
from lived.config import Config, Live, Simulator
from lived.credentials import account
from lived.errors import CredentialError

ACCOUNT = '{"type": "service_account", "private_key": "no-real-key"}'


def config(**live: object) -> Config:
    """With these options under live."""
    return Config(live=msgspec.structs.replace(Live(), **live))


def refusal(wanted: Config, environ: dict[str, str]) -> str:
    """What is said where there is nothing to hand over; nothing of what there was instead."""
    with pytest.raises(CredentialError) as caught:
        secret_for(wanted, environ)
    assert "no-real-key" not in str(caught.value)
    return str(caught.value)


def test_a_key_is_needed() -> None:
    """By default, and with a relay that is told nothing either."""
    assert secret_for(config(), {"GEMINI_API_KEY": "k"}) == "k"
    assert "There is no API key" in refusal(config(), {})
    assert "There is no API key" in refusal(config(base_url="https://relay.example"), {})


@pytest.mark.parametrize(
    "source", [{"token_url": "https://x.example/t"}, {"token_command": ("mint",)}, {"token_file": "/t"}]
)
def test_tokens_take_its_place(source: dict[str, object]) -> None:
    """A key that happens to be there is not even handed over."""
    assert secret_for(config(**source), {"GEMINI_API_KEY": "k"}) == ""


def test_a_relay_has_the_key() -> None:
    """When a header tells it who we are; a key that is there all the same is used, a damaged one is refused."""
    relayed = config(base_url="https://relay.example", headers_file="/h")
    assert secret_for(relayed, {}) == SECRET_OF_THE_RELAY
    assert secret_for(relayed, {"GEMINI_API_KEY": "k"}) == "k"
    assert "has a blank" in refusal(relayed, {"GEMINI_API_KEY": "a b"})


def test_the_stand_in_wants_none() -> None:
    """But takes one that is there: then the rest is as on a real device."""
    demo = Config(simulator=Simulator(enabled=True), live=msgspec.structs.replace(Live(), vertex=True))
    assert secret_for(demo, {}) == SECRET_OF_THE_STAND_IN
    assert secret_for(demo, {"GEMINI_API_KEY": "k"}) == "k"


def test_an_account_is_found(tmp_path: Path) -> None:
    """The option, then the variable, then the systemd credential."""
    for name in ("one.json", "two.json", "vertex"):
        (tmp_path / name).write_text(ACCOUNT.replace("no-real", name))
    environ = {
        "GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "two.json"),
        "CREDENTIALS_DIRECTORY": str(tmp_path),
        "GEMINI_API_KEY": "k",
    }
    vertex = config(vertex=True, project="p", credentials_file=str(tmp_path / "one.json"))
    assert "one.json" in secret_for(vertex, environ)
    assert "two.json" in account(environ, "")
    assert "vertex-key" in account({"CREDENTIALS_DIRECTORY": str(tmp_path)}, "")


def test_an_account_that_is_not_there(tmp_path: Path) -> None:
    """Each way with what to do about it."""
    vertex = config(vertex=True, project="p")
    assert "set live.credentials_file, or LoadCredential=vertex:FILE" in refusal(vertex, {})
    assert "cannot be read (No such file or directory)" in refusal(vertex, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    for data in (b"", b"no-real-key", b"{" + b"x" * 70_000):
        (tmp_path / "vertex").write_bytes(data)
        assert "has no credentials of Google Cloud" in refusal(vertex, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
