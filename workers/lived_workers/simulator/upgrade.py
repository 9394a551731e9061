"""The handshake as data: which paths there are, which credentials are taken. Pure.

The kind of credential that was seen is reported, its value never.
"""

import hmac
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, urlsplit

import msgspec

_DEVELOPER = re.compile(
    r"/ws/google\.ai\.generativelanguage\.(v1|v1beta|v1alpha)\.GenerativeService\.BidiGenerateContent(Constrained)?"
)
_VERTEX = re.compile(r"/ws/google\.cloud\.aiplatform\.(v1|v1beta1)\.LlmBidiService/BidiGenerateContent")
TOKEN_PREFIX: Final = "auth_tokens/"  # noqa: S105 - a prefix, not a secret


class Endpoint(msgspec.Struct, frozen=True):
    """What a path means."""

    path: str
    """Without query (it may hold the key), slashes collapsed."""
    version: str
    constrained: bool = False
    vertex: bool = False


class Credential(msgspec.Struct, frozen=True):
    """What the client showed: `kind` is for the journal, `value` is not."""

    kind: str
    value: str

    def __repr__(self) -> str:
        return f"Credential({self.kind})"

    def matches(self, key: str | None) -> bool:
        """Whether it opens the door; without a key to compare with, any does."""
        return bool(self.value) and (key is None or hmac.compare_digest(self.value.encode(), key.encode()))


def path_of(target: str) -> str:
    """The path of a request target, without query, slashes collapsed."""
    return re.sub("/{2,}", "/", re.split("[?#]", target, maxsplit=1)[0])


def endpoint_of(target: str) -> Endpoint | None:
    """The endpoint behind a request target, None for a path that there is not (404)."""
    path = path_of(target)
    if match := _DEVELOPER.fullmatch(path):
        return Endpoint(path, match[1], constrained=match[2] is not None)
    if match := _VERTEX.fullmatch(path):
        return Endpoint(path, match[1], vertex=True)
    return None


def credentials_of(target: str, headers: Mapping[str, str]) -> list[Credential]:
    """Everything shown in a request, the most telling first. `headers` ignores case, or has names in lower case."""
    query = parse_qs(urlsplit(f"//host{target if target.startswith('/') else '/'}").query)
    scheme, _, authorization = headers.get("authorization", "").partition(" ")
    found = (
        Credential("token header", authorization if scheme.lower() == "token" else ""),
        Credential("token query", query.get("access_token", [""])[0]),
        Credential("bearer", authorization if scheme.lower() == "bearer" else ""),
        Credential("header", headers.get("x-goog-api-key", "")),
        Credential("query", query.get("key", [""])[0]),
    )
    return [credential for credential in found if credential.value]


def credential_of(target: str, headers: Mapping[str, str], endpoint: Endpoint) -> Credential | None:
    """The credential that counts in a handshake: a token on the constrained path, anything else on the others."""
    shown = credentials_of(target, headers)
    if endpoint.constrained:
        counting = [c for c in shown if c.kind.startswith("token") and c.value.startswith(TOKEN_PREFIX)]
    else:
        counting = [c for c in shown if not c.value.startswith(TOKEN_PREFIX)]
    return counting[0] if counting else None
