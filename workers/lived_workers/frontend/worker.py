"""The front end's process: `mic` and `speaker` in, `voice` out, and what was found in it told to everybody.

What is done to the sound is the ``Chain``'s, what is found in it the ``Listener``'s.
"""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lived.clock import monotonic_ns
from lived.errors import WireError
from lived.ledger import Ledger
from lived.stream import Follower, Gap, ends_burst, recent_for
from lived.units import MIC_RATE, MILLISECOND, SECOND, Epoch, Frames, Ns, Position, Turn
from lived.wire import FLAG_MEANT, Chunk, Stream, decode_chunk, encode_order, header_of
from lived.wire.events import Cut, Ready, Speech, Wake
from lived.wire.orders import Again, Chime, Converse, Duck
from lived.worker import Harness, Launch
from lived_workers.frontend import bargein, learned
from lived_workers.frontend.attention import Sound
from lived_workers.frontend.chain import Chain, Cleaned
from lived_workers.frontend.hardware import cancels
from lived_workers.frontend.listener import Heard, Listener
from lived_workers.frontend.playing import Playing
from lived_workers.frontend.sounds import sound
from lived_workers.frontend.vad import detector
from lived_workers.frontend.wake import Absent, spotter

TICK_MS = 20
"""Sound that waits for its reference is looked at again so soon."""

CHUNK = Frames(160)
"""10 ms, as `mic` has."""

BEHIND = Ns(100 * MILLISECOND)
"""Sound of `mic` that is so old waits for its reference no longer: nothing is played, or the loudspeaker is gone. A
chunk arrives 10 to 40 ms after its ADC time, and `speaker` 30 ms and more before its DAC time."""

AT_ONCE = 200
"""Chunks made in one turn: 2 s of sound, 0.2 s of work. More of them wait only after a standstill."""

MEMORY_MARGIN_S = 5.0
"""Beyond the gateway's backlog: the time in which a killed gateway is back and asks."""

KEPT = "frontend.json"
"""In the state directory: what was learned of the cards."""
SAVE_EVERY = Ns(600 * SECOND)
"""A drift changes with the temperature: slowly. An SD card is spared."""
SAVE_MOVED_EVERY = Ns(10 * SECOND)
"""A delay is as it is: when it was found or has changed, it is kept soon."""
COUNT_EVERY = Ns(1 * SECOND)


