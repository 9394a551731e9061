"""Following one stream without losing or doubling a frame. Pure: time is a parameter.

A stream can be missed in part (a worker was restarted, a queue was full). Its publisher remembers the last
seconds (``Recent``) and repeats them when asked; its reader (``Follower``) puts live and repeated chunks in
order, drops doubles, asks for what is missing, and gives up after a while so that sound goes on.
"""

from collections import deque
from typing import NamedTuple

from lived.units import BYTES_PER_SAMPLE, MILLISECOND, Epoch, Frames, Hz, Ns, Position
from lived.wire.chunk import FLAG_MUTED, FLAG_OVERFLOW, Chunk
from lived.wire.orders import Again

PATIENCE = Ns(500 * MILLISECOND)
"""How long a hole may hold up the sound behind it. A repetition takes a few ms; this is for a busy machine."""

ASK_AGAIN = Ns(150 * MILLISECOND)
"""How long a request may bring nothing before it counts as lost: a bus drops what is said while it is being made anew,
and comes back within 100 to 200 ms. Three requests fit into ``PATIENCE``."""

_MOST_HELD = 2_000
"""Chunks held behind a hole: 500 ms at 100 chunks/s is 50; the rest is room for a burst after a standstill."""


BURST = Frames(320)
"""20 ms of 16 kHz: what one message to the server carries. Chunks of ``mic`` are published as soon as a multiple of
it is reached, and messages end there too: half as many wake-ups for everybody on the way, and nobody waits longer."""


def ends_burst(position: Position, end: Position) -> bool:
    """Whether a chunk from ``position`` to ``end`` reaches a multiple of ``BURST``."""
    return position // BURST != end // BURST


class Gap(NamedTuple):
    """Frames that will never come."""

    epoch: Epoch
    position: Position
    frames: Frames


class Recent:
    """The last seconds of a stream as its publisher sent them. Appended to by one thread, read by another."""

    def __init__(self, frames: Frames, chunk_frames: Frames) -> None:
        """Remember at least ``frames`` when every chunk has ``chunk_frames``."""
        self._chunks: deque[Chunk] = deque(maxlen=max(1, -(-frames // chunk_frames)))
        self.add = self._chunks.append
        self.clear = self._chunks.clear

    def since(self, epoch: Epoch, position: Position) -> list[Chunk]:
        """Chunks of ``epoch`` with anything at or behind ``position``, in order."""
        # list(deque) is one bytecode in C: the sound thread cannot append in the middle of it
        return [c for c in list(self._chunks) if c.epoch == epoch and c.end > position]


class Follower:
    """One reader's place in one stream."""

    def __init__(self, stream: str) -> None:
        self.stream = stream
        """Where what is missing is asked for. Streams with the same positions may take each other's place."""
        self.epoch = Epoch(0)
        self.next = Position(0)
        self._held: list[Chunk] = []  # behind a hole, in the order of their arrival; at most _MOST_HELD
        self._asked: tuple[Ns, Position] | None = None  # when, and from where on

    def resume_at(self, epoch: Epoch, position: Position) -> None:
        """Begin where somebody else left off: what lies between here and the first live chunk is asked for."""
        self.epoch, self.next = epoch, position

    def take(self, chunk: Chunk, now: Ns) -> list[Chunk | Gap]:
        """What can be used after ``chunk`` arrived: chunks in order without doubles, gaps where sound is lost."""
        if chunk.position == self.next and chunk.epoch == self.epoch and not self._held:  # nearly always
            return [self._deliver(chunk)]
        if chunk.epoch < self.epoch:
            return []
        out: list[Chunk | Gap] = []
        if chunk.epoch > self.epoch:
            out += self._give_up()
            self.epoch, self.next = chunk.epoch, chunk.position
        out += self._place(chunk, now)
        return out

    def wanted(self, now: Ns) -> Again | None:
        """The request to send now: once for each hole, and again when that has brought nothing."""
        if not self._held:
            return None
        if self._asked is not None and self._asked[1] != self.next:
            self._asked = now, self.next  # it is coming
        if self._asked is not None and now - self._asked[0] < ASK_AGAIN:
            return None
        self._asked = now, self.next
        return Again(stream=self.stream, epoch=self.epoch, position=self.next)

    def tick(self, now: Ns) -> list[Chunk | Gap]:
        """What can be used because the wait for a hole is over."""
        if self._held and now - self._held_at >= PATIENCE:
            return self._give_up()
        return []

    def _place(self, chunk: Chunk, now: Ns) -> list[Chunk | Gap]:
        if chunk.end <= self.next:
            return []
        intended = chunk.flags & FLAG_MUTED
        lost_at_card = chunk.flags & FLAG_OVERFLOW
        if chunk.position <= self.next:
            return [self._deliver(chunk), *self._unhold()]
        if not self._held and (intended or lost_at_card):
            gap = [] if intended else [self._gap_before(chunk)]
            return [*gap, self._deliver(chunk)]
        if not self._held:
            self._held_at, self._asked = now, None
        self._held.append(chunk)
        return self._give_up() if len(self._held) >= _MOST_HELD else []

    def _deliver(self, chunk: Chunk) -> Chunk:
        """Advance past ``chunk``, without the frames that were delivered before."""
        skip = self.next - chunk.position
        self.next = chunk.end
        if skip <= 0:
            return chunk
        cut = skip * BYTES_PER_SAMPLE * chunk.channels
        later = Ns(chunk.time + skip * 1_000_000_000 // chunk.rate)
        return chunk._replace(position=Position(chunk.position + skip), time=later, pcm=chunk.pcm[cut:])

    def _gap_before(self, chunk: Chunk) -> Gap:
        return Gap(self.epoch, self.next, Frames(chunk.position - self.next))

    def _unhold(self) -> list[Chunk | Gap]:
        """Deliver what the chunk just placed has made reachable."""
        out: list[Chunk | Gap] = []
        self._held.sort(key=lambda c: c.position)
        while self._held and self._reachable(self._held[0]):
            chunk = self._held.pop(0)
            if chunk.end > self.next:
                out.append(self._deliver(chunk))
        return out

    def _reachable(self, chunk: Chunk) -> bool:
        return chunk.position <= self.next or bool(chunk.flags & FLAG_MUTED)

    def _give_up(self) -> list[Chunk | Gap]:
        """Deliver everything held, with gaps for what is missing in between."""
        out: list[Chunk | Gap] = []
        for chunk in sorted(self._held, key=lambda c: c.position):
            if chunk.end <= self.next:
                continue
            if chunk.position > self.next and not chunk.flags & FLAG_MUTED:
                out.append(self._gap_before(chunk))
            out.append(self._deliver(chunk))
        self._held, self._asked = [], None
        return out

    _held_at = Ns(0)


def recent_for(seconds: float, rate: Hz, chunk_frames: Frames) -> Recent:
    """A memory of ``seconds`` of a stream."""
    return Recent(Frames(int(seconds * rate)), chunk_frames)
