"""Lets through what the front end marked as meant for the model, and the moments before it. Pure.

The front end has decided, and the mark is in the stream: nothing can come too late for it. People have begun to speak
a little before anybody can tell, and a sentence begins before its wake word has been recognised: the first chunk of it
says how much of what was kept here goes before it. What is kept back is no loss; it is counted, because it is money.
"""

from collections import deque

from lived.units import MIC_RATE, SECOND, Frames, Ms, Ns, frames_in
from lived.wire import FLAG_MEANT, FLAG_MUTED, Chunk, Stream
from lived_workers.gateway.gate import Passed, State
from lived_workers.gateway.messages import StreamEnd

ABSENT = Ns(1 * SECOND)
"""Nothing has come for so long: nobody speaks any more. The Live API wants to know of a pause from here on."""

REACH = frames_in(Ms(5_000), MIC_RATE)
"""How far back a first chunk may reach: a pre-roll of at most 3 s (frontend.uplink.preroll_ms), and what it takes to
recognise speech or a wake word before that."""

_MOST_KEPT = 600
"""Chunks: that in chunks of 10 ms, and some shorter ones."""


class Sieve:
    """Between what the front end made and the uplink."""

    def __init__(self) -> None:
        self._kept: deque[Chunk] = deque(maxlen=_MOST_KEPT)
        self._came_at = Ns(0)
        self.state = State.SHUT
        self.unsent = Frames(0)
        """Kept back for good, ever."""

    def take(self, chunk: Chunk, now: Ns) -> list[Passed]:
        """The next chunk; `mic`, where the front end is missing, is let through as it is."""
        self._came_at = now
        if chunk.flags & FLAG_MEANT or chunk.stream is Stream.MIC:
            before, self.state = self.state, State.OPEN
            kept = self._before(chunk) if before is State.SHUT else []
            return [*kept, chunk]
        ended = self.over()
        self._keep(chunk)
        return ended

    def release(self, now: Ns) -> None:
        """The microphone was muted: what comes after this is from after that."""
        self._came_at = Ns(min(self._came_at, now - ABSENT))
        self._let_go()

    def tick(self, now: Ns) -> list[Passed]:
        """Several times a second."""
        return self.over() if now - self._came_at >= ABSENT else []

    def over(self) -> list[Passed]:
        """Nothing more is meant for the model."""
        before, self.state = self.state, State.SHUT
        return [] if before is State.SHUT else [StreamEnd()]

    def _before(self, chunk: Chunk) -> list[Chunk]:
        since = chunk.position - min(chunk.turn, REACH)
        kept = [early for early in self._kept if early.epoch == chunk.epoch and early.end > since]
        self.unsent = Frames(self.unsent - sum(early.frames for early in kept))
        self._let_go()
        return kept

    def _keep(self, chunk: Chunk) -> None:
        if chunk.flags & FLAG_MUTED:
            self._let_go()
        self._kept.append(chunk)
        self.unsent = Frames(self.unsent + chunk.frames)
        while self._kept[0].epoch != chunk.epoch or chunk.end - self._kept[0].end > REACH:
            self._kept.popleft()

    def _let_go(self) -> None:
        self._kept.clear()
