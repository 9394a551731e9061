"""Listening: subscribes, opens the card, and goes on until somebody ends it."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NoReturn

from lived.bus import Bus, Endpoints, Poller, Subscriber
from lived.cli.listen.live import Live
from lived.cli.listen.outlet import Outlet
from lived.cli.listen.replies import Replies
from lived.clock import monotonic_ns
from lived.device.states import Watch
from lived.errors import DeviceError, WireError
from lived.soundcard import CardOutput, Wish, hush
from lived.units import MIC_RATE, MODEL_RATE, SECOND, Hz, Ns
from lived.wire import Stream, decode_chunk, decode_event
from lived.wire.events import Cut, topic_of

RATES = {Stream.MIC: MIC_RATE, Stream.VOICE: MIC_RATE, Stream.SPEAKER: MODEL_RATE}
"""Of the streams that come as fast as they are heard (docs/protocol.md)."""

BLOCK_MS = 20
LATENCY_MS = 60
"""Three blocks in the card: nobody talks to somebody whom he only listens to, so it need not be quick."""

STALL = Ns(2 * SECOND)
LOOK_MS = 500


class Tally(NamedTuple):
    """What came of it, in frames of the streams and milliseconds."""

    lost_frames: int
    mended_frames: int
    delay_ms: int


class Listening:
    """Some streams on one card. Belongs to the main thread."""

    def __init__(self, directory: Path, streams: tuple[Stream, ...], output: str) -> None:
        """Attach; nothing is heard yet.

        Raises:
            RuntimeDirError: there is no daemon.
        """
        self._sources: dict[Stream, Live | Replies] = {
            stream: Live(RATES[stream]) if stream in RATES else Replies() for stream in streams
        }
        self._bus = Bus(Endpoints(directory))
        self._poller = Poller()
        sound = self._bus.audio(*(stream.topic for stream in streams))
        events = self._bus.events(*([topic_of(Cut)] if Stream.MODEL in streams else []))
        sound.await_greeting()
        events.await_greeting()
        self._poller.add(sound, lambda: self._hear(sound))
        self._poller.add(events, lambda: self._read(events))
        self._outlet = Outlet(list(self._sources.values()))
        rate = max(source.rate for source in self._sources.values())
        self._card = CardOutput(
            Wish(
                device=output,
                rates=(rate, Hz(48_000)),
                channels=2 if len(streams) > 1 else 0,
                block_ms=BLOCK_MS,
                latency_ms=LATENCY_MS,
                remedy="choose another with --output",
            ),
            self._outlet,
        )

    def open(self) -> str:
        """Open the card; what was opened, in words.

        Raises:
            DeviceError: missing, busy, or it takes none of the formats.
        """
        hush()
        sys.setswitchinterval(0.0005)  # the sound thread waits at most 0.5 ms for the main one, not 5
        return self._card.open()

    def go_on(self, look_after: Callable[[], None]) -> NoReturn:
        """Until somebody raises something: KeyboardInterrupt, or what ``look_after`` raises, twice a second.

        Raises:
            DeviceError: the card is gone, or stands still.
        """
        watch, looked = Watch(STALL, monotonic_ns()), monotonic_ns()
        while True:
            self._poller.wait(LOOK_MS)
            now = monotonic_ns()
            if now - looked < LOOK_MS * 1_000_000:
                continue
            looked = now
            if self._card.ended:
                raise DeviceError(self._card.ended)
            if watch.stalled(self._card.frames, now):
                raise DeviceError("The loudspeaker stalled: it asks for no more sound. Try again, or another --output.")
            look_after()

    def tally(self) -> Tally:
        """So far."""
        sources = self._sources.values()
        return Tally(
            sum(source.lost for source in sources),
            sum(source.mended for source in sources if isinstance(source, Live)),
            self._outlet.delay // 1_000_000,
        )

    def close(self) -> None:
        """Let go of card and buses."""
        self._card.close()
        self._bus.close()

    def _hear(self, sound: Subscriber) -> None:
        for frames in sound.drain():
            try:
                chunk = decode_chunk(frames)
            except WireError:
                continue  # a greeting, or a stream of another version
            source = self._sources.get(chunk.stream)
            if source and (chunk.rate, chunk.channels) == (source.rate, 1):
                source.put(chunk)

    def _read(self, events: Subscriber) -> None:
        replies = self._sources.get(Stream.MODEL)
        for frames in events.drain():
            try:
                event = decode_event(frames)
            except WireError:
                continue
            if isinstance(event, Cut) and isinstance(replies, Replies):
                replies.cut = max(replies.cut, event.turn)
