"""Where ephemeral tokens come from: an address, a program, a file. None of it is ever quoted: it may be a secret."""

import asyncio
import contextlib
import os
import re
import signal
import ssl
from datetime import datetime
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, Request, build_opener

import msgspec

from lived.config import Live
from lived_workers.gateway.closing import Cause, LinkLostError
from lived_workers.gateway.headers import headers_of
from lived_workers.gateway.tokens import Source, Token

TIMEOUT_S = 10.0
MOST_BYTES = 65_536
"""Of an answer. Tokens have some hundred characters; a constrained one's description is not part of it."""

_TOKEN = re.compile(r"auth_tokens/[\x21-\x7e]{1,4096}")
_METHODS = ("GET", "POST")
_NOT_ALLOWED = 405


class _Answer(msgspec.Struct, frozen=True):
    """As the Live API gives a token, and as services of one's own may."""

    name: str = ""
    token: str = ""
    expire_time: str = msgspec.field(default="", name="expireTime")


def source_of(live: Live) -> Source | None:
    """The configured one, None when there is none: then a key is needed."""
    if live.token_url:
        return lambda: from_url(live)
    if live.token_command:
        return lambda: from_command(live.token_command)
    if live.token_file:
        return lambda: from_file(live.token_file)
    return None


async def from_url(live: Live) -> Token:
    """What the service at ``live.token_url`` answers. Raises LinkLostError."""
    place = f"The token service at {urlsplit(live.token_url).netloc}"
    try:
        async with asyncio.timeout(TIMEOUT_S):
            # the thread ends by itself soon after: each of its steps has the same limit
            data = await asyncio.to_thread(_fetch, live)
    except HTTPError as error:
        with error:
            raise _no_token(f"{place} answers HTTP {error.code}", error.code) from None
    except (OSError, HTTPException) as error:
        raise _no_token(f"{place} cannot be reached ({_why(error)})") from None
    return parse(data, place)


async def from_command(command: tuple[str, ...]) -> Token:
    """What a program prints. Its complaints go to the log as they are. Raises LinkLostError."""
    place = f"The token program {command[0]}"
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        raise _no_token(f"{place} cannot be started ({error.strerror})") from None
    try:
        async with asyncio.timeout(TIMEOUT_S):
            data = await _all_of(process)
            code = await process.wait()
    except TimeoutError:
        raise _no_token(f"{place} took longer than {TIMEOUT_S:g} s") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with all that it started
        await process.wait()
    if code:
        raise _no_token(f"{place} failed with exit code {code}")
    return parse(data, place)


async def from_file(path: str) -> Token:
    """What stands in a file by now. Raises LinkLostError."""
    place = f"The token file {path}"
    try:
        data = await asyncio.to_thread(_read, Path(path))
    except OSError as error:
        raise _no_token(f"{place} cannot be read ({error.strerror})") from None
    return parse(data, place)


def parse(data: bytes, place: str) -> Token:
    """A token from plain text, or from JSON with ``name`` or ``token`` and perhaps ``expireTime`` (RFC 3339).

    Raises:
        LinkLostError: there is none in ``data``. What there is, is not told.
    """
    text = data[:MOST_BYTES].decode("latin-1").strip()
    answer = _Answer(name=text)
    if text.startswith("{"):
        try:
            answer = msgspec.json.decode(data, type=_Answer)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            answer = _Answer()
    value = answer.name or answer.token
    if len(data) > MOST_BYTES or not _TOKEN.fullmatch(value):
        raise _no_token(f"{place} gives no token (auth_tokens/...)")
    return Token(value, _seconds(answer.expire_time))


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _fetch(live: Live) -> bytes:
    """GET, and POST where that is refused. Redirections are not followed: headers are for this service alone."""
    headers = headers_of(live)
    opener = _opener(live.ca_file)
    for method in _METHODS:
        request = Request(live.token_url, method=method, headers=headers, data=b"" if method == "POST" else None)  # noqa: S310 - https, as checked on loading
        try:
            with opener.open(request, timeout=TIMEOUT_S) as answer:
                return bytes(answer.read(MOST_BYTES + 1))
        except HTTPError as error:
            if error.code != _NOT_ALLOWED or method == _METHODS[-1]:
                raise
            error.close()
    raise AssertionError("the last method returns or raises")


class _NoRedirection(HTTPRedirectHandler):
    """What would be a redirection is an answer like any other."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """None."""


def _opener(ca_file: str) -> OpenerDirector:
    certificates = ssl.create_default_context()
    if ca_file:
        certificates.load_verify_locations(ca_file)
    return build_opener(HTTPSHandler(context=certificates), _NoRedirection())


async def _all_of(process: asyncio.subprocess.Process) -> bytes:
    """Its output, or as much of it as is too much."""
    assert process.stdout is not None  # noqa: S101  (PIPE was asked for)
    data = b""
    while len(data) <= MOST_BYTES and (piece := await process.stdout.read(MOST_BYTES)):
        data += piece
    if len(data) > MOST_BYTES:
        process.kill()
    return data


def _seconds(moment: str) -> float:
    try:
        return datetime.fromisoformat(moment).timestamp() if moment else 0.0
    except ValueError:
        return 0.0


def _why(error: Exception) -> str:
    inner: Any = error.reason if isinstance(error, URLError) else error
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"certificate: {inner.verify_message}"
    if isinstance(inner, TimeoutError):
        return "no answer in time"
    return getattr(inner, "strerror", None) or type(inner).__name__


def _no_token(sentence: str, code: int = 0) -> LinkLostError:
    return LinkLostError(Cause.TOKEN, code, sentence)
