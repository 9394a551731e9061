"""Ephemeral tokens: minted over REST, shown on the constrained path. Pure; time is a parameter.

A token counts fresh sessions (resuming is free), ends sessions when it expires, and may pin the setup. Times of a token
are told by the wall clock and kept on the caller's monotonic clock, on which `time_scale` seconds pass in one.
"""

import datetime
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from lived_workers.simulator import client_messages as said
from lived_workers.simulator.closes import Close, ProtocolViolationError
from lived_workers.simulator.normalise import camel
from lived_workers.simulator.plain_http import HttpError
from lived_workers.simulator.setup_rules import SETUP_FIELDS

LIFETIME: Final = datetime.timedelta(minutes=30)
NEW_SESSION_LIFETIME: Final = datetime.timedelta(seconds=60)
LONGEST_LIFETIME: Final = datetime.timedelta(hours=20)
MOST_TOKENS: Final = 4096
"""A day's tests; the oldest goes first. Some 200 bytes each beside the pinned setup."""

SPENT = Close(1011, "Token has been used too many times")
EXPIRED = Close(1011, "Token has expired")
EXPIRED_MEANWHILE = Close(1011, "auth token has expired")
_FIELDS: Final = frozenset({"expireTime", "newSessionExpireTime", "uses", "bidiGenerateContentSetup", "fieldMask"})


class Token(msgspec.Struct):
    """One token; times in s of the caller's monotonic clock. Its name is a secret and not kept here."""

    expires: float
    new_sessions_until: float
    uses: int
    """0 = any number."""
    pinned: dict[str, Any] | None = None
    """The setup, normalised, that takes the place of the client's."""
    mask: tuple[tuple[str, ...], ...] = ()
    """Paths of the pinned fields; empty = all of the setup."""
    used: int = 0

    def admit(self, now: float, setup: said.Setup) -> said.Setup:
        """The setup that counts for a session that begins or is resumed with this token.

        Raises ProtocolViolationError (1011): expired, or spent.
        """
        resumed = bool(_handle(setup.body))
        if now >= self.expires or (not resumed and now >= self.new_sessions_until):
            raise ProtocolViolationError(EXPIRED)
        if not resumed:
            if self.uses and self.used >= self.uses:
                raise ProtocolViolationError(SPENT)
            self.used += 1
        return said.Setup(self._effective(setup.body))

    def _effective(self, asked: dict[str, Any]) -> dict[str, Any]:
        if self.pinned is None:
            return asked
        if not self.mask:
            # replaced, not merged; which session it is remains the client's affair
            resumption = {name: asked[name] for name in ("sessionResumption",) if name in asked}
            return {**self.pinned, **resumption}
        effective = asked
        for path in self.mask:
            effective = _with(effective, path, self.pinned)
        return effective


def _handle(body: Mapping[str, Any]) -> object:
    resumption = body.get("sessionResumption")
    return resumption.get("handle") if isinstance(resumption, Mapping) else None


def _with(setup: dict[str, Any], path: tuple[str, ...], pinned: object) -> dict[str, Any]:
    """`setup` with what `pinned` has at `path`, or without it where `pinned` has nothing there."""
    name, *rest = path
    theirs = pinned.get(name) if isinstance(pinned, Mapping) else None
    if rest:
        mine = setup.get(name)
        theirs = _with(mine if isinstance(mine, dict) else {}, tuple(rest), theirs)
    others = {key: value for key, value in setup.items() if key != name}
    return others if theirs is None else {**others, name: theirs}


class Tokens:
    """All tokens by name."""

    def __init__(self, new_name: Callable[[], str], time_scale: float) -> None:
        """`new_name` makes unguessable names, "auth_tokens/..."."""
        self._new_name, self._time_scale = new_name, time_scale
        self._tokens: OrderedDict[str, Token] = OrderedDict()

    def mint(self, request: Mapping[str, Any], now: float, wall: datetime.datetime) -> str:
        """The name of a new token for a normalised request; `wall` (aware) is what `now` is on the wall.

        Raises HttpError (400) for a request that makes no sense.
        """
        for name in request:
            if name not in _FIELDS:
                raise _unknown(name, "auth_token")
        token = Token(
            expires=now + self._left(request, "expireTime", LIFETIME, wall),
            new_sessions_until=now + self._left(request, "newSessionExpireTime", NEW_SESSION_LIFETIME, wall),
            uses=_uses(request.get("uses", 1)),
            pinned=_pinned(request.get("bidiGenerateContentSetup")),
            mask=_mask(request.get("fieldMask", "")),
        )
        name = self._new_name()
        self._tokens[name] = token
        while len(self._tokens) > MOST_TOKENS:
            self._tokens.popitem(last=False)
        return name

    def find(self, name: str) -> Token | None:
        """The token of that name, None if it was not minted here."""
        return self._tokens.get(name)

    def _left(
        self, request: Mapping[str, Any], field: str, default: datetime.timedelta, wall: datetime.datetime
    ) -> float:
        told = request.get(field)
        left = default if told is None else _moment(told, field) - wall
        if not datetime.timedelta() < left <= LONGEST_LIFETIME:
            raise HttpError(400, f"{field} must be in the future and at most 20 hours away.")
        return left.total_seconds() / self._time_scale


def _moment(told: object, field: str) -> datetime.datetime:
    wrong = HttpError(400, f"Invalid value at 'auth_token.{field}' (type.googleapis.com/google.protobuf.Timestamp).")
    try:
        moment = datetime.datetime.fromisoformat(str(told))
    except ValueError:
        raise wrong from None
    if moment.tzinfo is None:
        raise wrong
    return moment


def _uses(told: object) -> int:
    if isinstance(told, bool) or not isinstance(told, int) or told < 0:
        raise HttpError(400, "Invalid value at 'auth_token.uses' (TYPE_INT32).")
    return told


def _pinned(told: object) -> dict[str, Any] | None:
    if told is None:
        return None
    if not isinstance(told, dict):
        raise HttpError(400, "Invalid value at 'auth_token.bidi_generate_content_setup' (TYPE_MESSAGE).")
    for name in told:
        if name not in SETUP_FIELDS:
            raise _unknown(name, "auth_token.bidi_generate_content_setup")
    return told


def _mask(told: object) -> tuple[tuple[str, ...], ...]:
    if not isinstance(told, str):
        raise HttpError(400, "Invalid value at 'auth_token.field_mask' (google.protobuf.FieldMask).")
    return tuple(tuple(camel(name) for name in path.split(".")) for path in told.split(",") if path)


def _unknown(name: str, at: str) -> HttpError:
    return HttpError(400, f"Invalid JSON payload received. Unknown name \"{name}\" at '{at}': Cannot find field.")
