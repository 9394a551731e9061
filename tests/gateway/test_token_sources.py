"""Tokens from an address, a program, a file."""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.token_service import PASSWORD, TokenService
from lived.config import Live
from lived_workers.gateway import token_sources
from lived_workers.gateway.closing import Cause, LinkLostError
from lived_workers.gateway.token_sources import MOST_BYTES, parse, source_of
from lived_workers.gateway.tokens import Token

TOKEN = "auth_tokens/0123abcd"  # noqa: S105 - nobody's


def live(**options: object) -> Live:
    """With these options."""
    return msgspec.structs.replace(Live(), **options)


def fetched(**options: object) -> Token:
    """What the source gives."""
    source = source_of(live(**options))
    assert source is not None

    async def fetch() -> Token:
        return await source()

    return asyncio.run(fetch())


def refusal(**options: object) -> LinkLostError:
    """Why it gives none; what was given instead is not told."""
    with pytest.raises(LinkLostError) as lost:
        fetched(**options)
    assert lost.value.cause is Cause.TOKEN
    assert "SECRET" not in str(lost.value)
    return lost.value


@pytest.mark.parametrize(
    ("text", "expires"),
    [
        (TOKEN, 0),
        (f"\n {TOKEN}\r\n", 0),
        (f'{{"name": "{TOKEN}"}}', 0),
        (f'{{"token": "{TOKEN}", "more": [1]}}', 0),
        (f'{{"name": "{TOKEN}", "expireTime": "2026-01-01T00:00:00Z"}}', 1767225600),
        (f'{{"name": "{TOKEN}", "expireTime": "some day"}}', 0),
    ],
)
def test_the_forms_of_a_token(text: str, expires: float) -> None:
    """Plain text, or JSON as the Live API and others write it."""
    assert parse(text.encode(), "x") == (TOKEN, expires)


@pytest.mark.parametrize(
    "text", ["", "AIzaSECRET", "<html>SECRET", "{SECRET", '{"name": 3}', '{"name": ""}', "auth_tokens/",
             "auth_tokens/a b", TOKEN + " " * MOST_BYTES, '{"name": "auth_tokens/SECRET\\n"}'],
)  # fmt: skip
def test_what_is_no_token(text: str) -> None:
    """Is refused, and not quoted."""
    with pytest.raises(LinkLostError) as lost:
        parse(text.encode(), "The file")
    assert lost.value.reason == "The file gives no token (auth_tokens/...)"


@given(st.binary(max_size=100))
def test_any_bytes(data: bytes) -> None:
    """A token or a refusal."""
    try:
        assert parse(data, "x").value.startswith("auth_tokens/")
    except LinkLostError as lost:
        assert lost.cause is Cause.TOKEN


def test_no_source() -> None:
    """Then a key is needed."""
    assert source_of(live()) is None


def test_a_file_is_read_anew(tmp_path: Path) -> None:
    """Somebody else keeps it; it may come later."""
    path = tmp_path / "token"
    assert refusal(token_file=str(path)).reason == f"The token file {path} cannot be read (No such file or directory)"
    for number in (1, 2):
        path.write_text(f"{TOKEN}{number}\n")
        assert fetched(token_file=str(path)).value == f"{TOKEN}{number}"


def test_a_program_prints_it() -> None:
    """Its arguments go to it as they are, without a shell."""
    program = (sys.executable, "-c", "import sys; print('auth_tokens/' + sys.argv[1])", "$HOME;x")
    assert fetched(token_command=program).value == "auth_tokens/$HOME;x"


def test_programs_that_fail() -> None:
    """Each way in its own words."""
    assert "cannot be started" in refusal(token_command=("/no/such/program",)).reason
    failing = (sys.executable, "-c", f"print('{TOKEN}'); raise SystemExit(3)")
    assert refusal(token_command=failing).reason.endswith("failed with exit code 3")
    endless = (sys.executable, "-c", "while True: print('SECRET' * 1000)")
    assert refusal(token_command=endless).reason


def test_a_program_that_hangs_is_ended_with_its_children(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """After ten seconds (here less), all of them."""
    monkeypatch.setattr(token_sources, "TIMEOUT_S", 1.0)
    note = tmp_path / "pid"
    began = time.monotonic()
    lost = refusal(token_command=("sh", "-c", f"sleep 60 & echo $! > {note}; wait"))
    assert lost.reason == "The token program sh took longer than 1 s"
    assert time.monotonic() - began < 10
    deadline = time.monotonic() + 5
    status = Path(f"/proc/{int(note.read_text())}/stat")
    while status.exists() and status.read_text().split()[2] != "Z":
        assert time.monotonic() < deadline, "its child lives"
        time.sleep(0.01)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[TokenService]:
    """One that works."""
    with TokenService(tmp_path, lambda: f'{{"name": "{TOKEN}"}}') as service:
        yield service


def options(service: TokenService, tmp_path: Path) -> dict[str, object]:
    """How it is asked."""
    headers = tmp_path / "headers"
    headers.write_text(f"Authorization: {PASSWORD}\n")
    return {"token_url": service.url, "ca_file": str(service.ca_file), "headers_file": str(headers)}


def test_a_service_is_asked_with_our_headers(service: TokenService, tmp_path: Path) -> None:
    """GET; POST where that is refused."""
    asking = options(service, tmp_path)
    assert fetched(**asking).value == TOKEN
    service.methods = ("POST",)
    assert fetched(**asking).value == TOKEN
    assert service.asked == [(method, PASSWORD) for method in ("GET", "GET", "POST")]


def test_a_service_that_refuses(service: TokenService, tmp_path: Path) -> None:
    """Its status is told, its address without the query; a redirection is not followed."""
    asking = options(service, tmp_path)
    for status in (403, 500, 302):
        service.status, service.location = status, "https://127.0.0.1:1/elsewhere" if status == 302 else ""
        lost = refusal(**asking)
        assert (lost.code, lost.reached) == (status, True)
        host = service.url.split("/")[2]
        assert lost.reason == f"The token service at {host} answers HTTP {status}"
    assert len(service.asked) == 3


def test_a_service_that_is_not_there_or_not_trusted(service: TokenService, tmp_path: Path) -> None:
    """The network is to blame, or the certificate."""
    asking = options(service, tmp_path)
    assert "certificate" in refusal(**asking | {"ca_file": ""}).reason
    lost = refusal(**asking | {"token_url": "https://127.0.0.1:1/x"})
    assert lost.reason == "The token service at 127.0.0.1:1 cannot be reached (Connection refused)"
    assert not lost.reached
