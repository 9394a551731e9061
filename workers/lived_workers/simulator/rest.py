"""The REST methods beside the WebSocket: minting tokens, listing models. Pure; time is a parameter."""

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from lived_workers.simulator.closes import BAD_KEY, UNREGISTERED, ProtocolViolationError
from lived_workers.simulator.normalise import parse
from lived_workers.simulator.plain_http import Answer, Head, HttpError
from lived_workers.simulator.tokens import Tokens
from lived_workers.simulator.upgrade import TOKEN_PREFIX, Credential, credentials_of, path_of

LIVE: Final = "bidiGenerateContent"
DEFAULT_PAGE: Final = 50
MOST_PAGE: Final = 1000
_OTHER: Final = ("generateContent", "countTokens")
_MODELS: Final[tuple[tuple[str, str, int, int, tuple[str, ...]], ...]] = (
    ("gemini-3.8-live", "Gemini 3.8 Live", 131_072, 65_536, (LIVE,)),
    ("gemini-3.8-live-extended-thinking", "Gemini 3.8 Live Extended Thinking", 131_072, 65_536, (LIVE,)),
    ("gemini-3.1-flash-live-preview", "Gemini 3.1 Flash Live Preview", 131_072, 65_536, (LIVE,)),
    (
        "gemini-2.5-flash-native-audio-preview-12-2025",
        "Gemini 2.5 Flash Native Audio Preview 12-2025",
        131_072,
        8_192,
        ("countTokens", LIVE),
    ),
    ("gemini-2.5-flash", "Gemini 2.5 Flash", 1_048_576, 65_536, _OTHER),
    ("gemini-embedding-001", "Gemini Embedding 001", 2_048, 1, ("embedContent", "countTokens")),
)
"""Id, display name, limits in tokens, methods: the Live ones that the stand-in plays, and two that it does not."""


class Asked(msgspec.Struct, frozen=True):
    """One request, its credential looked at; `now` in s of the monotonic clock, `wall` (aware) the same moment."""

    parts: tuple[str, ...]
    query: Mapping[str, str]
    body: bytes
    now: float
    wall: datetime.datetime


Method = Callable[["Rest", Asked], dict[str, Any]]


class Rest:
    """Answers requests. Owned by the event loop."""

    def __init__(self, tokens: Tokens, key: str | None) -> None:
        """`key` is the one that is taken; None takes any."""
        self._tokens, self._key = tokens, key

    def answer(self, head: Head, body: bytes, now: float, wall: datetime.datetime) -> Answer:
        """The answer to a whole request. Never raises for what a client sent."""
        try:
            return self._answer(head, body, now, wall)
        except HttpError as error:
            return error.answer

    def _answer(self, head: Head, body: bytes, now: float, wall: datetime.datetime) -> Answer:
        route = route_of(head.method, head.target)
        if route is None:
            raise HttpError(404, "Method not found.")
        check_key(credentials_of(head.target, head.headers), self._key)
        match = route.path.fullmatch(path_of(head.target))
        query = {name: values[0] for name, values in parse_qs(head.target.partition("?")[2]).items()}
        asked = Asked(match.groups() if match else (), query, body, now, wall)
        return Answer(200, route.method(self, asked))

    def mint(self, asked: Asked) -> dict[str, Any]:
        """POST auth_tokens."""
        try:
            request = parse(asked.body or b"{}")
        except ProtocolViolationError as violation:
            raise HttpError(400, violation.close.reason) from violation
        return {"name": self._tokens.mint(request, asked.now, asked.wall)}

    def models(self, asked: Asked) -> dict[str, Any]:
        """GET models, page by page; a page's token is the number of its first model."""
        size = _number(asked.query.get("pageSize", "0"), "page_size") or DEFAULT_PAGE
        first = _number(asked.query.get("pageToken", "0"), "page_token")
        last = first + min(size, MOST_PAGE)
        page: dict[str, Any] = {"models": [_described(*model) for model in _MODELS[first:last]]}
        return page | ({"nextPageToken": str(last)} if last < len(_MODELS) else {})

    def model(self, asked: Asked) -> dict[str, Any]:
        """GET models/ID."""
        (name,) = asked.parts
        found = [model for model in _MODELS if model[0] == name]
        if not found:
            raise HttpError(404, f"Model is not found: models/{name} for api version v1beta")
        return _described(*found[0])


class Route(msgspec.Struct, frozen=True):
    """One method; `name` is what the journal calls it, since a path may hold a token."""

    name: str
    verb: str
    path: re.Pattern[str]
    method: Method


ROUTES: Final = (
    Route("auth_tokens", "POST", re.compile(r"/(?:v1|v1beta|v1alpha)/auth_tokens"), Rest.mint),
    Route("models", "GET", re.compile(r"/(?:v1|v1beta|v1alpha)/models"), Rest.models),
    Route("model", "GET", re.compile(r"/(?:v1|v1beta|v1alpha)/models/([^/]+)"), Rest.model),
)


def route_of(verb: str, target: str) -> Route | None:
    """The method behind a request line, None where there is none (404)."""
    path = path_of(target)
    return next((route for route in ROUTES if route.verb == verb and route.path.fullmatch(path)), None)


def check_key(shown: list[Credential], key: str | None) -> None:
    """Raises HttpError: 403 without a credential, 401 for a token (it opens sessions only), 400 for a wrong key."""
    if not shown:
        raise HttpError(403, UNREGISTERED.reason)
    credential = shown[0]
    if credential.kind.startswith("token") or credential.value.startswith(TOKEN_PREFIX):
        message = "Request had invalid authentication credentials. Ephemeral tokens can only be used with the Live API."
        raise HttpError(401, message, "ACCESS_TOKEN_TYPE_UNSUPPORTED")
    if not credential.matches(key):
        if credential.kind == "bearer":
            raise HttpError(401, "Request had invalid authentication credentials.", "ACCESS_TOKEN_INVALID")
        raise HttpError(400, BAD_KEY.reason, "API_KEY_INVALID")


def _number(told: str, field: str) -> int:
    if not (told.isascii() and told.isdecimal() and len(told) < 10):
        raise HttpError(400, f"Invalid value at '{field}' (TYPE_INT32).")
    return int(told)


def _described(
    name: str, display_name: str, input_tokens: int, output_tokens: int, methods: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "name": f"models/{name}",
        "version": "001",
        "displayName": display_name,
        "inputTokenLimit": input_tokens,
        "outputTokenLimit": output_tokens,
        "supportedGenerationMethods": list(methods),
    }
