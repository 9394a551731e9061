"""When the user speaks: by the detector, by the client's marks, or both; and what was said, as sound."""

from typing import Final

import msgspec

from lived_workers.simulator.session_options import SessionOptions
from lived_workers.simulator.vad import End, Start, Vad, VadState

PREROLL_S: Final = 0.3
POSTROLL_S: Final = 0.2
LONGEST_UTTERANCE_S: Final = 120.0
"""Bound of what is kept for the parrot: 120 s x 32 kB/s = 3.8 MB a connection."""


class Spoken(msgspec.Struct, frozen=True):
    """The user has finished, `offset_s` into the audio received; `pcm` (s16le mono, `rate` Hz) is what was said."""

    offset_s: float
    pcm: bytes
    rate: int


class Listening:
    """One connection's ear. Owned by its conversation."""

    def __init__(self, options: SessionOptions) -> None:
        self._manual = options.manual
        self._vad = Vad(options.vad)
        self._kept = bytearray()
        self._rate = 16_000
        self._marked = False

    def audio(self, now: float, pcm: bytes, rate: int) -> list[Start | Spoken]:
        """What a chunk that arrived at `now` brings to light."""
        if rate != self._rate:
            self._kept.clear()
            self._rate = rate
        self._kept += pcm
        events = self._vad.feed(pcm, rate, now)
        found = [] if self._manual else [self._told(event) for event in events]
        quiet = not self._marked if self._manual else self._vad.state is VadState.SILENT
        self._trim(PREROLL_S if quiet else LONGEST_UTTERANCE_S)
        return found

    def stream_end(self) -> list[Start | Spoken]:
        """audioStreamEnd: speech under way ends now."""
        return [] if self._manual else [self._told(event) for event in self._vad.flush()]

    def activity_start(self, now: float) -> list[Start | Spoken]:
        """Manual mode: sound before the mark does not count."""
        self._marked = True
        self._kept.clear()
        return [Start(self._vad.offset_s, now)]

    def activity_end(self) -> list[Start | Spoken]:
        """Manual mode: the user's turn ends; nothing if none was under way."""
        was, self._marked = self._marked, False
        return [Spoken(self._vad.offset_s, bytes(self._kept), self._rate)] if was else []

    def _told(self, event: Start | End) -> Start | Spoken:
        if isinstance(event, Start):
            return event
        excess_s = max(0.0, self._vad.offset_s - event.voice_end_s - POSTROLL_S)
        excess = min(len(self._kept), round(excess_s * self._rate) * 2)
        return Spoken(event.offset_s, bytes(self._kept[: len(self._kept) - excess]), self._rate)

    def _trim(self, keep_s: float) -> None:
        del self._kept[: max(0, len(self._kept) - round(keep_s * self._rate) * 2)]
