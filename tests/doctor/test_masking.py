"""The mask: no secret in any spelling, and ordinary text left alone."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived.cli.doctor.masking import HIDDEN, Mask, command, is_secret

SECRET = "s3cr3t-Token/with+signs=="  # noqa: S105  (nobody's)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_known_secret_is_hidden_in_base64_of_anything(before: str, behind: str) -> None:
    """Wherever it stands in what was encoded, nothing is left from which it could be had back."""
    whole = f"{before}{SECRET}{behind}".encode(errors="replace")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        masked = Mask([SECRET])(encode(whole).decode())
        assert HIDDEN in masked
        for piece in masked.split(HIDDEN):
            for cut in range(4):
                usable = piece[cut : cut + (len(piece) - cut) // 4 * 4]
                assert SECRET[2:-2].encode() not in base64.b64decode(usable + "==", altchars=b"-_")


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        SECRET.encode().hex(),
        "s3cr3t-Token%2Fwith%2Bsigns%3D%3D",
        "key=AIzaSyD-no-real-key-0123456789_abcdefg",
        "Authorization: Bearer abc.def.ghi",
        '{"handle": "0123-abcd"}',
        "https://me:pass@proxy.example:80/",
        "ya29.a0AfH6SMB",
        "auth_tokens/0123456789abcdef",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret(text: str) -> None:
    """Hidden although nobody told of it."""
    masked = Mask([SECRET])(text)
    assert HIDDEN in masked
    for part in ("AIza", "s3cr3t", "abc.def", "0123-abcd", "me:pass", "a0AfH6", "0123456789abcdef", "MIIE", "733363"):
        assert part not in masked


def test_ordinary_lines_stay() -> None:
    """A log remains a log."""
    line = "12:00:01 info    gateway: session open (connection 2, resumed), 1,200 tokens"
    assert Mask([SECRET, "short"])(line) == line


def test_command_lines() -> None:
    """The value of --token, behind a blank or an equals sign."""
    assert command(["bus", "--token", "x", "--api-key=y", "--stop", "z"]) == [
        "bus", "--token", HIDDEN, f"--api-key={HIDDEN}", "--stop", "z",
    ]  # fmt: skip
    assert is_secret("api_key")
    assert not is_secret("interval")
