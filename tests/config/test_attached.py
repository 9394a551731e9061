"""Files that options name: headers, history, credentials."""

from pathlib import Path

import pytest

from lived.config import attached
from lived.config.attached import Line
from lived.config.load import load_with_sources
from lived.errors import InputError


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_headers(tmp_path: Path) -> None:
    """Names as written, values without blanks around; comments and empty lines count for nothing."""
    path = written(tmp_path / "h", "# mine\n\nX-Site: kitchen\r\nAuthorization:Bearer a:b\nX-Empty:\n")

    assert attached.headers(path) == {"X-Site": "kitchen", "Authorization": "Bearer a:b", "X-Empty": ""}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\nno colon secret", "line 2: this is no header"),
        ("X Y: secret", "line 1: this is no header"),
        ("X: secret\x00", "line 1: this is no header"),
        ("X: sécret", "line 1: this is no header"),
        (": secret", "line 1: this is no header"),
        ("Host: secret", "line 1: this header belongs to the connection itself"),
        ("sec-websocket-KEY: secret", "line 1: this header belongs to the connection itself"),
        ("X: secret\nx: secret", "line 2: this header stands there twice"),
    ],
)
def test_no_headers(tmp_path: Path, text: str, words: str) -> None:
    """The sentence has file and line and nothing that stands in the file."""
    with pytest.raises(InputError) as caught:
        attached.headers(written(tmp_path / "h", text))

    assert words in str(caught.value)
    sentence = str(caught.value).replace(str(tmp_path), "")  # the folder is named after the parameters
    assert "secret" not in sentence
    assert "sécret" not in sentence


def test_history(tmp_path: Path) -> None:
    """One line for each thing said, in order; long ones too."""
    text = '{"side": "user", "text": "Hi."}\n\n{"side": "model", "text": "' + "a" * 99_999 + '"}\n'

    assert attached.history(written(tmp_path / "h", text)) == [
        Line(side="user", text="Hi."),
        Line(side="model", text="a" * 99_999),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Hi.",
        '{"side": "me", "text": "a"}',
        '{"side": "user"}',
        '{"side": "user", "text": " "}',
        '{"side": "user", "text": "\\u0000"}',
        "[]",
    ],
)
def test_no_history(tmp_path: Path, line: str) -> None:
    """Anything else names the line and the form."""
    with pytest.raises(InputError, match=r'line 2: this is nothing that was said; write \{"side": "user" or "model"'):
        attached.history(written(tmp_path / "h", f'{{"side": "user", "text": "a"}}\n{line}'))


def test_credentials_of_vertex(tmp_path: Path) -> None:
    """A file of another kind is refused without a word of it."""
    good = written(tmp_path / "a", '{"type": "service_account", "private_key": "secret"}')

    assert attached.account(good)["private_key"] == "secret"
    for text in ("secret", '{"private_key": "secret"}', '["secret"]'):
        with pytest.raises(InputError, match="is no credentials file") as caught:
            attached.account(written(tmp_path / "b", text))
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("live.headers_file = 'x'", "live.headers_file"),
        ("live.history_file = 'x'", "live.history_file"),
        ("live.credentials_file = 'x'", "live.credentials_file"),
        ("[[mcp]]\nname = 'm'\nurl = 'https://h'\nheaders_file = 'x'", "mcp.headers_file"),
    ],
)
def test_a_missing_file_is_told_before_anything_starts(tmp_path: Path, text: str, option: str) -> None:
    """With who asked for it; a token, which may come later, is not missed."""
    path = written(tmp_path / "lived.toml", f"live.token_file = 'later'\n{text}")
    config, sources = load_with_sources(path, [], {})

    with pytest.raises(InputError) as caught:
        attached.check(config, sources)

    assert str(caught.value).startswith(str(path))
    assert str(caught.value).endswith(f": {option}: {tmp_path}/x does not exist; create it or correct the path.")


def test_right_files_pass(tmp_path: Path) -> None:
    """Nothing is said, and nothing of them is kept in the configuration."""
    written(tmp_path / "h", "X: secret")
    path = written(tmp_path / "lived.toml", "live.headers_file = 'h'")
    config, sources = load_with_sources(path, [], {})

    attached.check(config, sources)

    assert "secret" not in repr(config)
