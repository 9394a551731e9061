"""``python -m lived_workers.gateway.token``: mint one ephemeral token. Started by ``livectl token create``."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from lived_workers.gateway import question
from lived_workers.gateway.question import Refused
from lived_workers.gateway.setup import Wanted, live_config, server_of


class Request(question.Request, frozen=True, kw_only=True):
    """What is wanted. Written by ``lived.cli.commands.token``."""

    uses: int
    """Sessions that may be begun with it; 0 = any number."""
    expire_s: float
    new_session_expire_s: float
    lock: bool
    """For the configured model, instruction and voice alone."""


class Created(msgspec.Struct, frozen=True, kw_only=True):
    """The token; times as RFC 3339, UTC. The names are those of the Live API."""

    name: str
    expire_time: datetime = msgspec.field(name="expireTime")
    new_session_expire_time: datetime = msgspec.field(name="newSessionExpireTime")
    uses: int

    def __repr__(self) -> str:
        return "Created(...)"


def create(request: Request, now: datetime) -> Created | Refused:
    """Ask the server for a token. ``now``: on the wall, aware."""
    times = {
        "expire_time": now + timedelta(seconds=request.expire_s),
        "new_session_expire_time": now + timedelta(seconds=request.new_session_expire_s),
    }

    def mint(client: Any) -> Created | Refused:
        token = client.auth_tokens.create(config={"uses": request.uses, **times, **_locks(request)})
        if not token.name:
            server = server_of(request.config.live.base_url)
            return Refused(error=f"{server} answered without a token: is it the Live API?")
        return Created(name=token.name, uses=request.uses, **times)

    return question.asked(request, "gives no token", mint)


def _locks(request: Request) -> Any:
    """What is set is locked, nothing else: which session is resumed, and which functions there are, is up to the
    device."""
    if not request.lock:
        return {}
    setup = live_config(request.config, Wanted())
    setup.pop("session_resumption", None)
    return {
        "live_connect_constraints": {"model": request.config.live.model, "config": setup},
        "lock_additional_fields": [],
    }


if __name__ == "__main__":
    question.serve(Request, lambda request: create(request, datetime.now(UTC)))
