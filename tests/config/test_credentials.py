"""The API key: found where it may be, refused where it is damaged, and never told."""

import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import strategies as st

from lived import credentials
from lived.config import files
from lived.config.files import key_files
from lived.credentials import NoKeyError, api_key, scrubbed
from lived.errors import CredentialError, ExitCode

KEY = "AIzaSyD-no-real-key-0123456789_abcdefg"


def told(environ: Mapping[str, str]) -> str:
    """The sentence; the key is neither in it nor in anything that a logged traceback would show."""
    with pytest.raises(CredentialError) as caught:
        api_key(environ)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value.args)
    assert "no-real-key" not in shown
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == ExitCode.CONFIG
    return str(caught.value)


def test_the_order_of_places(tmp_path: Path) -> None:
    """GEMINI_API_KEY, then GOOGLE_API_KEY, then the credential; an empty variable counts as not set."""
    (tmp_path / "api-key").write_text("from-file\n", encoding="ascii")
    environ = {"GEMINI_API_KEY": "one", "GOOGLE_API_KEY": "two", "CREDENTIALS_DIRECTORY": str(tmp_path)}

    assert api_key(environ) == "one"
    assert api_key(environ | {"GEMINI_API_KEY": ""}) == "two"
    assert api_key({"CREDENTIALS_DIRECTORY": str(tmp_path)}) == "from-file"


def test_no_key_at_all() -> None:
    """The sentence names the command that asks for it, and the variable."""
    assert told({}) == "There is no API key; run 'livectl setup', or set GEMINI_API_KEY."


@pytest.mark.parametrize("data", [None, b"", b"\n", b" \r\n\t"])
def test_an_empty_credential(tmp_path: Path, data: bytes | None) -> None:
    """No file, an empty one, or one of blanks: none is there; the next place is looked at."""
    if data is not None:
        (tmp_path / "api-key").write_bytes(data)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    with pytest.raises(NoKeyError):
        api_key(environ)
    (tmp_path / "beside").write_text(f"{KEY}\n", encoding="ascii")
    assert api_key(environ, [tmp_path / "nowhere", tmp_path / "beside"]) == KEY


def test_beside_the_configuration(tmp_path: Path) -> None:
    """A person's own file comes before the system's, the unit's before both; a damaged one is not passed over."""
    own = tmp_path / "lived" / "api-key"
    usual = [own, files.SYSTEM_FILE.with_name("api-key")]
    assert key_files(None, {"XDG_CONFIG_HOME": str(tmp_path)}) == usual
    named = tmp_path / "mine" / "my.toml"
    assert key_files(named, {"XDG_CONFIG_HOME": str(tmp_path)}) == [named.with_name("api-key"), *usual]
    own.parent.mkdir()
    own.write_text("two words", encoding="ascii")
    with pytest.raises(CredentialError, match="a blank"):
        api_key({}, [own])
    (tmp_path / "api-key").write_text(KEY, encoding="ascii")
    assert api_key({"CREDENTIALS_DIRECTORY": str(tmp_path)}, [own]) == KEY


def test_a_credential_that_is_a_folder(tmp_path: Path) -> None:
    """What cannot be read is told with its path and the reason."""
    (tmp_path / "api-key").mkdir()

    sentence = told({"CREDENTIALS_DIRECTORY": str(tmp_path)})

    assert f"{tmp_path}/api-key cannot be read (Is a directory)" in sentence


@pytest.mark.parametrize("around", ["{}\n", " {}", "{} {}", "{}\x00", "{}\x1b[0m", "{}ü", "{}\udcff", "{}\u200b", "\n"])
def test_a_damaged_key_in_a_variable(around: str) -> None:
    """Blanks, line breaks, control and foreign characters are refused without repeating the key."""
    sentence = told({"GEMINI_API_KEY": around.format(KEY, KEY)})

    assert sentence.startswith("The API key in $GEMINI_API_KEY has a blank, a line break")


@pytest.mark.parametrize("data", [f"{KEY}\n{KEY}".encode(), f"key = {KEY}".encode(), b"\xff" + KEY.encode()])
def test_a_damaged_key_in_a_file(tmp_path: Path, data: bytes) -> None:
    """A file with more than the key is refused; line breaks around the key are not part of it."""
    (tmp_path / "api-key").write_bytes(data)
    assert f"{tmp_path}/api-key has a blank" in told({"CREDENTIALS_DIRECTORY": str(tmp_path)})

    (tmp_path / "api-key").write_bytes(f"\n {KEY}\r\n".encode())
    assert api_key({"CREDENTIALS_DIRECTORY": str(tmp_path)}) == KEY


def test_a_file_that_is_far_too_long(tmp_path: Path) -> None:
    """A wrong file does not become a key."""
    (tmp_path / "api-key").write_text("x" * (credentials.KEY_BYTES + 1), encoding="ascii")

    assert "is too long for an API key" in told({"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_workers_get_no_secret() -> None:
    """Keys, credential folders and the supervisor's own systemd variables are gone, all else stays."""
    environ = {
        "GEMINI_API_KEY": KEY,
        "GOOGLE_API_KEY": KEY,
        "GOOGLE_APPLICATION_CREDENTIALS": "/x.json",
        "CREDENTIALS_DIRECTORY": "/run/credentials",
        "NOTIFY_SOCKET": "/run/n",
        "WATCHDOG_USEC": "1",
        "WATCHDOG_PID": "2",
        "PATH": "/bin",
        "XDG_RUNTIME_DIR": "/run/user/7",
    }

    assert scrubbed(environ) == {"PATH": "/bin", "XDG_RUNTIME_DIR": "/run/user/7"}
    assert environ["GEMINI_API_KEY"] == KEY


_SECRETS = st.lists(st.text("abc.", min_size=1, max_size=4), max_size=4)
