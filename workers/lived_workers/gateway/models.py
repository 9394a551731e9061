"""``python -m lived_workers.gateway.models``: which models a key can use. Started by ``livectl models``."""

from typing import Any

import msgspec

from lived.models import UNKNOWN, model_id, profile_of
from lived_workers.gateway.question import Refused, Request, asked, serve

LIVE = "bidiGenerateContent"
"""The method of the Live API among ``supportedGenerationMethods``."""

MOST = 2000
"""Models that are taken: a server that never comes to an end is one of another kind."""


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


def listed(request: Request) -> Listed | Refused:
    """Ask the server, page by page."""
    return asked(request, "lists no models", _list)


def _list(client: Any) -> Listed:
    pager = client.models.list(config={"page_size": 200})
    return Listed(models=[_model(model) for model, _ in zip(pager, range(MOST), strict=False)])


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


if __name__ == "__main__":
    serve(Request, listed)
