"""What the model hears, off the bus: in order, whole, each frame once.

With a front end that is stream `voice`, what it made of the microphone. A front end that is being replaced, or stands
still, must not end the conversation: then it is `mic`. Both have the same positions, so that one takes the place of
the other at any frame, and what lies in between is asked for like anything else that is missing.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from lived.bus import Subscriber
from lived.errors import WireError
from lived.stream import Follower, Gap
from lived.units import MILLISECOND, Epoch, Frames, Ns, Position
from lived.wire import Stream, decode_chunk, encode_order
from lived.wire.chunk import Chunk

PUBLISHERS = {Stream.MIC: "capture", Stream.VOICE: "frontend"}
"""Who repeats what was missed."""

PATIENCE = Ns(400 * MILLISECOND)
"""So long `voice` may stay away while `mic` comes: a front end that is started again is back in about a second, one
that works is behind by less than 100 ms."""

CLOSE = Frames(3_200)
"""200 ms: `voice` is always a little behind `mic`. Nearer than this it has caught up, and is waited for."""


class Ears:
    """The one who listens. ``streams``: which ones, the one that is wanted first."""

    def __init__(
        self,
        sound: Subscriber,
        order: Callable[[list[bytes]], None],
        counters: Counter[str],
        streams: tuple[Stream, ...],
    ) -> None:
        self._sound, self._order, self._counters = sound, order, counters
        self._wanted, self._others = streams[0], streams[1:]
        self._follower = Follower(self._wanted)
        self._heard_at: Ns | None = None  # the wanted stream; None until the clock was looked at
        self._without_since: Ns | None = None  # another stream comes, and the wanted one does not
        self._substitute = False  # the other streams are subscribed to
        self.start: Callable[[Chunk], None] = lambda _: None
        """Called with the first chunk of all, before it is used: time to ``resume_at`` somewhere."""
        self._started = False
        sound.subscribe(self._wanted.topic, self._wanted.again_topic)

    @property
    def stream(self) -> Stream:
        """That is being heard."""
        return Stream(self._follower.stream)

    @property
    def epoch(self) -> Epoch:
        """Of what was heard last."""
        return self._follower.epoch

    @property
    def next(self) -> Position:
        """Behind what was heard last."""
        return self._follower.next

    def resume_at(self, epoch: Epoch, position: Position) -> None:
        """Go on where somebody else stopped: what came since is asked for."""
        self._follower.resume_at(epoch, position)

    def drain(self, now: Ns) -> Iterator[Chunk | Gap]:
        """What has come."""
        for frames in self._sound.drain():
            try:
                chunk = decode_chunk(frames)
            except WireError:
                self._counters["bad_chunks"] += 1
                continue
            if self._counts(chunk, now):
                yield from self._take(chunk, now)
        wanted = self._follower.wanted(now)
        if wanted is not None:
            self._order(encode_order(PUBLISHERS[self.stream], wanted))

    def tick(self, now: Ns) -> list[Chunk | Gap]:
        """Several times a second: what can be used because the wait for a hole is over."""
        if self._heard_at is None:
            self._heard_at = now
        if self._others and not self._substitute and now - self._heard_at >= PATIENCE:
            self._substitute = True
            self._sound.subscribe(*(t for other in self._others for t in (other.topic, other.again_topic)))
        return self._follower.tick(now)

    def _take(self, chunk: Chunk, now: Ns) -> list[Chunk | Gap]:
        if not self._started:
            self._started = True
            self.start(chunk)
        return self._follower.take(chunk, now)

    def _counts(self, chunk: Chunk, now: Ns) -> bool:
        """Whether this stream is the one to hear now."""
        if chunk.stream is self._wanted:
            self._heard_at = now
            caught_up = chunk.epoch > self.epoch or (chunk.epoch == self.epoch and chunk.end + CLOSE > self.next)
            if caught_up:
                self._prefer()
            return caught_up
        if self._without_since is None:
            self._without_since = now
        if now - self._without_since < PATIENCE:
            return False
        if self._follower.stream != chunk.stream:
            self._counters["substituted"] += 1
            self._follower.stream = chunk.stream
        return True

    def _prefer(self) -> None:
        """The wanted stream is there (again)."""
        self._without_since = None
        self._follower.stream = self._wanted
        if self._substitute:
            self._substitute = False
            self._sound.unsubscribe(*(t for other in self._others for t in (other.topic, other.again_topic)))
