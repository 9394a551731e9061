"""Whatever the SDK, its WebSocket, its HTTP client or a socket raises, as one error in our words. Without the key."""

import socket
import ssl
from collections.abc import Callable
from typing import Any

import httpx2
from google.auth.exceptions import GoogleAuthError, TransportError
from google.genai import errors
from websockets.exceptions import (
    InvalidHandshake,
    InvalidMessage,
    InvalidProxyStatus,
    InvalidStatus,
    ProxyError,
    WebSocketException,
)

from lived_workers.gateway.closing import Cause, LinkLostError


def lost_by(error: Exception, key: str) -> LinkLostError:
    """``error`` of SDK, WebSocket or socket in our own words, without ``key``."""
    cause, code, reason = _cause_of(error)
    return LinkLostError(cause, code, reason.replace(key, "[hidden]") if key else reason)


def _cause_of(error: Exception) -> tuple[Cause, int, str]:
    for kind, judged in _JUDGES:
        if isinstance(error, kind):
            return judged(error)
    return Cause.GARBAGE, 0, type(error).__name__


def _cause_of_api(error: errors.APIError) -> tuple[Cause, int, str]:
    code = error.code if isinstance(error.code, int) else 0
    return (Cause.CLOSED if code >= 1000 else Cause.HTTP), code, _reason_of(error)


def _cause_of_google_cloud(error: GoogleAuthError) -> tuple[Cause, int, str]:
    if isinstance(error, TransportError):
        return Cause.UNREACHABLE, 0, "no bearer token from Google Cloud"
    return Cause.ACCOUNT, 0, str(error.args[0]) if error.args else ""


def _cause_of_websocket(error: WebSocketException) -> tuple[Cause, int, str]:
    match error:
        case InvalidStatus():
            return Cause.HTTP, error.response.status_code, error.response.reason_phrase
        case InvalidProxyStatus() if error.response.status_code == 407:
            return Cause.HTTP, 407, ""
        case ProxyError() | InvalidMessage():
            return Cause.UNREACHABLE, 0, str(error)
        case InvalidHandshake():
            return Cause.GARBAGE, 0, str(error)
        case _:  # it ended while something was sent: the receiving side knows more
            return Cause.CLOSED, 1006, ""


def _cause_of_rest(error: httpx2.HTTPError) -> tuple[Cause, int, str]:
    """Behind what the SDK's HTTP client says stands an error of the socket, if it got so far."""
    inner: BaseException | None = error
    while inner is not None and not isinstance(inner, OSError):
        inner = inner.__cause__ or inner.__context__
    return _cause_of_socket(inner) if inner is not None else (Cause.UNREACHABLE, 0, type(error).__name__)


def _cause_of_socket(error: OSError) -> tuple[Cause, int, str]:
    match error:
        case TimeoutError():  # without words it is our own clock, and the connection was made
            return (Cause.UNREACHABLE, 0, "no answer") if error.args else (Cause.TIMEOUT, 0, "")
        case ConnectionRefusedError():
            return Cause.REFUSED, 0, ""
        case socket.gaierror():
            return Cause.NAME, 0, ""
        case ssl.SSLError():
            return Cause.CERTIFICATE, 0, getattr(error, "verify_message", None) or getattr(error, "reason", None) or ""
        case _:
            return Cause.UNREACHABLE, 0, error.strerror or type(error).__name__


def _reason_of(error: errors.APIError) -> str:
    """The close reason; for an error envelope its message."""
    details = error.details
    if isinstance(details, dict):
        inner = details.get("error", details)
        details = inner.get("message", "") if isinstance(inner, dict) else ""
    return str(details or error.message or "")


_JUDGES: tuple[tuple[type[Exception], Callable[[Any], tuple[Cause, int, str]]], ...] = (
    (errors.APIError, _cause_of_api),
    (GoogleAuthError, _cause_of_google_cloud),
    (WebSocketException, _cause_of_websocket),
    (httpx2.HTTPError, _cause_of_rest),
    (OSError, _cause_of_socket),
)
"""In this order; what nobody judges is garbage."""
