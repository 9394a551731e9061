"""What a connection shows the server: the key of the launch, or an ephemeral token that somebody gives. A secret.

A token opens as many fresh sessions as its maker allowed, usually one, and soon; it resumes sessions until it expires.
So there is a new one for each fresh session, and for the same session when the old one has expired or will soon.
"""

import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from lived_workers.gateway.closing import Cause, LinkLostError

MARGIN_S = 60.0
"""So long before the end of its token a connection is replaced; it waits for a quiet moment."""


class Token(NamedTuple):
    """One that was given."""

    value: str
    expires: float = 0.0
    """Seconds since 1970; 0 = nobody said."""

    def __repr__(self) -> str:
        return "Token(...)"


Source = Callable[[], Awaitable[Token]]
"""Gives a token. Raises LinkLostError (Cause.TOKEN)."""


class Credentials:
    """The key, or the newest token."""

    def __init__(self, key: str, source: Source | None = None, clock: Callable[[], float] = time.time) -> None:
        """``key`` is what is shown when there is no ``source``. ``clock``: seconds since 1970."""
        self._key, self._source, self._clock = key, source, clock
        self._token: Token | None = None
        self._replace_at = float("inf")

    @property
    def mints(self) -> bool:
        """Whether there is always another token to be had."""
        return self._source is not None

    @property
    def missing(self) -> bool:
        """Whether there is neither a key nor a source."""
        return self._source is None and not self._key

    async def key(self, fresh: bool = True) -> str:
        """What the next connection shows. ``fresh``: it begins a new session.

        Raises:
            LinkLostError: there is neither a key nor, at present, a token.
        """
        if self._source is None:
            if not self._key:
                raise LinkLostError(Cause.NO_KEY)
            return self._key
        if self._token is None or fresh or self.due():
            await self._mint(self._source, fresh)
        assert self._token is not None  # noqa: S101  (minted, or an older one that is still good)
        return self._token.value

    def spent(self) -> None:
        """The server takes the newest token no longer."""
        self._token = None
        self._replace_at = float("inf")

    def due(self) -> bool:
        """Whether the newest token expires soon and another connection with another token would last longer."""
        return self._clock() >= self._replace_at

    async def _mint(self, source: Source, fresh: bool) -> None:
        try:
            token = await source()
        except LinkLostError:
            if self._token is None or fresh:
                raise
            return  # the old one does for now; it is tried again when the next connection begins
        self._token = token
        replace_at = token.expires - MARGIN_S
        # a token that expires within the margin is used to its end: the next one would be no better
        self._replace_at = replace_at if token.expires and replace_at > self._clock() else float("inf")
