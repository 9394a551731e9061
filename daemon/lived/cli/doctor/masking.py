"""Keeping secrets out of a report: those that are known wherever they stand, and what looks like one. Pure."""

import base64
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

HIDDEN = "[hidden]"

SHORTEST = 6
"""Characters of a secret that is looked for: shorter ones would hide half of every text."""

_NAMED = (
    r"(?i)((?:api[_-]?key|access[_-]?token|token|secret|password|passwd|handle|authorization)"
    r"[\"']?\s*[=:]\s*"
)
"""What a value that follows is a secret by; the quotation mark behind it stays, so that JSON remains JSON."""

_PATTERNS = (
    re.compile(r"AIza[0-9A-Za-z_-]{20,}"),  # keys of Google
    re.compile(r"auth_tokens/[^\s\"']+"),
    re.compile(r"ya29\.[0-9A-Za-z._-]+"),  # bearer tokens of Google Cloud
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL),
    re.compile(r"(?i)(?<=bearer )[^\s\"',]+"),
    re.compile(r"(?<=://)[^/\s@\"']+(?=@)"),  # user and password of an address
    re.compile(_NAMED + r"[\"'])[^\"']+"),
    re.compile(_NAMED + r")[^\s,;&\"'{}\[\]]+"),
)  # fmt: skip
_NAME = re.compile(r"(?i)[\w-]*(?:key|token|secret|password|passwd|auth)[\w-]*\Z")
"""Of an argument or a field that holds one."""


class Mask:
    """Hides what it was told, in each spelling, and what looks like a secret."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {spelt for secret in secrets if len(secret) >= SHORTEST for spelt in spellings(secret)}
        # the longest first: one secret may begin as another does
        found = "|".join(re.escape(spelt) for spelt in sorted(known, key=len, reverse=True))
        self._known = re.compile(found) if found else None

    def __call__(self, text: str) -> str:
        """``text`` without them."""
        if self._known:
            text = self._known.sub(HIDDEN, text)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\g<1>{HIDDEN}" if pattern.groups else HIDDEN, text)
        return text


def spellings(secret: str) -> set[str]:
    """A secret as it is, quoted for an address or JSON, in hex, and in base64 wherever in other text it stood."""
    data = secret.encode(errors="surrogateescape")
    found = {secret, quote(secret, safe=""), quote(secret), data.hex(), data.hex().upper()}
    found.add(secret.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):
            # without the characters that what stands before and behind has a part in
            whole = encode(bytes(before) + data).decode().rstrip("=")
            first, last = -(-before * 8 // 6), (before + len(data)) * 8 // 6
            found.add(whole[first:last])
    return {spelt for spelt in found if len(spelt) >= SHORTEST}


def command(words: Iterable[str]) -> list[str]:
    """A command line without what is handed over as a secret: ``--token x``, ``--token=x``."""
    return [word.removesuffix(value) + HIDDEN if value else word for word, value in _values(words)]


def handed_over(words: Iterable[str]) -> Iterator[str]:
    """The secrets of a command line."""
    return (value for _, value in _values(words) if value)


def _values(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each word, and the part of it that is a secret."""
    expected = False
    for word in words:
        name, equals, value = word.partition("=")
        named = bool(_NAME.match(name))
        yield word, word if expected else (value if named and equals else "")
        expected = named and not equals and word.startswith("-")


def is_secret(name: str) -> bool:
    """Whether a field of this name holds one."""
    return bool(_NAME.match(name))
