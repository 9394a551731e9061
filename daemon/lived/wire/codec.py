"""Events and orders to two frames (topic, JSON) and back. One error for everything that is wrong."""

import msgspec

from lived.errors import WireError
from lived.wire.events import AnyEvent, Event, topic_of
from lived.wire.orders import AnyOrder, Order, order_topic

MAX_JSON_BYTES = 65_536
"""A transcript of 10 kB is the longest thing anyone says."""

_encoder = msgspec.json.Encoder()
_events: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_orders: msgspec.json.Decoder[AnyOrder] = msgspec.json.Decoder(AnyOrder)


def encode_event(event: Event) -> list[bytes]:
    """Topic and JSON of one event."""
    return [topic_of(event), _encoder.encode(event)]


def encode_order(worker: str, order: Order) -> list[bytes]:
    """Topic and JSON of an order to one worker."""
    return [order_topic(worker), _encoder.encode(order)]


def _body(frames: list[bytes]) -> bytes:
    if len(frames) != 2:
        raise WireError(f"An event has 2 frames, this one has {len(frames)}.")
    if len(frames[1]) > MAX_JSON_BYTES:
        raise WireError(f"An event of {len(frames[1])} bytes; the limit is {MAX_JSON_BYTES}.")
    return frames[1]


def decode_event(frames: list[bytes]) -> AnyEvent:
    """Parse one event.

    Raises:
        WireError: wrong number of frames, not JSON, unknown type, wrong field type, topic of another type.
    """
    body = _body(frames)
    try:
        event = _events.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"Not an event: {error}") from error
    if frames[0] != topic_of(event):
        raise WireError(f"Topic {frames[0][:32]!r} does not carry {type(event).__name__}.")
    return event


def decode_order(frames: list[bytes]) -> AnyOrder:
    """Parse one order.

    Raises:
        WireError: as for events.
    """
    body = _body(frames)
    try:
        return _orders.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"Not an order: {error}") from error
