"""Replies whose content is odd, by name: how long the sound is, what the transcript says. Pure."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from lived_workers.simulator.frames import OUTPUT_RATE

LONG_REPLY_S: Final = 60
LONG_TRANSCRIPT: Final = 10_240
"""Characters."""
OTHER_LANGUAGE: Final = "de-DE"
_ANOTHER: Final = "und nun sprechen wir auf einmal Deutsch miteinander, ohne dass jemand darum gebeten hätte."
_BEFORE_SWITCH: Final = 3


class Content(msgspec.Struct, frozen=True):
    """What is said: s16le mono at 24 kHz, and its words."""

    pcm: bytes
    transcript: str


def long_text(text: str) -> str:
    """`text` over and over, LONG_TRANSCRIPT characters of it."""
    piece = (text or "on and on") + " "
    return (piece * (LONG_TRANSCRIPT // len(piece) + 1))[:LONG_TRANSCRIPT]


def _sixty_seconds(content: Content) -> Content:
    wanted = LONG_REPLY_S * OUTPUT_RATE * 2
    pcm = content.pcm or bytes(2)
    return Content((pcm * (wanted // len(pcm) + 1))[:wanted], content.transcript)


def _language_switch(content: Content) -> Content:
    words = content.transcript.split(" ")[:_BEFORE_SWITCH]
    return Content(content.pcm, " ".join([*words, _ANOTHER]))


CONTENT_FAULTS: Final[Mapping[str, Callable[[Content], Content]]] = {
    "zero_seconds": lambda content: Content(b"", content.transcript),
    "sixty_seconds": _sixty_seconds,
    "response_rejected": lambda _: Content(b"", ""),
    "language_switch": _language_switch,
    "empty_transcript": lambda content: Content(content.pcm, ""),
    "long_transcript": lambda content: Content(content.pcm, long_text(content.transcript)),
}


def shaped(content: Content, faults: list[str]) -> Content:
    """`content` as the faults among `faults` leave it."""
    for name in faults:
        if (change := CONTENT_FAULTS.get(name)) is not None:
            content = change(content)
    return content
