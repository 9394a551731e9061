"""decode(encode(m)) = m; arbitrary bytes decode or raise the one error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived.errors import WireError
from lived.wire import (
    Chunk,
    Reply,
    Request,
    decode_chunk,
    decode_event,
    decode_order,
    decode_reply,
    decode_request,
    encode,
    encode_event,
    encode_order,
    header_of,
)
from lived.wire.chunk import HEADER, MAX_PCM_BYTES
from lived.wire.door import MAX_REQUEST_BYTES
from lived.wire.events import Cut, Event
from lived.wire.orders import Order
from wire.strategies import EVENTS, ORDERS, chunks

FRAMES = st.lists(st.binary(max_size=60) | st.just(b"mic/") | st.just(b"cut/") | st.just(b"{}"), max_size=4)


@given(chunks())
def test_a_chunk_comes_back_as_it_was(chunk: Chunk) -> None:
    """Header and PCM carry everything a chunk is."""
    assert decode_chunk([chunk.stream.topic, header_of(chunk), chunk.pcm]) == chunk


@given(EVENTS)
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    """Every field of every event survives the wire."""
    assert decode_event(encode_event(event)) == event


@given(ORDERS)
def test_an_order_comes_back_as_it_was(order: Order) -> None:
    """Every field of every order survives the wire."""
    assert decode_order(encode_order("gateway", order)) == order


@given(FRAMES)
def test_garbage_raises_the_one_error(frames: list[bytes]) -> None:
    """Whatever arrives, decoding returns a message or raises WireError, nothing else."""
    for decode in (decode_chunk, decode_event, decode_order):
        try:
            decode(frames)
        except WireError as error:
            assert str(error)


@given(st.binary(max_size=300))
def test_garbage_at_the_door_raises_the_one_error(body: bytes) -> None:
    """Requests and replies from outside are parsed or refused by type."""
    for decode in (decode_request, decode_reply):
        try:
            decode(body)
        except WireError as error:
            assert str(error)


@given(st.binary(min_size=HEADER.size, max_size=HEADER.size), st.integers(0, 8))
def test_a_header_of_garbage_is_refused_or_consistent(header: bytes, size: int) -> None:
    """A random header never yields a chunk with torn frames."""
    try:
        chunk = decode_chunk([b"mic/", header, bytes(size)])
    except WireError:
        return
    assert chunk.frames * chunk.channels * 2 == size


def test_what_is_too_long_is_refused() -> None:
    """Every length from the wire has a maximum."""
    header = HEADER.pack(1, 1, 1, 0, 16_000, 0, 0, 0, 0)
    with pytest.raises(WireError, match="whole frames"):
        decode_chunk([b"mic/", header, bytes(MAX_PCM_BYTES + 2)])
    with pytest.raises(WireError, match="limit"):
        decode_event([b"cut/", b" " * 70_000])
    with pytest.raises(WireError, match="limit"):
        decode_request(b" " * (MAX_REQUEST_BYTES + 1))


def test_an_event_under_a_foreign_topic_is_refused() -> None:
    """A subscriber to one topic cannot be handed another type."""
    body = encode_event(Cut(turn=1, cause="user", time=0))[1]  # type: ignore[arg-type]
    with pytest.raises(WireError, match="does not carry"):
        decode_event([b"floor/", body])


def test_deep_nesting_is_refused_not_fatal() -> None:
    """A body that nests for ever does not exhaust the stack."""
    with pytest.raises(WireError):
        decode_request(b'{"op":"x","args":{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}}")


def test_unknown_fields_are_ignored() -> None:
    """A newer sender is understood."""
    event = decode_event([b"cut/", b'{"type":"cut","turn":3,"cause":"user","time":1,"mood":"new"}'])
    assert event == Cut(turn=3, cause="user", time=1)  # type: ignore[arg-type]


def test_another_door_version_is_refused() -> None:
    """Versions are compared, not assumed."""
    with pytest.raises(WireError, match="version 2"):
        decode_request(b'{"v":2,"op":"status"}')


def test_door_messages_come_back_as_they_were() -> None:
    """Requests and replies survive the wire."""
    request = Request(op="volume", args={"percent": 60})
    reply = Reply(ok=True, result={"percent": 60})
    assert decode_request(encode(request)) == request
    assert decode_reply(encode(reply)) == reply