class FrontEnd:
    """The worker."""

    def __init__(self, launch: Launch) -> None:
        config = launch.config
        handlers: dict[Any, Callable[[Any], None]] = {
            Converse: self._converse,
            Again: self._again,
            Ready: self._hear_of,
        }
        self._harness = harness = Harness(launch, handlers)
        self._options = options = config.frontend
        self._ledger = Ledger(Path(launch.runtime_dir) / f"{launch.worker}.ledger", ("epoch", "position"))
        self._kept = Path(launch.state_dir) / KEPT
        self._sound = harness.bus.audio(Stream.MIC.topic, Stream.MIC.again_topic, Stream.SPEAKER.topic)
        self._publisher = harness.bus.audio_publisher()
        self._follower = Follower(Stream.MIC)
        self._recent = recent_for(config.live.backlog_s + MEMORY_MARGIN_S, MIC_RATE, CHUNK)
        self._held: deque[Chunk] = (
            deque()
        )  # at most BEHIND of them, but for the burst after a standstill: the bus's bound
        self._young = Frames(int(config.live.backlog_s * MIC_RATE))
        self._began = False
        self._burst: list[Chunk] = []  # made, and kept back for the end of its burst: one chunk
        self._playing = Playing()
        self._saved = learned.load(self._kept)
        self._chain = Chain(options, self._saved)
        self._spotter = spotter(options)
        self._listener = Listener(options, detector(options.vad), self._spotter, self._chain.left_is_echo)
        self._sounds = {Sound.AWAKE: sound("awake"), Sound.DONE: sound("done")}
        self._counted_at = self._saved_at = monotonic_ns()

    def run(self) -> None:
        """Until told to stop."""
        self._sound.await_greeting()
        self._harness.hello()
        self._tell_state()
        self._harness.serve({self._sound: self._take}, self._tick, TICK_MS)
        self._save(monotonic_ns())
        self._harness.close()

    # orders and events

    def _converse(self, order: Converse) -> None:
        if not order.on:
            self._ledger["epoch"] = 0
            self._recent.clear()  # what was said in a conversation that is over is nobody's any more
            self._held.clear()

    def _again(self, order: Again) -> None:
        if order.stream == Stream.VOICE:
            for chunk in self._recent.since(order.epoch, order.position):
                self._publisher.send_sound(Stream.VOICE.again_topic, header_of(chunk), chunk.pcm)

    def _hear_of(self, event: Ready) -> None:
        """Which microphone it is: some cancel by themselves."""
        if event.worker == "capture":
            self._chain.spared = cancels(event.text)
            self._tell_state()

    # sound in

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
            if not self._began:
                self._began = True
                self._begin(chunk)
            self._hold(self._follower.take(chunk, monotonic_ns()))

    def _begin(self, first: Chunk) -> None:
        """Go on where a former process stopped, or at the beginning of a stream that is young: it is asked for."""
        epoch, position = self._ledger["epoch"], self._ledger["position"]
        if epoch == first.epoch:
            self._follower.resume_at(Epoch(epoch), Position(position))
        elif first.position <= self._young:
            self._follower.resume_at(first.epoch, Position(0))

    def _hold(self, pieces: list[Chunk | Gap]) -> None:
        for piece in pieces:
            if isinstance(piece, Gap):
                self._harness.counters["lost_frames"] += piece.frames
            else:
                self._held.append(piece)

    def _tick(self, now: Ns) -> None:
        """After everything that came, and every ``TICK_MS``."""
        self._hold(self._follower.tick(now))
        wanted = self._follower.wanted(now)
        if wanted is not None:
            self._harness.order(encode_order("capture", wanted))
        self._make(now)
        if now - self._counted_at >= COUNT_EVERY:
            self._counted_at = now
            for name, figure in self._chain.figures.items():
                self._harness.counters[name] = figure
            self._tell_state()
        moved = self._chain.learned.delay != self._saved.delay
        if now - self._saved_at >= (SAVE_MOVED_EVERY if moved else SAVE_EVERY):
            self._save(now)

    # sound out

    def _make(self, now: Ns) -> None:
        """`voice` of all that has its reference, and of what has waited long enough."""
        for _ in range(min(AT_ONCE, len(self._held))):
            if not self._chain.covers(self._held[0]) and now - self._held[0].time < BEHIND:
                return
            chunk = self._held.popleft()
            turn = self._playing.turn_at(chunk.time)
            made = self._chain.take(chunk, turn)
            heard = self._listen(made, turn, now)
            self._publish(made.chunk, heard)
            self._act(heard, made.chunk, now)

    def _listen(self, made: Cleaned, turn: Turn, now: Ns) -> Heard:
        pcm, time = made.chunk.pcm, made.chunk.time
        return self._listener.take(pcm, time, turn=turn, trusted=made.trusted, now=now, unsilenced=made.unsilenced)

    def _publish(self, chunk: Chunk, heard: Heard) -> None:
        if heard.meant:
            chunk = chunk._replace(flags=chunk.flags | FLAG_MEANT, turn=Turn(heard.before))
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

    def _act(self, heard: Heard, chunk: Chunk, now: Ns) -> None:
        """What was found has consequences."""
        if heard.speech is not None:
            self._harness.publish(Speech(on=heard.speech.on, source="local"))
        if heard.word is not None and heard.word not in self._options.wake.stop_words:
            self._harness.publish(Wake(word=heard.word, time=chunk.time))
        if heard.sound is not Sound.NONE:
            self._harness.order(encode_order("playback", Chime(pcm=self._sounds[heard.sound])))
        match heard.order:
            case bargein.Cut(turn=turn):
                self._harness.publish(Cut(turn=turn, cause="local", time=now))
            case bargein.Duck(until=until):
                percent = self._options.bargein.duck_percent
                self._harness.order(encode_order("playback", Duck(until=until, percent=percent)))

    # what is told and kept

    def _tell_state(self) -> None:
        """How it is: in the status, for a person."""
        missing = " ".join(filter(None, (self._chain.missing, self._listener.missing)))
        if self._options.uplink.mode == "wake" and isinstance(self._spotter, Absent):
            self._harness.unready(f"Nothing is sent to the model, since no wake word can be heard. {missing}".strip())
        else:
            self._harness.ready(". ".join(filter(None, (self._chain.text, missing))))

    def _save(self, now: Ns) -> None:
        """Next time it begins with what is known."""
        self._saved_at = now
        self._saved = self._chain.learned
        learned.save(self._kept, self._saved)


def host(launch: Launch) -> None:
    """The worker's main (``lived.worker.run``)."""
    FrontEnd(launch).run()
