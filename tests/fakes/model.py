"""A stand-in for the gateway: speaks numbered turns on stream ``model``, and repeats them when asked."""

import time

from fakes.bus import BusFixture
from fakes.sound import numbered
from lived.stream import recent_for
from lived.units import MODEL_RATE, Epoch, Frames, Ns, Position, Turn
from lived.wire import Chunk, Stream, header_of
from lived.wire.events import Cut, TurnComplete
from lived.wire.orders import Again

CHUNK = 960
"""40 ms."""


class FakeModel:
    """Every frame is numbered by its position in the stream."""

    def __init__(self, bus: BusFixture) -> None:
        self._bus = bus
        self.epoch = Epoch(time.monotonic_ns())
        self.position = Position(0)
        self.recent = recent_for(600, MODEL_RATE, Frames(CHUNK))

    def speak(self, turn: int, frames: int) -> None:
        """Sound of ``turn``, at once."""
        while frames:
            n = min(CHUNK, frames)
            frames -= n
            self.send(self._chunk(turn, n))

    def skip(self, turn: int, frames: int) -> None:
        """Sound of ``turn`` that is remembered but that nobody hears: lost on the way."""
        self._chunk(turn, frames)

    def send(self, chunk: Chunk) -> None:
        """Publish one chunk."""
        self._bus.sound.send_sound(chunk.stream.topic, header_of(chunk), chunk.pcm)

    def complete(self, turn: int, frames: int) -> None:
        """The server said that the turn is over."""
        self._bus.say(TurnComplete(turn=Turn(turn), frames=Frames(frames)))

    def cut(self, turn: int) -> Ns:
        """Order a cut; the answer is when."""
        now = Ns(time.monotonic_ns())
        self._bus.say(Cut(turn=Turn(turn), cause="user", time=now))
        return now

    def repeat(self, again: Again) -> None:
        """Do what the gateway does when it is asked."""
        for chunk in self.recent.since(again.epoch, again.position):
            self._bus.sound.send_sound(Stream.MODEL.again_topic, header_of(chunk), chunk.pcm)

    def _chunk(self, turn: int, frames: int) -> Chunk:
        now, pcm = Ns(time.monotonic_ns()), numbered(self.position, frames)
        chunk = Chunk(Stream.MODEL, self.epoch, self.position, now, Turn(turn), MODEL_RATE, pcm)
        self.position = chunk.end
        self.recent.add(chunk)
        return chunk
