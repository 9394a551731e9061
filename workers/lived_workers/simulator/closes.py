"""How the Live API ends a connection: never with JSON, always with a close code and a reason of at most 123 bytes."""

from typing import Final

import msgspec

REASON_LIMIT: Final = 123
"""Bytes: a WebSocket control frame holds 125, two of which are the code."""


class Close(msgspec.Struct, frozen=True):
    """One close: `code` as of RFC 6455, `reason` in the server's wording."""

    code: int
    reason: str = ""

    @property
    def cut_reason(self) -> str:
        """The reason as it fits into a close frame, cut between characters."""
        return self.reason.encode()[:REASON_LIMIT].decode(errors="ignore")


class ProtocolViolationError(Exception):
    """The client sent what the Live API would not take; `close` is the answer."""

    def __init__(self, close: Close) -> None:
        super().__init__(f"{close.code} {close.reason}")
        self.close = close


INVALID_ARGUMENT = Close(1007, "Request contains an invalid argument.")
UNREGISTERED = Close(
    1008,
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other"
    " form of API consumer identity to call this API.",
)
BAD_KEY = Close(1008, "API key not valid. Please pass a valid API key.")
INTERNAL = Close(1011, "Internal error encountered.")
UNAVAILABLE = Close(1011, "The service is currently unavailable.")
DEADLINE = Close(1011, "Deadline expired before operation could complete.")
GOING_AWAY = Close(1001, "going away")
ABORTED = Close(1008, "The operation was aborted.")
NOT_ENABLED = Close(1008, "Operation is not implemented, or supported, or enabled.")
CONTEXT_EXHAUSTED = Close(1007, "The input token count exceeds the maximum number of tokens allowed for the model.")
QUOTA = Close(1011, "You exceeded your current quota, please check your plan and billing details")
TOKEN_SPENT = Close(1011, "Token has been used too many times")
TOKEN_EXPIRED = Close(1011, "auth token has expired")


def unknown_name(name: str, at: str = "") -> Close:
    """The close for a field that the API does not know, `at` naming the message that holds it (\"\" for the top)."""
    where = f" at '{at}'" if at else ""
    return Close(1007, f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.')


def invalid_value(at: str, kind: str, detail: str) -> Close:
    """The close for a value of the wrong type."""
    return Close(1007, f"Invalid value at '{at}' ({kind}), {detail}")


def model_not_found(model: str, version: str) -> Close:
    """The close for a model that does not exist or is not a Live model."""
    return Close(
        1008,
        f"{model} is not found for API version {version}, or is not supported for bidiGenerateContent."
        " Call ListModels to see the list of available models and their supported methods.",
    )
