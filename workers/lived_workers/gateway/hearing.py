"""From the daemon to the server, first half: what the user says, from the ``Ears`` into the ``Uplink``."""

from collections import Counter
from collections.abc import Callable

from lived.stream import Gap
from lived.units import MILLISECOND, SECOND, Frames, Ns, Position
from lived.wire.chunk import Chunk
from lived.wire.events import Event, Loss
from lived_workers.gateway.ears import Ears
from lived_workers.gateway.gate import Gate, Passed, State
from lived_workers.gateway.messages import ActivityStart, StreamEnd
from lived_workers.gateway.sieve import Sieve
from lived_workers.gateway.store import Store
from lived_workers.gateway.uplink import Uplink

MUTED_FOR = Ns(1 * SECOND)
"""The Live API wants to know when the microphone pauses for longer; the next sound opens it again."""
ABSENT_FOR = Ns(3 * SECOND)
"""A microphone that is gone rather than muted may be a worker that is being replaced: 2 s, and then it catches up."""

_TELL_LOSS_EVERY = Ns(1 * SECOND)


class Hearing:
    """Follows the microphone while there is a conversation."""

    def __init__(
        self,
        ears: Ears,
        uplink: Uplink,
        store: Store,
        publish: Callable[[Event], None],
        counters: Counter[str],
        young: Frames,
        gate: Gate | Sieve | None = None,
    ) -> None:
        """``young``: a stream that has no more frames behind it is heard from its beginning, so that what was said
        while this process started is not missed. ``gate``: a button, or the front end, says what is sent."""
        self._ears, self._uplink, self._store, self._publish = ears, uplink, store, publish
        self._counters = counters
        self._young = young
        self._gate = gate
        self._listening = False
        self._muted_at: Ns | None = None
        self._heard_at = Ns(0)
        self._ended = True  # the server has been told that nothing comes; nothing has come since
        self._told_at = Ns(0)
        self._spared = Frames(0)
        self.more: Callable[[], None] = lambda: None
        """Called when the uplink has something new."""
        self.opened: Callable[[], None] = lambda: None
        """Called when the front end lets somebody speak to the model, before anything of it goes up."""
        ears.start = self._find_start

    def begin(self) -> None:
        """A conversation: go on where a former process stopped, else with what comes now."""
        self._listening = True

    def pause(self) -> None:
        """Nobody will be there to hear it: what comes is dropped."""
        self._listening = False
        self._uplink.clear()
        if self._gate is not None:
            self._gate.over()

    def end(self) -> None:
        """The conversation was ended: nothing of it is sent, nor caught up with."""
        self.pause()
        self._store.forget_place()
        self._ended = True

    def mute(self, on: bool, now: Ns) -> None:
        """The microphone was muted, and nothing of before that is sent any more; or it was opened."""
        if on and self._muted_at is None:
            self._muted_at = now
            self._uplink.hush()
            self._store.heard(self._ears.epoch, self._ears.next)
            if self._gate is not None:
                self._gate.release(now)
        elif not on:
            self._muted_at = None

    def talk(self, on: bool, now: Ns) -> None:
        """The button is held, or was let go."""
        if not isinstance(self._gate, Gate):
            return
        if not on:
            self._gate.release(now)
        elif self._listening:
            self._pass(self._gate.press(now), now)

    @property
    def held(self) -> bool:
        """Whether the user's turn is open."""
        return self._gate is not None and self._gate.state is not State.SHUT

    def spared(self) -> Frames:
        """Of sound, kept back since the last time that this was asked."""
        if not isinstance(self._gate, Sieve):
            return Frames(0)
        before, self._spared = self._spared, self._gate.unsent
        return Frames(max(0, self._spared - before))

    def speech_ended(self) -> None:
        """Heard here, before the server does (hybrid): it need not wait for its own silence to be over."""
        if self._listening and not self._ended:
            self._uplink.put(StreamEnd())
            self.more()

    def drain(self, now: Ns) -> None:
        """Take what the bus has."""
        before = len(self._uplink)
        for piece in self._ears.drain(now):
            self._use(piece, now)
        if len(self._uplink) != before:
            self.more()

    def tick(self, now: Ns) -> None:
        """Several times a second, after ``drain``."""
        for piece in self._ears.tick(now):
            self._use(piece, now)
        if self._gate is not None:
            self._pass(self._gate.tick(now), now)
        self._uplink.tick(now)
        self._end_stream(now)
        self._tell_losses(now)
        if len(self._uplink):
            self.more()

    def _find_start(self, chunk: Chunk) -> None:
        place = self._store.place
        if place is not None and place.epoch == chunk.epoch:
            self._ears.resume_at(place.epoch, place.position)
        elif self._listening and chunk.position <= self._young:
            self._ears.resume_at(chunk.epoch, Position(0))

    def _use(self, piece: Chunk | Gap, now: Ns) -> None:
        if self._muted_at is not None:  # was on its way when the microphone was muted
            self._store.heard(self._ears.epoch, self._ears.next)
            return
        self._heard_at = now
        if self._gate is not None:
            self._use_gated(piece, self._gate, now)
        elif self._listening and isinstance(piece, Gap):
            self._lose(piece)
        elif self._listening and not isinstance(piece, Gap):
            self._ended = False
            self._uplink.take(piece, now)

    def _use_gated(self, piece: Chunk | Gap, gate: Gate | Sieve, now: Ns) -> None:
        if not isinstance(piece, Gap):
            held, passed = self.held, gate.take(piece, now)
            if self.held and not held:
                self.opened()
            self._pass(passed, now)
        elif self.held and self._listening:
            self._lose(piece)
        if not self.held and not len(self._uplink) and not self._uplink.unacknowledged:
            # what nobody wants is no loss, and a successor need not ask for it
            self._store.heard(self._ears.epoch, self._ears.next)

    def _pass(self, passed: list[Passed], now: Ns) -> None:
        """What the gate lets through. While nobody listens it only remembers."""
        for item in passed if self._listening else ():
            if isinstance(item, Chunk):
                self._uplink.take(item, now)
            elif not self._uplink.put(item) and isinstance(item, ActivityStart) and self._gate is not None:
                self._gate.over()
                self._counters["turns_refused"] += 1
                return

    def _end_stream(self, now: Ns) -> None:
        if self._gate is not None:
            return  # the gate says it
        muted = self._muted_at is not None and now - self._muted_at >= MUTED_FOR
        if not self._ended and self._listening and (muted or now - self._heard_at >= ABSENT_FOR):
            self._ended = self._uplink.put(StreamEnd())

    def _tell_losses(self, now: Ns) -> None:
        if not self._uplink.dropped or now - self._told_at < _TELL_LOSS_EVERY:
            return
        self._told_at = now
        for gap in self._uplink.dropped:
            self._lose(gap)
            if not self._uplink.unacknowledged:  # given up: a successor need not ask for it
                self._store.heard(gap.epoch, gap.position + gap.frames)
        self._uplink.dropped.clear()

    def _lose(self, gap: Gap) -> None:
        self._counters["lost_frames"] += gap.frames
        self._publish(
            Loss(worker="gateway", stream=self._ears.stream, epoch=gap.epoch, position=gap.position, frames=gap.frames)
        )


TICK = Ns(200 * MILLISECOND)
"""How often the gateway looks at its clocks: a lone 10 ms chunk leaves 20 to 220 ms after it came."""
