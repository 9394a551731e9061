"""Replies of the model, which come faster than they are heard (stream ``model``). Pure.

They are heard in order, and what is cut is not heard any more, whichever comes first. One writer (the main thread) and
one reader (the card's); beside each field stands who writes it.
"""

from collections import deque

from lived.cli.listen.fade import FADE, begun, ended
from lived.pcm import silence
from lived.units import BYTES_PER_SAMPLE, MODEL_RATE, NO_TURN, Frames, Ms, Ns, Turn, frames_in
from lived.wire import Chunk

CAPACITY = Frames(600 * MODEL_RATE)
"""Ten minutes: 600 s * 24,000 frames * 2 B = 28.8 MB. No reply is as long; what does not fit is counted."""

PREBUFFER = frames_in(Ms(100), MODEL_RATE)
"""Kept back before a reply begins, or goes on after it ran dry."""

PATIENCE = frames_in(Ms(500), MODEL_RATE)
"""Sound that waits for its prebuffer is heard after so long all the same: it may be the last word."""

_LONGEST_GAP = frames_in(Ms(2_000), MODEL_RATE)
"""A longer loss is not waited out: nobody has to hear an hour of nothing."""


class Replies:
    """That stream, mono."""

    rate = MODEL_RATE
    late = Ns(0)
    """Never: nothing of it has a time."""

    def __init__(self) -> None:
        self.lost = 0
        """Frames that are missing, or did not fit. The writer's."""
        self.cut = NO_TURN
        """Nothing of this turn or an older one is to be heard. The writer's; it only grows."""
        self._queue: deque[tuple[Turn, bytes]] = deque()  # the writer appends, the reader takes from the left
        self._arrived = 0  # frames; the writer's
        self._gone = 0  # frames heard or thrown away; the reader's, as everything below
        self._next: tuple[int, int] = (0, 0)  # epoch and position; the writer's
        self._turn = NO_TURN
        self._rest = b""  # of ``_turn``: taken off the queue, not heard yet
        self._obeyed = NO_TURN
        self._flowing = False
        self._waited = 0

    def put(self, chunk: Chunk) -> None:
        """One more piece, in order."""
        epoch, position = self._next
        missing = max(0, chunk.position - position) if epoch == chunk.epoch else 0
        self._next = (chunk.epoch, chunk.end)
        self.lost += missing
        if chunk.turn <= self.cut:
            return
        pcm = silence(min(missing, _LONGEST_GAP)) + chunk.pcm
        frames = len(pcm) // BYTES_PER_SAMPLE
        if self._arrived - self._gone + frames > CAPACITY:
            self.lost += chunk.frames
            return
        self._queue.append((chunk.turn, pcm))
        self._arrived += frames

    def read(self, frames: int, _when: Ns) -> bytes:
        """The next ``frames``. Never waits."""
        if self.cut != self._obeyed:
            return self._obey(frames)
        if not self._flowing:
            waiting = self._arrived - self._gone
            self._waited = self._waited + frames if waiting else 0
            if not waiting or (waiting < PREBUFFER and self._waited < PATIENCE):
                return silence(frames)
            self._flowing = True
            return begun(self._fetch(frames), self.rate).ljust(frames * BYTES_PER_SAMPLE, b"\0")
        pcm = self._fetch(frames)
        if len(pcm) == frames * BYTES_PER_SAMPLE:
            return pcm
        self._flowing, self._waited = False, 0
        return ended(pcm, frames, self.rate)

    def _obey(self, frames: int) -> bytes:
        """Fade out what is being heard of the turns that were cut, and forget the rest of them."""
        self._obeyed = self.cut
        pcm = b""
        if self._turn <= self._obeyed:
            if self._flowing:
                pcm = self._rest[: frames_in(FADE, self.rate) * BYTES_PER_SAMPLE]
            self._gone += len(self._rest) // BYTES_PER_SAMPLE
            self._rest, self._flowing = b"", False
        while self._queue and self._queue[0][0] <= self._obeyed:
            self._gone += len(self._queue.popleft()[1]) // BYTES_PER_SAMPLE
        return ended(pcm[: frames * BYTES_PER_SAMPLE], frames, self.rate)

    def _fetch(self, frames: int) -> bytes:
        wanted = frames * BYTES_PER_SAMPLE
        parts, have = [self._rest], len(self._rest)
        while have < wanted and self._queue:
            self._turn, pcm = self._queue.popleft()
            parts.append(pcm)
            have += len(pcm)
        sound = b"".join(parts)
        pcm, self._rest = sound[:wanted], sound[wanted:]
        self._gone += len(pcm) // BYTES_PER_SAMPLE
        return pcm
