"""The front end's process: `mic` and `speaker` in, `voice` out. What is done to the sound is the ``Chain``'s."""

import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lived.errors import WireError
from lived.ledger import Ledger
from lived.stream import Follower, Gap, ends_burst, recent_for
from lived.units import MIC_RATE, Epoch, Frames, Ns, Position
from lived.wire import Chunk, Stream, decode_chunk, encode_order, header_of
from lived.wire.orders import Again, Converse
from lived.worker import Harness, Launch
from lived_workers.frontend.chain import Chain

TICK_MS = 20
"""Sound that waits for its reference is looked at again so soon."""

CHUNK = Frames(160)
"""10 ms, as `mic` has."""

MEMORY_MARGIN_S = 5.0
"""Beyond the gateway's backlog: the time in which a killed gateway is back and asks."""

HELD = 100
"""Chunks of `mic` that wait for their reference: 1 s, ten times as much as a card needs. The oldest goes without."""

log = logging.getLogger("lived.frontend")


class FrontEnd:
    """The worker."""

    def __init__(self, launch: Launch) -> None:
        config = launch.config
        handlers: dict[Any, Callable[[Any], None]] = {Converse: self._converse, Again: self._again}
        self._harness = harness = Harness(launch, handlers)
        self._ledger = Ledger(Path(launch.runtime_dir) / f"{launch.worker}.ledger", ("epoch", "position"))
        self._sound = harness.bus.audio(Stream.MIC.topic, Stream.MIC.again_topic, Stream.SPEAKER.topic)
        self._publisher = harness.bus.audio_publisher()
        self._follower = Follower(Stream.MIC)
        self._recent = recent_for(config.live.backlog_s + MEMORY_MARGIN_S, MIC_RATE, CHUNK)
        self._held: deque[Chunk] = deque()
        self._burst: list[Chunk] = []  # made, and kept back for the end of its burst: one chunk
        self._chain = Chain()

    def run(self) -> None:
        """Until told to stop."""
        self._sound.await_greeting()
        self._harness.hello()
        self._resume()
        self._harness.ready("passing the microphone on as it is")
        self._harness.serve({self._sound: self._take}, self._tick, TICK_MS)
        self._harness.close()

    # orders

    def _converse(self, order: Converse) -> None:
        if not order.on:
            self._ledger["epoch"] = 0
            self._recent.clear()
            self._held.clear()

    def _again(self, order: Again) -> None:
        if order.stream == Stream.VOICE:
            for chunk in self._recent.since(order.epoch, order.position):
                self._publisher.send_sound(Stream.VOICE.again_topic, header_of(chunk), chunk.pcm)

    # sound

    def _resume(self) -> None:
        """Go on where a former process stopped; `mic` is asked for what came since."""
        epoch = self._ledger["epoch"]
        if epoch:
            self._follower.resume_at(Epoch(epoch), Position(self._ledger["position"]))

    def _take(self, frames: list[bytes]) -> None:
        try:
            chunk = decode_chunk(frames)
        except WireError:
            self._harness.counters["bad_chunks"] += 1
            return
        if chunk.stream is Stream.SPEAKER:
            self._chain.heard(chunk)
        else:
            self._use(self._follower.take(chunk, chunk.time))

    def _tick(self, now: Ns) -> None:
        self._use(self._follower.tick(now))
        wanted = self._follower.wanted(now)
        if wanted is not None:
            self._harness.order(encode_order("capture", wanted))
        self._make()

    def _use(self, pieces: list[Chunk | Gap]) -> None:
        for piece in pieces:
            if isinstance(piece, Gap):
                self._harness.counters["lost_frames"] += piece.frames
            else:
                self._held.append(piece)
        self._make()

    def _make(self) -> None:
        """`voice` of all that has its reference, and of what has waited long enough."""
        while self._held and (len(self._held) > HELD or self._chain.covers(self._held[0])):
            self._publish(self._chain.take(self._held.popleft()))

    def _publish(self, chunk: Chunk) -> None:
        self._recent.add(chunk)
        self._burst.append(chunk)
        if not ends_burst(chunk.position, chunk.end):
            return
        for made in self._burst:
            self._publisher.send_sound(Stream.VOICE.topic, header_of(made), made.pcm)
        self._burst.clear()
        if self._ledger["epoch"] != chunk.epoch:
            self._ledger["epoch"] = 0  # killed in between: no place rather than a wrong one
            self._ledger["position"] = chunk.end
            self._ledger["epoch"] = chunk.epoch
        self._ledger["position"] = chunk.end


def host(launch: Launch) -> None:
    """The worker's main (``lived.worker.run``)."""
    FrontEnd(launch).run()
