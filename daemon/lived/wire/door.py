"""Requests and replies at the control door: one JSON object each way (docs/protocol.md, "The door")."""

from typing import Any, Literal

import msgspec

from lived.errors import WireError

DOOR_VERSION = 1
MAX_REQUEST_BYTES = 65_536
MAX_SHOW_BYTES = 2_097_152
"""A request that brings an image: 1.4 MB, a third more in base64."""

FailureCode = Literal["bad_request", "unknown_op", "refused", "failed"]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One question. Unknown fields are ignored; an unknown ``op`` is answered with ``unknown_op``."""

    op: str
    v: int = DOOR_VERSION
    args: dict[str, Any] = {}


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request was not carried out."""

    code: FailureCode
    text: str
    """One sentence: what happened, what to do next."""


class Reply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``result`` when ``ok``, else ``error``."""

    ok: bool
    v: int = DOOR_VERSION
    result: dict[str, Any] = {}
    error: Failure | None = None


_requests = msgspec.json.Decoder(Request)
_replies = msgspec.json.Decoder(Reply)


def encode(message: Request | Reply) -> bytes:
    """JSON of a request or a reply."""
    return msgspec.json.encode(message)


def decode_request(body: bytes) -> Request:
    """Parse a request.

    Raises:
        WireError: too long, not JSON, wrong types, another version.
    """
    long = len(body) > MAX_REQUEST_BYTES
    too_long = WireError(f"A request of {len(body)} bytes; the limit is {MAX_REQUEST_BYTES}.")
    if len(body) > MAX_SHOW_BYTES:
        raise too_long
    try:
        request = _requests.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise too_long if long else WireError(f"Not a request: {error}") from error
    if long and request.op != "show":
        raise too_long
    if request.v != DOOR_VERSION:
        raise WireError(f"Door version {request.v}; this daemon speaks {DOOR_VERSION}.")
    return request


def decode_reply(body: bytes) -> Reply:
    """Parse a reply.

    Raises:
        WireError: not JSON, wrong types.
    """
    try:
        return _replies.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"Not a reply: {error}") from error
