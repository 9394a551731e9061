"""One spelling for what clients write in two.

The SDK mixes snake_case and camelCase at several depths and writes URL-safe base64; raw clients write camelCase and
standard base64. The server takes all of it: everything here turns either into camelCase keys and plain bytes.
"""

import base64
import binascii
from functools import lru_cache
from typing import Any, Final

import msgspec

from lived_workers.simulator.closes import Close, ProtocolViolationError, invalid_value

OPAQUE: Final = frozenset(
    {
        "args",
        "labels",
        "parameters",
        "parametersJsonSchema",
        "response",
        "responseJsonSchema",
        "responseSchema",
    }
)
"""Keys (canonical) whose value belongs to the caller: what is inside keeps its spelling."""

_URL_SAFE = str.maketrans("-_", "+/")
_NOT_JSON = Close(1007, "Invalid JSON payload received. Unexpected token.")
_NOT_AN_OBJECT = Close(1007, "Invalid JSON payload received. Root element must be a message.")


@lru_cache(maxsize=1024)  # a client that sends ever new keys must not grow this without end
def camel(key: str) -> str:
    """`mime_type` -> `mimeType`; a key without underscores comes back unchanged."""
    first, *rest = key.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def normalise(value: Any) -> Any:
    """`value` (decoded JSON) with every key in camelCase, except inside OPAQUE keys."""
    if isinstance(value, dict):
        return {
            name: inner if name in OPAQUE else normalise(inner)
            for name, inner in ((camel(key), inner) for key, inner in value.items())
        }
    if isinstance(value, list):
        return [normalise(item) for item in value]
    return value


def parse(raw: str | bytes) -> dict[str, Any]:
    """A client frame, text or binary, as a normalised object.

    Raises ProtocolViolationError (1007) for what is not one JSON object.
    """
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ProtocolViolationError(_NOT_JSON) from error
    if not isinstance(value, dict):
        raise ProtocolViolationError(_NOT_AN_OBJECT)
    try:
        result: dict[str, Any] = normalise(value)
    except RecursionError as error:
        raise ProtocolViolationError(_NOT_JSON) from error
    return result


def decode_base64(text: object, at: str) -> bytes:
    """The bytes behind `text` in either alphabet, padded or not; `at` is the field for the error.

    Raises ProtocolViolationError (1007). The stdlib's default would drop `-` and `_` silently and so corrupt the sound.
    """
    if not isinstance(text, str):
        raise ProtocolViolationError(invalid_value(at, "TYPE_BYTES", f"{type(text).__name__} is not a string"))
    standard = text.translate(_URL_SAFE)
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        reason = invalid_value(at, "TYPE_BYTES", f'Base64 decoding failed for "{text[:40]}"')
        raise ProtocolViolationError(reason) from error
