"""The handshake: paths and credentials."""

import pytest
from websockets.datastructures import Headers

from lived_workers.simulator.upgrade import credential_of, endpoint_of

PATH = "/ws/google.ai.generativelanguage.{}.GenerativeService.BidiGenerateContent"


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_paths(version: str) -> None:
    """Every version, constrained or not, slashes doubled or not; the query is no part of the path."""
    path = PATH.format(version)
    for target in (path, "/" + path, path.replace("/", "//"), path + "?key=K"):
        endpoint = endpoint_of(target)
        assert endpoint is not None
        assert (endpoint.path, endpoint.version, endpoint.constrained) == (path, version, False)
    constrained = endpoint_of(path + "Constrained")
    assert constrained is not None
    assert constrained.constrained
    vertex = endpoint_of("/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent")
    assert vertex is not None
    assert vertex.vertex


@pytest.mark.parametrize(
    "target", ["/", "", "/ws", PATH.format("v2"), PATH.format("v1") + "X", "/x" + PATH.format("v1"), "*"]
)
def test_unknown_paths(target: str) -> None:
    """Anything else is nothing."""
    assert endpoint_of(target) is None


@pytest.mark.parametrize(
    ("suffix", "headers", "kind"),
    [
        ("", {"X-Goog-Api-Key": "K"}, "header"),
        ("?key=K", {}, "query"),
        ("", {"Authorization": "Bearer K"}, "bearer"),
        ("Constrained", {"Authorization": "Token auth_tokens/K", "x-goog-api-key": "auth_tokens/K"}, "token header"),
        ("Constrained?access_token=auth_tokens/K", {}, "token query"),
        ("", {}, None),
        ("?key=", {"x-goog-api-key": ""}, None),
        ("Constrained", {"x-goog-api-key": "K"}, None),
        ("Constrained?access_token=K", {}, None),
    ],
)
def test_credentials(suffix: str, headers: dict[str, str], kind: str | None) -> None:
    """Each form is found, header names in any case; the constrained path takes tokens only."""
    target = PATH.format("v1beta") + suffix
    endpoint = endpoint_of(target)
    assert endpoint is not None
    found = credential_of(target, Headers(headers), endpoint)
    assert (found.kind if found else None) == kind
    if found is not None:
        assert found.matches(None)
        assert found.matches(found.value)
        assert not found.matches("other")
        assert found.value not in repr(found)
