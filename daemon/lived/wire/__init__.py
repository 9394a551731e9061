"""What goes over the wire, and its codec: docs/protocol.md as types. Pure: bytes in, messages out."""

from lived.wire.chunk import (
    FLAG_MEANT,
    FLAG_MUTED,
    FLAG_OVERFLOW,
    Chunk,
    Stream,
    decode_chunk,
    encode_header,
    header_of,
)
from lived.wire.codec import decode_event, decode_order, encode_event, encode_order
from lived.wire.door import Failure, Reply, Request, decode_reply, decode_request, encode

__all__ = [
    "FLAG_MEANT",
    "FLAG_MUTED",
    "FLAG_OVERFLOW",
    "Chunk",
    "Failure",
    "Reply",
    "Request",
    "Stream",
    "decode_chunk",
    "decode_event",
    "decode_order",
    "decode_reply",
    "decode_request",
    "encode",
    "encode_event",
    "encode_header",
    "encode_order",
    "header_of",
]
