"""From the daemon to the server, first half: stream `mic` off the bus, in order and whole, into the ``Uplink``."""

from collections import Counter
from collections.abc import Callable

from lived.bus import Subscriber
from lived.errors import WireError
from lived.stream import Follower, Gap
from lived.units import MILLISECOND, SECOND, Frames, Ns, Position
from lived.wire import Stream, decode_chunk, encode_order
from lived.wire.chunk import Chunk
from lived.wire.events import Event, Loss
from lived_workers.gateway.messages import StreamEnd
from lived_workers.gateway.store import Store
from lived_workers.gateway.uplink import Uplink

SOURCE = Stream.MIC
"""What is sent to the model; `voice` when there is a front end."""
PUBLISHER = "capture"
"""Who repeats what was missed."""

TOPICS = (SOURCE.topic, SOURCE.again_topic)

MUTED_FOR = Ns(1 * SECOND)
"""The Live API wants to know when the microphone pauses for longer; the next sound opens it again."""
ABSENT_FOR = Ns(3 * SECOND)
"""A microphone that is gone rather than muted may be a worker that is being replaced: 2 s, and then it catches up."""

_TELL_LOSS_EVERY = Ns(1 * SECOND)


class Hearing:
    """Follows the microphone while there is a conversation."""

    def __init__(
        self,
        uplink: Uplink,
        store: Store,
        publish: Callable[[Event], None],
        order: Callable[[list[bytes]], None],
        counters: Counter[str],
        young: Frames,
    ) -> None:
        """``young``: a stream that has no more frames behind it is heard from its beginning, so that what was said
        while this process started is not missed."""
        self._uplink, self._store, self._publish, self._order = uplink, store, publish, order
        self._counters = counters
        self._young = young
        self._follower = Follower(SOURCE)
        self._started = False
        self._listening = False
        self._muted_at: Ns | None = None
        self._heard_at = Ns(0)
        self._ended = True  # the server has been told that nothing comes; nothing has come since
        self._told_at = Ns(0)
        self.more: Callable[[], None] = lambda: None
        """Called when the uplink has something new."""

    def begin(self) -> None:
        """A conversation: go on where a former process stopped, else with what comes now."""
        self._listening = True

    def pause(self) -> None:
        """Nobody will be there to hear it: what comes is dropped."""
        self._listening = False
        self._uplink.clear()

    def end(self) -> None:
        """The conversation was ended: nothing of it is sent, nor caught up with."""
        self.pause()
        self._store.forget_place()
        self._ended = True

    def mute(self, on: bool, now: Ns) -> None:
        """The microphone was muted or opened."""
        self._muted_at = (now if self._muted_at is None else self._muted_at) if on else None

    def drain(self, source: Subscriber, now: Ns) -> None:
        """Take what the bus has."""
        before = len(self._uplink)
        for frames in source.drain():
            try:
                chunk = decode_chunk(frames)
            except WireError:
                self._counters["bad_chunks"] += 1
                continue
            self._take(chunk, now)
        wanted = self._follower.wanted()
        if wanted is not None:
            self._order(encode_order(PUBLISHER, wanted))
        if len(self._uplink) != before:
            self.more()

    def tick(self, now: Ns) -> None:
        """Several times a second, after ``drain``."""
        for piece in self._follower.tick(now):
            self._use(piece, now)
        self._uplink.tick(now)
        self._end_stream(now)
        self._tell_losses(now)
        if len(self._uplink):
            self.more()

    def _take(self, chunk: Chunk, now: Ns) -> None:
        if not self._started:
            self._started = True
            self._find_start(chunk)
        for piece in self._follower.take(chunk, now):
            self._use(piece, now)

    def _find_start(self, chunk: Chunk) -> None:
        place = self._store.place
        if place is not None and place.epoch == chunk.epoch:
            self._follower.resume_at(place.epoch, place.position)
        elif self._listening and chunk.position <= self._young:
            self._follower.resume_at(chunk.epoch, Position(0))

    def _use(self, piece: Chunk | Gap, now: Ns) -> None:
        self._heard_at = now
        if isinstance(piece, Gap):
            if self._listening:
                self._lose(piece)
        elif self._listening:
            self._ended = False
            self._uplink.take(piece, now)

    def _end_stream(self, now: Ns) -> None:
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
        self._publish(Loss(worker="gateway", stream=SOURCE, epoch=gap.epoch, position=gap.position, frames=gap.frames))


TICK = Ns(100 * MILLISECOND)
"""How often the gateway looks at its clocks: a lone 10 ms chunk leaves 20 to 120 ms after it came."""
