"""HTTP requests beside the WebSocket: read in pieces, refused with a status, never fatal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived_workers.simulator.plain_http import (
    MOST_BODY_BYTES,
    MOST_HEAD_BYTES,
    Answer,
    HttpError,
    encode,
    error_body,
    phrase,
    read_head,
)

POST = b"POST /v1beta/auth_tokens?key=K HTTP/1.1\r\nHost: x\r\nX-Goog-Api-Key:  K \r\nContent-Length: 2\r\n\r\n{}"


def test_a_request_in_any_pieces() -> None:
    """Nothing is known before the blank line; then everything is, names in lower case, values stripped."""
    end = POST.index(b"{}")
    assert all(read_head(POST[:at]) is None for at in range(end))
    head = read_head(POST)
    assert head is not None
    assert (head.method, head.target, head.size) == ("POST", "/v1beta/auth_tokens?key=K", end)
    assert head.headers == {"host": "x", "x-goog-api-key": "K", "content-length": "2"}
    assert head.body_bytes == 2
    assert not head.upgrades


@pytest.mark.parametrize(
    ("line", "upgrades"),
    [("GET / HTTP/1.1\r\nUpgrade: WebSocket", True), ("POST / HTTP/1.1\r\nUpgrade: websocket", False)],
)
def test_what_a_handshake_is(line: str, upgrades: bool) -> None:
    """A GET that asks for the upgrade, in any case."""
    head = read_head(f"{line}\r\n\r\n".encode())
    assert head is not None
    assert head.upgrades is upgrades


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"hello\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/2\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"x" * (MOST_HEAD_BYTES + 1), 431),
        (b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (f"POST / HTTP/1.1\r\nContent-Length: {MOST_BODY_BYTES + 1}\r\n\r\n".encode(), 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
    ],
)
def test_what_is_refused(data: bytes, status: int) -> None:
    """No HTTP, too long, or of unknown length: a status and a sentence."""
    with pytest.raises(HttpError) as caught:
        head = read_head(data)
        assert head is not None
        _ = head.body_bytes
    assert caught.value.answer.status == status
    assert caught.value.answer.body["error"]["message"]


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """A head, not yet a head, or the one error."""
    try:
        read_head(data + b"\r\n\r\n")
    except HttpError as error:
        assert error.answer.status in {400, 431}


@given(st.integers(400, 599))
def test_an_answer_is_whole(status: int) -> None:
    """Its length is that of its body, whether HTTP has words for the status or not."""
    head, _, body = encode(Answer(status, error_body(status, phrase(status)))).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
