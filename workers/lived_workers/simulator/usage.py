"""What a session's context costs in tokens, by modality, turn by turn; and what compression takes out. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

AUDIO_TOKENS_PER_SECOND: Final = 25
CHARACTERS_PER_TOKEN: Final = 4
BASE_TEXT_TOKENS: Final = 312
"""What a prompt holds before anybody has spoken, as recorded."""
IMAGE_TOKENS: Final[Mapping[str, int]] = {
    "MEDIA_RESOLUTION_LOW": 64,
    "MEDIA_RESOLUTION_MEDIUM": 256,
    "MEDIA_RESOLUTION_HIGH": 256,
}
DEFAULT_IMAGE_TOKENS: Final = 256
MOST_TURNS: Final = 200
"""Turns counted apart; beyond it the two oldest become one. 200 x 100 bytes a session."""


class Modality(StrEnum):
    """As `usageMetadata` names them."""

    TEXT = "TEXT"
    AUDIO = "AUDIO"
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"


class Tokens(msgspec.Struct, frozen=True):
    """One turn's tokens, and how many entries of the history it holds."""

    counts: Mapping[Modality, float] = {}
    entries: int = 0

    def plus(self, other: "Tokens") -> "Tokens":
        """Both together."""
        kinds = {*self.counts, *other.counts}
        counts = {kind: self.counts.get(kind, 0.0) + other.counts.get(kind, 0.0) for kind in kinds}
        return Tokens(counts, self.entries + other.entries)

    @property
    def total(self) -> float:
        """All modalities."""
        return sum(self.counts.values())


class Compression(msgspec.Struct, frozen=True):
    """`contextWindowCompression`: over `trigger` tokens the oldest turns go until `target` are left."""

    trigger: int
    target: int


class Context:
    """What the next prompt holds. Owned by the session's memory."""

    def __init__(self, turns: tuple[Tokens, ...] = ()) -> None:
        """`turns` as `snapshot` gave them."""
        self._turns: list[Tokens] = list(turns) or [Tokens()]
        self._instructions: dict[str, int] = {}

    def instruct(self, part: str, value: Any) -> None:
        """`part` of what stands before the conversation is now `value`; compression keeps it."""
        self._instructions[part] = text_tokens(value)

    def begin_turn(self) -> None:
        """The user begins something new."""
        self._turns.append(Tokens())
        if len(self._turns) > MOST_TURNS:
            self._turns[:2] = [self._turns[0].plus(self._turns[1])]

    def spend(self, modality: Modality, tokens: float) -> None:
        """More tokens in the turn under way."""
        self._turns[-1] = self._turns[-1].plus(Tokens({modality: tokens}))

    def enter(self) -> None:
        """One more entry of the history belongs to the turn under way."""
        self._turns[-1] = self._turns[-1].plus(Tokens(entries=1))

    def prompt(self) -> dict[str, int]:
        """Tokens of the prompt by modality; TEXT and AUDIO always."""
        spent: dict[Modality, float] = {
            Modality.TEXT: BASE_TEXT_TOKENS + sum(self._instructions.values()),
            Modality.AUDIO: 0,
        }
        for turn in self._turns:
            for kind, count in turn.counts.items():
                spent[kind] = spent.get(kind, 0) + count
        return {kind.value: round(count) for kind, count in spent.items()}

    @property
    def total(self) -> int:
        """Tokens of the prompt."""
        return sum(self.prompt().values())

    def compress(self, target: int) -> int:
        """Take out the oldest turns until `target` is kept, never the last; returns the history's entries gone."""
        gone = 0
        while len(self._turns) > 1 and self.total > target:
            gone += self._turns.pop(0).entries
        return gone

    def snapshot(self) -> tuple[Tokens, ...]:
        """For a handle."""
        return tuple(self._turns)


def text_tokens(value: Any) -> int:
    """About what a text, or any JSON value, costs."""
    if not value:
        return 0
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def audio_tokens(pcm_bytes: int, rate: int) -> float:
    """What s16le mono sound at `rate` Hz costs."""
    return pcm_bytes / 2 / rate * AUDIO_TOKENS_PER_SECOND
