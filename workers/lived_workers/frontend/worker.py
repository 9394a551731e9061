"""The front end's process: `mic` and `speaker` in, `voice` out, and what was found in it told to everybody.

What is done to the sound is the ``Chain``'s, what is found in it the ``Listener``'s.
"""

import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lived.clock import monotonic_ns
from lived.errors import WireError
from lived.ledger import Ledger
from lived.stream import Follower, Gap, ends_burst, recent_for
from lived.units import MIC_RATE, Epoch, Frames, Ns, Position
from lived.wire import Chunk, Stream, decode_chunk, encode_order, header_of
from lived.wire.events import Cut, Speech, Wake
from lived.wire.orders import Again, Chime, Converse, Duck
from lived.worker import Harness, Launch
from lived_workers.frontend.attention import Sound
from lived_workers.frontend.chain import Chain
from lived_workers.frontend.listener import Found, Listener
from lived_workers.frontend.playing import Playing
from lived_workers.frontend.sounds import sound
from lived_workers.frontend.vad import detector
from lived_workers.frontend.wake import spotter

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
        self._options = options = config.frontend
        self._sounds = {Sound.AWAKE: sound("awake"), Sound.DONE: sound("done")}
        self._playing = Playing()
        self._chain = Chain()
        self._listener = Listener(options, detector(options.vad), spotter(options.wake))

    def run(self) -> None:
        """Until told to stop."""
        self._sound.await_greeting()
        self._harness.hello()
        self._resume()
        self._tell_state()
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
            self._playing.heard(chunk)
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
            chunk = self._chain.take(self._held.popleft())
            now = monotonic_ns()
            found = self._listener.take(chunk, self._playing.turn_at(chunk.time), self._chain.trusted, now)
            self._publish(found.chunk)
            self._act(found, now)

    def _act(self, found: Found, now: Ns) -> None:
        """What was found has consequences."""
        if found.cut:
            self._harness.publish(Cut(turn=found.cut, cause="local", time=now))
        if found.duck is not None:
            percent = self._options.bargein.duck_percent
            self._harness.order(encode_order("playback", Duck(until=found.duck.until, percent=percent)))
        if found.change is not None:
            self._harness.publish(Speech(on=found.change.on, source="local"))
        if found.word is not None:
            self._harness.publish(Wake(word=found.word, time=found.chunk.time))
        if found.sound is not Sound.NONE:
            self._harness.order(encode_order("playback", Chime(pcm=self._sounds[found.sound])))

    def _tell_state(self) -> None:
        """How it is: in the status, for a person."""
        missing = " ".join(filter(None, (self._chain.missing, self._listener.missing)))
        deaf = self._options.uplink.mode == "wake" and self._listener.deaf
        if deaf:
            self._harness.unready(f"Nothing is sent to the model: {missing}")
        else:
            self._harness.ready(" ".join(filter(None, (self._chain.text, missing))))

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
