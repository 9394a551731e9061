"""One message of the SDK to happenings. Pure, and duck-typed: google-genai is not imported here.

Everything in a message may be missing, and several things may share one message. The order of the result is the
order in which they must be obeyed: an interruption before the sound beside it, a turn's sound and tokens before
the turn's end.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lived.units import MODEL_RATE
from lived_workers.gateway.happenings import (
    Activity,
    Complete,
    Generated,
    GoingAway,
    Handle,
    Happening,
    Interrupted,
    Sound,
    Transcript,
)
from lived_workers.gateway.readings import calls_of, name_of, sources_of, usage_of, working_of

_RATE = re.compile(r"rate\s*=\s*\"?(\d+)", re.IGNORECASE)
_SECONDS = re.compile(r"\s*(\d+(?:\.\d+)?)\s*s?\s*\Z")
_LONGEST_GOODBYE_S = 3600.0
"""A connection lasts ten minutes; a longer notice is nonsense that must not become a huge number."""


class Translator:
    """Translates the messages of one connection. Keeps the odd byte of sound between two of them."""

    def __init__(self, counters: Counter[str]) -> None:
        self._carry = b""
        self._counters = counters
        """``sound_of_wrong_rate_bytes``: dropped, because nobody behind us could play it at the right pitch.
        ``thoughts``: parts that are never spoken nor shown. ``calls_without_id``."""

    def take(self, message: Any) -> list[Happening]:
        """What ``message`` says, in the order to obey it. Attributes that are not there count as empty."""
        return [
            *self._activity(message),
            *self._content(message),
            *calls_of(message, self._counters),
            *_session_news(message),
        ]

    def _activity(self, message: Any) -> Iterator[Happening]:
        activity = getattr(message, "voice_activity", None)
        kind = name_of(getattr(activity, "voice_activity_type", None))
        if kind in ("ACTIVITY_START", "ACTIVITY_END"):
            yield Activity(kind == "ACTIVITY_START")

    def _content(self, message: Any) -> Iterator[Happening]:
        content = getattr(message, "server_content", None)
        if content is not None and getattr(content, "interrupted", None):
            self._carry = b""  # half a sample of a reply that is over
            yield Interrupted()
        if content is not None:
            yield from _transcripts(content)
            yield from self._sound(content)
            yield from sources_of(content)
            yield from working_of(content)  # before the end of a turn, so that this is known not to be the last
            if getattr(content, "generation_complete", None):
                yield Generated()
        yield from usage_of(message)
        if content is not None and getattr(content, "turn_complete", None):
            self._carry = b""
            yield Complete(_reason(content))

    def _sound(self, content: Any) -> Iterator[Happening]:
        turn = getattr(content, "model_turn", None)
        for part in getattr(turn, "parts", None) or ():
            if getattr(part, "thought", None):
                self._counters["thoughts"] += 1
                continue
            blob = getattr(part, "inline_data", None)
            data = getattr(blob, "data", None)
            if not data or not (pcm := self._samples(data, getattr(blob, "mime_type", None) or "")):
                continue
            yield Sound(pcm)

    def _samples(self, data: bytes, mime: str) -> bytes:
        """``data`` as whole samples of 24 kHz; empty for what is not that."""
        if mime and not mime.lower().startswith("audio/"):
            self._counters["parts_not_sound"] += 1
            return b""
        rate = _RATE.search(mime)
        if rate and int(rate[1]) != MODEL_RATE:
            self._counters["sound_of_wrong_rate_bytes"] += len(data)
            return b""
        data = self._carry + data
        whole = len(data) & ~1
        self._carry = data[whole:]
        return data[:whole]


def _transcripts(content: Any) -> Iterator[Happening]:
    for side, name in (("user", "input_transcription"), ("model", "output_transcription")):
        text = getattr(getattr(content, name, None), "text", None)
        if text:
            yield Transcript(side, text)


def _session_news(message: Any) -> Iterator[Happening]:
    going = getattr(message, "go_away", None)
    if going is not None:
        yield GoingAway(milliseconds(getattr(going, "time_left", None)))
    update = getattr(message, "session_resumption_update", None)
    if update is not None:
        handle = getattr(update, "new_handle", None) or ""
        yield Handle(handle, bool(handle) and bool(getattr(update, "resumable", None)))


def _reason(content: Any) -> str:
    reason = name_of(getattr(content, "turn_complete_reason", None))
    return "" if reason == "TURN_COMPLETE_REASON_UNSPECIFIED" else reason


def milliseconds(time_left: str | None) -> int:
    """``"49.850s"`` as 49850; 0 for anything that is not a duration: then it is high time anyway."""
    found = _SECONDS.match(time_left or "")
    return int(min(float(found[1]), _LONGEST_GOODBYE_S) * 1000) if found else 0
