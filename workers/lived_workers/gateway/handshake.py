"""``python -m lived_workers.gateway.handshake``: sets up a session as configured, and hangs up. Started by
``livectl doctor``.
"""

import asyncio
import time
from collections import Counter
from pathlib import Path

import msgspec

from lived_workers.gateway.closing import LinkLostError, judge
from lived_workers.gateway.gemini import Door
from lived_workers.gateway.question import Request, serve
from lived_workers.gateway.setup import Wanted, server_of
from lived_workers.gateway.target import target_of


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """How it went; the fields are those that ``lived.cli.doctor`` reads."""

    cause: str = ""
    """"" = the session was set up."""
    code: int = 0
    reason: str = ""
    sentence: str = ""
    ms: int = 0


def shaken(request: Request) -> Handshake:
    """One attempt, without functions and without a handle."""
    live = request.config.live
    server = server_of(live.base_url)
    began = time.monotonic_ns()
    try:
        target = target_of(request.config, Path(request.runtime_dir))
        server = server_of(target.base_url)
        asyncio.run(_set_up(Door(request.config, target, request.key)))
    except LinkLostError as lost:
        verdict = judge(lost, live.model, server)
        return Handshake(cause=lost.cause.value, code=lost.code, reason=lost.reason, sentence=verdict.sentence)
    return Handshake(ms=(time.monotonic_ns() - began) // 1_000_000)


async def _set_up(door: Door) -> None:
    async with door.session(Wanted(), Counter()):
        pass


if __name__ == "__main__":
    serve(Request, shaken)
