"""A microphone on the bus whose samples are numbered: stream `mic` in real time, repeated when asked."""

import threading
import time
from typing import Self

from fakes.bus import BusFixture
from lived.stream import recent_for
from lived.units import MIC_RATE, Epoch, Frames, Hz, Ns, Position, Turn
from lived.wire import FLAG_MUTED, Chunk, Stream, decode_order, header_of
from lived.wire.orders import Again, order_topic
from lived_workers.simulator.marks import marked

CHUNK = Frames(160)
_TEN_MS = 10_000_000


class Microphone:
    """Publishes from its start to its end. ``frames`` = how much so far. Context manager."""

    def __init__(self, bus: BusFixture, remembers_s: float = 15.0) -> None:
        self._bus = bus
        self._recent = recent_for(remembers_s, MIC_RATE, CHUNK)
        self.epoch = Epoch(time.monotonic_ns())
        self.frames = 0
        self.numbered = True
        """False: digital silence instead of numbers, which the server does not take for speech."""
        self.muted = False
        self._flags = 0
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="microphone", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Publish no more."""
        self._ending = True
        self._thread.join(10)

    def _run(self) -> None:
        sound = self._bus.bus.audio_publisher()
        orders = self._bus.bus.events(order_topic("capture"))
        due = time.monotonic_ns()
        while not self._ending:
            due += _TEN_MS
            while (left := due - time.monotonic_ns()) > 0:
                orders.wait(max(1, left // 1_000_000))
                for order in map(decode_order, orders.drain()):
                    if isinstance(order, Again):
                        for chunk in self._recent.since(order.epoch, order.position):
                            sound.send_sound(Stream.MIC.again_topic, header_of(chunk), chunk.pcm)
            chunk = self._next(Ns(due - _TEN_MS))
            if not self.muted:
                self._recent.add(chunk)
                sound.send_sound(Stream.MIC.topic, header_of(chunk), chunk.pcm)
        sound.close()
        orders.close()

    def _next(self, at: Ns) -> Chunk:
        flags, self._flags = self._flags, FLAG_MUTED if self.muted else 0
        pcm = marked(self.frames, CHUNK) if self.numbered else bytes(2 * CHUNK)
        chunk = Chunk(
            Stream.MIC,
            self.epoch,
            Position(self.frames),
            at,
            Turn(0),
            Hz(MIC_RATE),
            pcm,
            flags=0 if self.muted else flags,
        )
        self.frames += CHUNK
        return chunk
