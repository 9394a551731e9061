"""From the audio bus into the jitter buffer: in order, without doubles, asking for what is missing."""

from lived.bus import Subscriber
from lived.clock import monotonic_ns
from lived.errors import WireError
from lived.stream import PATIENCE, Follower, Gap
from lived.units import MODEL_RATE, Epoch, Ns, Position
from lived.wire import Chunk, Stream, decode_chunk, encode_order
from lived.wire.events import Loss
from lived.wire.orders import Again
from lived.worker import Harness
from lived_workers.playback.buffer import JitterBuffer
from lived_workers.playback.turns import Place

CHUNKS_AT_ONCE = 50
"""Chunks taken before orders and cuts are looked at again: 50 * about 20 us = 1 ms."""


class Intake:
    """One stream, ``model``, followed. Belongs to the main thread."""

    def __init__(self, harness: Harness, buffer: JitterBuffer) -> None:
        self._harness = harness
        self._buffer = buffer
        self._follower = Follower(Stream.MODEL)
        self.sound: Subscriber = harness.bus.audio(Stream.MODEL.topic, Stream.MODEL.again_topic)

    def resume(self, place: Place) -> None:
        """Go on where a predecessor was killed: ask for everything behind what it played."""
        if place.epoch:
            self._follower.resume_at(*place)
            self._ask(Again(stream=Stream.MODEL, epoch=place.epoch, position=place.position))

    def take(self) -> None:
        """What has arrived, or a part of it when it is much."""
        for frames in self.sound.drain(CHUNKS_AT_ONCE):
            if not frames[0].startswith(b"hello/"):
                self._take(frames)

    def tick(self, now: Ns) -> None:
        """Ask for what nobody has repeated, and give up on it in the end."""
        self._ask(self._follower.wanted(now))
        self._put(self._follower.tick(now))

    def _take(self, frames: list[bytes]) -> None:
        chunk = self._chunk(frames)
        if chunk is None:
            self._harness.counters["bad_messages"] += 1
            return
        now = monotonic_ns()
        if chunk.epoch > self._follower.epoch and chunk.position:
            self._begin_before(chunk.epoch, now)
        self._put(self._follower.take(chunk, now))
        self._ask(self._follower.wanted(now))

    @staticmethod
    def _chunk(frames: list[bytes]) -> Chunk | None:
        """None for what is no sound of the model."""
        try:
            chunk = decode_chunk(frames)
        except WireError:
            return None
        return chunk if chunk.rate == MODEL_RATE and chunk.channels == 1 else None

    def _begin_before(self, epoch: Epoch, now: Ns) -> None:
        """A stream that began while nobody listened here: none of it has been heard, so ask for its beginning."""
        self._put(self._follower.tick(Ns(now + PATIENCE)))  # nobody will repeat the old stream
        self._follower.resume_at(epoch, Position(0))

    def _ask(self, again: Again | None) -> None:
        if again:
            self._harness.order(encode_order("gateway", again))

    def _put(self, items: list[Chunk | Gap]) -> None:
        for item in items:
            if isinstance(item, Gap):
                self._lose(item)
            else:
                self._buffer.put(item.turn, item.pcm, Place(item.epoch, item.end))

    def _lose(self, gap: Gap) -> None:
        epoch, position, frames = gap
        self._harness.counters["lost_frames"] += frames
        self._harness.publish(
            Loss(worker=self._harness.name, stream=Stream.MODEL, epoch=epoch, position=position, frames=frames)
        )
