"""One recording: what comes on the buses, laid onto its clock and handed to its writer. Pure but for the writer."""

from collections.abc import Callable

import msgspec

from lived.recording.captions import Captions
from lived.recording.mixdown import Block, Mixdown
from lived.recording.segment import Format, Note
from lived.recording.shape import SHAPES
from lived.recording.track import Gap, Piece, Replies, Track, frame_at
from lived.recording.writer import Item
from lived.units import BYTES_PER_SAMPLE, Ns
from lived.wire import Chunk, Stream
from lived.wire.events import (
    AnyEvent,
    CutDone,
    FloorChanged,
    MicChanged,
    Said,
    SessionState,
    Speech,
    Transcript,
    TurnHeard,
    TurnPlayed,
)

_NOTED = (Said, FloorChanged, MicChanged, SessionState, CutDone)

EVENTS = (*_NOTED, Transcript, Speech, TurnHeard, TurnPlayed)
"""What a recording wants to know of."""

_SLIGHT_S = 0.001
"""Sound whose place is taken by less than that is no loss: runs are put to the frame, and their ends are rounded."""
_LISTED = 1_000
"""Gaps that are kept for a summary; the log has all."""


class Recording:
    """Belongs to one thread."""

    def __init__(self, format: Format, put: Callable[[Item], bool], until: Ns | None = None) -> None:  # noqa: A002
        """``put`` takes what is to be written (``Writer.put``); nothing from ``until`` on."""
        shape = SHAPES[format.stream]
        self.gaps: list[Gap] = []
        """The first of them."""
        self.gap_count = 0
        self._format, self._put, self._shape = format, put, shape
        self._mixdown = Mixdown(len(shape.channels), shape.rate)
        self._voices = [self._fresh(sources) for sources in shape.channels]
        self._best: dict[int, Stream] = {}  # by channel: voice counts once there is one
        self._placed: set[int] = set()  # channels of which something was put already
        self._stretched: set[int] = set()
        self._captions = Captions()
        self._until = None if until is None else self._frame(until)

    def hear(self, chunk: Chunk) -> None:
        """A chunk from the audio bus; those that do not belong here are ignored."""
        for channel, sources in enumerate(self._shape.channels):
            if chunk.stream not in sources or self._outdone(channel, chunk.stream):
                continue
            self._place(channel, self._voices[channel].take(chunk))
            self._tell_drift(channel, chunk)

    def learn(self, event: AnyEvent, now: Ns) -> None:
        """An event, which came at ``now``."""
        for cue in self._captions.take(event, now):
            self._put(cue)
        if isinstance(event, _NOTED):
            self._put(Note(now, msgspec.to_builtins(event), words=isinstance(event, Said)))

    def tick(self, now: Ns) -> None:
        """Several times a second: what is due is handed over."""
        for cue in self._captions.tick(now):
            self._put(cue)
        for channel, voice in enumerate(self._voices):
            self._place(channel, voice.tick(now))
        self._hand(self._mixdown.due(self._frame(now)))

    def end(self, now: Ns) -> None:
        """The last frame is the one of ``now``, or of the last sound that came."""
        for channel, voice in enumerate(self._voices):
            self._place(channel, voice.flush())
        self._hand(self._mixdown.due(self._frame(now), last=True))
        for cue in self._captions.flush():
            self._put(cue)

    def _place(self, channel: int, pieces: list[Piece]) -> None:
        gaps = self._voices[channel].gaps
        if pieces:
            self._placed.add(channel)
        for piece in pieces:
            late = self._mixdown.put(channel, piece)
            if late > _SLIGHT_S * self._shape.rate and piece.first >= 0:  # before frame 0 nobody asked for it
                stream = self._best[channel]
                gaps.append(Gap(stream.value, piece.first, late, "late"))
        self._tell_gaps(gaps)

    def _hand(self, blocks: list[Block]) -> None:
        for block in blocks:
            if self._until is None:
                self._put(block)
            elif block.first < self._until:
                wanted = (self._until - block.first) * BYTES_PER_SAMPLE * len(self._voices)
                self._put(Block(block.first, block.pcm[:wanted]))

    def _fresh(self, sources: frozenset[Stream]) -> Replies | Track:
        return (Replies if Stream.MODEL in sources else Track)(self._format.begin, self._shape.rate)

    def _frame(self, now: Ns) -> int:
        return frame_at(now, self._format.begin, self._shape.rate)

    def _outdone(self, channel: int, stream: Stream) -> bool:
        best = self._best.setdefault(channel, stream)
        if best is not stream and stream is Stream.VOICE:
            best = self._best[channel] = stream
            if channel not in self._placed:  # `mic` was only the first to come
                self._voices[channel] = self._fresh(self._shape.channels[channel])
        return best is not stream

    def _tell_gaps(self, gaps: list[Gap]) -> None:
        for gap in gaps:
            self.gap_count += 1
            if len(self.gaps) < _LISTED:
                self.gaps.append(gap)
            self._put(self._format.note(gap))
        gaps.clear()

    def _tell_drift(self, channel: int, chunk: Chunk) -> None:
        """Once, when the sound begins to be corrected."""
        voice = self._voices[channel]
        if isinstance(voice, Track) and voice.stretched and channel not in self._stretched:
            self._stretched.add(channel)
            ppm = round(voice.drift * 1e6, 1)
            self._put(Note(chunk.time, {"type": "drift", "stream": chunk.stream.value, "ppm": ppm}))
