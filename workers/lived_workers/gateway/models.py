"""``python -m lived_workers.gateway.models``: which models a key can use. Started by ``livectl models``.

The request is one line of JSON on standard input, since it holds the key; the answer is JSON on standard output.
"""

import sys
from pathlib import Path
from typing import Any

import msgspec

from lived.config import Config
from lived.errors import ExitCode
from lived.models import UNKNOWN, model_id, profile_of
from lived_workers.gateway.causes import lost_by
from lived_workers.gateway.client import REST_ERRORS, client_for
from lived_workers.gateway.closing import Cause, LinkLostError, judge
from lived_workers.gateway.setup import server_of
from lived_workers.gateway.target import target_of

LIVE = "bidiGenerateContent"
"""The method of the Live API among ``supportedGenerationMethods``."""

MOST = 2000
"""Models that are taken: a server that never comes to an end is one of another kind."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted. Written by ``lived.cli.sdk``."""

    config: Config
    key: str
    runtime_dir: str
    """Where a stand-in says how it is reached."""

    def __repr__(self) -> str:
        return "Request(...)"


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One model."""

    id: str
    name: str
    """As people call it."""
    live: bool
    input_tokens: int
    output_tokens: int


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """The answer."""

    models: list[Model]


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence in place of the answer."""

    error: str


def listed(request: Request) -> Listed | Refused:
    """Ask the server, page by page."""
    live = request.config.live
    server = server_of(live.base_url)
    try:
        target = target_of(request.config, Path(request.runtime_dir))
        server = server_of(target.base_url)
        with client_for(request.config, target, request.key) as client:
            pager = client.models.list(config={"page_size": 200})
            found = [_model(model) for model, _ in zip(pager, range(MOST), strict=False)]
    except REST_ERRORS as error:
        return Refused(error=_sentence(lost_by(error, request.key), live.model, server))
    except LinkLostError as lost:
        return Refused(error=_sentence(lost, live.model, server))
    return Listed(models=found)


def _model(model: Any) -> Model:
    name = model_id(model.name or "")
    actions = model.supported_actions
    return Model(
        id=name,
        name=model.display_name or "",
        # Vertex AI does not tell
        live=LIVE in actions if actions is not None else profile_of(name) is not UNKNOWN,
        input_tokens=model.input_token_limit or 0,
        output_tokens=model.output_token_limit or 0,
    )


def _sentence(lost: LinkLostError, model: str, server: str) -> str:
    if lost.cause is Cause.HTTP:
        reason = lost.reason.rstrip(".") or "no reason given"
        return f"{server} lists no models (HTTP {lost.code}: {reason})."
    return judge(lost, model, server).sentence


def main() -> None:
    """One request, one answer; the exit code says which kind."""
    request = msgspec.json.decode(sys.stdin.buffer.readline(), type=Request)
    answer = listed(request)
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.exit(ExitCode.CRASHED if isinstance(answer, Refused) else ExitCode.DONE)


if __name__ == "__main__":
    main()
