"""HTTP/1.1 requests that are no WebSocket handshake: bytes to values and back. Pure.

One request a connection (`Connection: close`), bodies by Content-Length only: what every REST client can do, and all
that the two REST methods of the stand-in need.
"""

import http
from collections.abc import Mapping
from typing import Any, Final

import msgspec

MOST_HEAD_BYTES: Final = 32 * 1024
"""Request line and headers; a key, a token and a user agent are some 500 bytes."""
MOST_BODY_BYTES: Final = 1 << 20
"""A token request with a long system instruction is some 10 kB."""
_END_OF_HEAD: Final = b"\r\n\r\n"
_STATUS_NAMES: Final[Mapping[int, str]] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""google.rpc.Code by HTTP status."""


class Head(msgspec.Struct, frozen=True):
    """Request line and headers; names in lower case, `size` in bytes as received."""

    method: str
    target: str
    headers: Mapping[str, str]
    size: int

    @property
    def upgrades(self) -> bool:
        """Whether this is the handshake of a WebSocket."""
        return self.method == "GET" and self.headers.get("upgrade", "").lower() == "websocket"

    @property
    def body_bytes(self) -> int:
        """Length of the body. Raises HttpError when it is not told, or too much."""
        if "transfer-encoding" in self.headers:
            raise HttpError(411, "Send a Content-Length.")
        told = self.headers.get("content-length", "0")
        if not (told.isascii() and told.isdecimal()):
            raise HttpError(400, "The Content-Length is no number.")
        if int(told) > MOST_BODY_BYTES:
            raise HttpError(413, "The request is too large.")
        return int(told)


class Answer(msgspec.Struct, frozen=True):
    """What is sent back: `body` as JSON."""

    status: int
    body: dict[str, Any]


class HttpError(Exception):
    """The request is refused; `answer` says why, as Google's REST does."""

    def __init__(self, status: int, message: str, reason: str | None = None) -> None:
        super().__init__(f"{status} {message}")
        self.answer = Answer(status, error_body(status, message, reason))


def error_body(status: int, message: str, reason: str | None = None) -> dict[str, Any]:
    """Google's JSON form of an error; `reason` is that of a google.rpc.ErrorInfo (API_KEY_INVALID ...)."""
    error: dict[str, Any] = {"code": status, "message": message, "status": _STATUS_NAMES.get(status, "UNKNOWN")}
    if reason is not None:
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        error["details"] = [{"@type": kind, "reason": reason, "domain": "googleapis.com"}]
    return {"error": error}


def phrase(status: int) -> str:
    """The words for a status; the number where HTTP has none."""
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return str(status)


def read_head(data: bytes) -> Head | None:
    """The head at the beginning of `data`, None while it is incomplete. Raises HttpError for what is no HTTP."""
    end = data.find(_END_OF_HEAD)
    if end < 0:
        if len(data) > MOST_HEAD_BYTES:
            raise HttpError(431, "The headers are too large.")
        return None
    first, *lines = data[:end].decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise HttpError(400, "This is no HTTP/1.1 request.")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise HttpError(400, "A header has no colon.")
        headers[name.strip().lower()] = value.strip()
    return Head(words[0], words[1], headers, end + len(_END_OF_HEAD))


def encode(answer: Answer) -> bytes:
    """The bytes of an answer, after which the connection is closed."""
    body = msgspec.json.format(msgspec.json.encode(answer.body), indent=2) + b"\n"
    head = (
        f"HTTP/1.1 {answer.status} {phrase(answer.status)}\r\nContent-Type: application/json; charset=UTF-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
