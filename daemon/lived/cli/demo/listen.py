"""What the demo hears and reads on the buses, kept for measuring."""

from collections.abc import Callable
from pathlib import Path

from lived.bus import Bus, Endpoints, Poller, Subscriber
from lived.clock import monotonic_ns
from lived.errors import WireError
from lived.units import Ns, Turn
from lived.wire import Chunk, Stream, decode_chunk, decode_event
from lived.wire.events import AnyEvent, SessionState, TurnBegan, TurnComplete, TurnPlayed

HEARD = (Stream.MIC.topic, Stream.SPEAKER.topic)
SAID = (
    b"session.",
    b"speech/",
    b"turn.",
    b"cut",
    b"playback.",
    b"stream.",
    b"transcript/",
    b"floor/",
    b"worker.heartbeat/",
)
"""Prefixes of the events that the demo shows or measures with."""


class Listener:
    """Subscribes like anybody else would. 30 s of both streams are 3 MB. Belongs to one thread."""

    def __init__(self, runtime: Path, show: Callable[[AnyEvent, Ns], None]) -> None:
        """Attach; returns when everything that is published from now on will be heard.

        Raises:
            RuntimeDirError: there is no daemon.
        """
        self.mic: list[Chunk] = []
        self.speaker: list[Chunk] = []
        self.events: list[AnyEvent] = []
        self.opened_at: Ns | None = None
        """When the session was seen to be open for the first time."""
        self.bad_messages = 0
        self._show = show
        self._bus = Bus(Endpoints(runtime))
        self._poller = Poller()
        audio = self._bus.audio(*HEARD)
        events = self._bus.events(*SAID)
        audio.await_greeting()
        events.await_greeting()
        self._poller.add(audio, lambda: self._hear(audio))
        self._poller.add(events, lambda: self._read(events))

    def wait(self, timeout_ms: int) -> None:
        """Take in what comes within ``timeout_ms``, or what is there."""
        self._poller.wait(timeout_ms)

    def finished(self) -> tuple[Turn, ...]:
        """Turns that the server said to be over, and that playback is done with, in either order."""
        said = {event.turn for event in self.events if isinstance(event, TurnComplete)}
        played = {event.turn for event in self.events if isinstance(event, TurnPlayed)}
        return tuple(sorted(said & played))

    def turns(self) -> list[Turn]:
        """Turns in the order in which they began."""
        return [event.turn for event in self.events if isinstance(event, TurnBegan)]

    def close(self) -> None:
        """Detach."""
        self._bus.close()

    def _hear(self, audio: Subscriber) -> None:
        for frames in audio.drain():
            try:
                chunk = decode_chunk(frames)
            except WireError:
                self.bad_messages += 1
                continue
            (self.mic if chunk.stream is Stream.MIC else self.speaker).append(chunk)

    def _read(self, events: Subscriber) -> None:
        for frames in events.drain():
            try:
                event = decode_event(frames)
            except WireError:
                self.bad_messages += 1
                continue
            now = monotonic_ns()
            if self.opened_at is None and isinstance(event, SessionState) and event.state == "open":
                self.opened_at = now
            self.events.append(event)
            self._show(event, now)
