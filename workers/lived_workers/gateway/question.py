"""One question to the REST side of the API: a program that reads a line of JSON and writes one.

The request comes on standard input, since it holds the key; the answer goes to standard output.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import msgspec

from lived.config import Config
from lived.errors import ExitCode
from lived_workers.gateway.causes import lost_by
from lived_workers.gateway.client import REST_ERRORS, client_for
from lived_workers.gateway.closing import Cause, LinkLostError, judge
from lived_workers.gateway.setup import server_of
from lived_workers.gateway.target import target_of


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to ask. Written by ``lived.cli.sdk``, with what each program wants to know beside it."""

    config: Config
    key: str
    runtime_dir: str
    """Where a stand-in says how it is reached."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence in place of the answer."""

    error: str


Answer = TypeVar("Answer")
Wanted = TypeVar("Wanted", bound=Request)


def asked(request: Request, refusal: str, question: Callable[[Any], Answer]) -> Answer | Refused:
    """``question`` put to the SDK's client. ``refusal`` completes "the server …", such as "lists no models"."""
    live = request.config.live
    server = server_of(live.base_url)
    try:
        target = target_of(request.config, Path(request.runtime_dir))
        server = server_of(target.base_url)
        with client_for(request.config, target, request.key) as client:
            return question(client)
    except REST_ERRORS as error:
        lost = lost_by(error, request.key)
    except LinkLostError as error:
        lost = error
    if lost.cause is Cause.HTTP:
        reason = lost.reason.rstrip(".") or "no reason given"
        return Refused(error=f"{server} {refusal} (HTTP {lost.code}: {reason}).")
    return Refused(error=judge(lost, live.model, server).sentence)


def serve(kind: type[Wanted], program: Callable[[Wanted], msgspec.Struct]) -> NoReturn:
    """One request of ``kind``, one answer; the exit code says whether it was refused."""
    answer = program(msgspec.json.decode(sys.stdin.buffer.readline(), type=kind))
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.exit(ExitCode.CRASHED if isinstance(answer, Refused) else ExitCode.DONE)
