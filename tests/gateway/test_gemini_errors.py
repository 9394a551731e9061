"""Whatever SDK, WebSocket or socket raise becomes one error in our words, without the key."""

import socket
import ssl

import pytest
from google.genai import errors
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, InvalidHandshake, InvalidMessage, InvalidStatus
from websockets.frames import Close
from websockets.http11 import Response

from gateway.talk import SECRET
from lived_workers.gateway.causes import lost_by
from lived_workers.gateway.closing import Cause


def certificate_error() -> ssl.SSLCertVerificationError:
    """As OpenSSL raises it."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


CASES = [
    (errors.APIError(1007, "Request contains", None), Cause.CLOSED, 1007, "Request contains"),
    (errors.APIError(1000, None, None), Cause.CLOSED, 1000, ""),
    (errors.ClientError(429, {"code": 429, "message": "Too much", "status": "X"}, None), Cause.HTTP, 429, "Too much"),
    (errors.ServerError(503, {"error": {"code": 503, "message": "Busy"}}, None), Cause.HTTP, 503, "Busy"),
    (InvalidStatus(Response(403, "Forbidden", Headers())), Cause.HTTP, 403, "Forbidden"),
    (ConnectionClosedError(Close(1011, "x"), None), Cause.CLOSED, 1006, ""),
    (InvalidMessage("did not receive a valid HTTP response"), Cause.UNREACHABLE, 0, "did not receive"),
    (InvalidHandshake("odd"), Cause.GARBAGE, 0, "odd"),
    (TimeoutError(), Cause.TIMEOUT, 0, ""),
    (TimeoutError("timed out during opening handshake"), Cause.UNREACHABLE, 0, "no answer"),
    (ConnectionRefusedError(111, "Connection refused"), Cause.REFUSED, 0, ""),
    (socket.gaierror(-2, "Name or service not known"), Cause.NAME, 0, ""),
    (certificate_error(), Cause.CERTIFICATE, 0, "self-signed certificate"),
    (ssl.SSLError(1, "wrong version"), Cause.CERTIFICATE, 0, ""),
    (OSError(101, "Network is unreachable"), Cause.UNREACHABLE, 0, "Network is unreachable"),
    (ValueError("Failed to parse response"), Cause.GARBAGE, 0, "ValueError"),
]


@pytest.mark.parametrize(("error", "cause", "code", "reason"), CASES, ids=lambda value: type(value).__name__)
def test_each_error_has_its_cause(error: Exception, cause: Cause, code: int, reason: str) -> None:
    """By type, close code, HTTP status and words."""
    lost = lost_by(error, SECRET)
    assert (lost.cause, lost.code) == (cause, code)
    assert lost.reason.startswith(reason)


def test_the_key_is_in_no_error() -> None:
    """Even when the server repeats it."""
    lost = lost_by(errors.APIError(1008, f"bad key {SECRET}", None), SECRET)
    assert SECRET not in str(lost)
    assert SECRET not in lost.reason
