"""``python -m lived_workers.gateway.token``: mint one ephemeral token. Started by ``livectl token create``.

The request is one line of JSON on standard input, since it holds the key; the answer is JSON on standard output.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from lived.config import Config
from lived.errors import ExitCode
from lived_workers.gateway.causes import lost_by
from lived_workers.gateway.client import REST_ERRORS, client_for
from lived_workers.gateway.closing import Cause, LinkLostError, judge
from lived_workers.gateway.setup import Wanted, live_config, server_of
from lived_workers.gateway.target import target_of


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted. Written by ``lived.cli.commands.token``."""

    config: Config
    key: str
    runtime_dir: str
    """Where a stand-in says how it is reached."""
    uses: int
    """Sessions that may be begun with it; 0 = any number."""
    expire_s: float
    new_session_expire_s: float
    lock: bool
    """For the configured model, instruction and voice alone."""

    def __repr__(self) -> str:
        return "Request(...)"


class Created(msgspec.Struct, frozen=True, kw_only=True):
    """The token; times as RFC 3339, UTC. The names are those of the Live API."""

    name: str
    expire_time: datetime = msgspec.field(name="expireTime")
    new_session_expire_time: datetime = msgspec.field(name="newSessionExpireTime")
    uses: int

    def __repr__(self) -> str:
        return "Created(...)"


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence in place of a token."""

    error: str


def create(request: Request, now: datetime) -> Created | Refused:
    """Ask the server for a token. ``now``: on the wall, aware."""
    times = {
        "expire_time": now + timedelta(seconds=request.expire_s),
        "new_session_expire_time": now + timedelta(seconds=request.new_session_expire_s),
    }
    live = request.config.live
    server = server_of(live.base_url)
    try:
        target = target_of(request.config, Path(request.runtime_dir))
        server = server_of(target.base_url)
        with client_for(request.config, target, request.key) as client:
            token = client.auth_tokens.create(config={"uses": request.uses, **times, **_locks(request)})
    except REST_ERRORS as error:
        return Refused(error=_sentence(lost_by(error, request.key), live.model, server))
    except LinkLostError as lost:
        return Refused(error=_sentence(lost, live.model, server))
    if not token.name:
        return Refused(error=f"{server} answered without a token: is it the Live API?")
    return Created(name=token.name, uses=request.uses, **times)


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


def _sentence(lost: LinkLostError, model: str, server: str) -> str:
    if lost.cause is Cause.HTTP:
        reason = lost.reason.rstrip(".") or "no reason given"
        return f"{server} gives no token (HTTP {lost.code}: {reason})."
    return judge(lost, model, server).sentence


def main() -> None:
    """One request, one answer; the exit code says which kind."""
    request = msgspec.json.decode(sys.stdin.buffer.readline(), type=Request)
    answer = create(request, datetime.now(UTC))
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.exit(ExitCode.CRASHED if isinstance(answer, Refused) else ExitCode.DONE)


if __name__ == "__main__":
    main()
