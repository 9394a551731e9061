"""From what a tool gave to what the model is told. Pure.

A model that gets nothing back calls again (gemini-3.8 up to five times), so nothing is never what it gets.
"""

from typing import Any

import msgspec

from lived_workers.tools.tool import Response

ANSWER_BYTES = 49_152
"""Longest answer as JSON. An event has 65,536 bytes at most; the rest is room for its other fields, and for what
escaping adds to them."""

NOTHING = "Done. There is nothing to report."
CUT_OFF = "The answer was longer; the rest is cut off."


def result(value: Any) -> Response:
    """The response for ``value``; says so when there is nothing in it."""
    return fitted({"result": NOTHING if value is None or value in ("", [], {}) else value})


def error(sentence: str) -> Response:
    """The response for a failure."""
    return fitted({"error": sentence})


def is_error(response: Response) -> bool:
    """Whether the model is told of a failure."""
    return "error" in response


def from_value(value: Any) -> Response:
    """As ``result``; an object that already is a response (``result`` or ``error`` and nothing else) stays as it is."""
    if isinstance(value, dict) and len(value) == 1:
        if isinstance(value.get("error"), str) and value["error"]:
            return error(value["error"])
        if "result" in value:
            return result(value["result"])
    return result(value)


def from_output(output: bytes, cut_off: bool) -> Response:
    """The response for what a program wrote: JSON where it is JSON, else text."""
    text = output.decode("utf-8", "replace").strip()
    if cut_off:
        return _shortened(text)
    try:
        return from_value(msgspec.json.decode(text))
    except (msgspec.DecodeError, RecursionError):
        return result(text)


def fitted(response: Response) -> Response:
    """``response``, or the beginning of it where it does not fit into an event."""
    try:
        encoded = msgspec.json.encode(response)
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as problem:
        return {"error": f"The tool gave an answer that cannot be passed on: {str(problem)[:200]}."}
    if len(encoded) <= ANSWER_BYTES:
        return response
    ((key, value),) = response.items()
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return _shortened(text, key)


def _shortened(text: str, key: str = "result") -> Response:
    # escaping makes a character six bytes long at most, as does UTF-8 with four
    while len(msgspec.json.encode(text)) > ANSWER_BYTES - len(CUT_OFF) - 64:
        text = text[: len(text) * 3 // 4]
    return {key: text, "note": CUT_OFF}
