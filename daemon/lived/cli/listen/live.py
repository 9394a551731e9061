"""A stream that comes as fast as it is heard (mic, voice, speaker), on a card with a clock of its own. Pure.

Every frame carries the time at which it passed its converter, and is heard a fixed delay later: that is the whole
jitter buffer, and it aligns two streams too. Two cards' clocks differ, so what is heard wanders away from its time; it
is brought back by leaving out or doubling silence.

One writer (the main thread, ``put``) and one reader (the card's, everything else); the queue between them is a deque,
whose ends belong to one of them each.
"""

from collections import deque

from lived.cli.listen.fade import begun, ended, is_quiet
from lived.pcm import silence
from lived.units import BYTES_PER_SAMPLE, MILLISECOND, SECOND, Epoch, Hz, Ns, span_of
from lived.wire import FLAG_MUTED, Chunk

CHUNKS = 500
"""At most so many wait: 5 s of chunks of 10 ms; the oldest go first. 500 * 1 kB = 0.5 MB."""

SLACK = Ns(10 * MILLISECOND)
"""Nearer to its time than this is near enough: times wander by some milliseconds from block to block."""

FAR = Ns(250 * MILLISECOND)
"""Further away than this it is brought back at once, silence or not: a machine or a card that stood still."""

AVERAGED = 50
"""Blocks over which the distance is averaged before anything is done about it: a second at 20 ms."""


class Live:
    """One such stream, mono."""

    def __init__(self, rate: Hz) -> None:
        self.rate = rate
        self.late = Ns(0)
        """How much too late sound came since this was set to 0 last: what ``delay`` lacks."""
        self.lost = 0
        """Frames that are missing in the stream; they are heard as silence. Written by the writer."""
        self.mended = 0
        """Frames left out (or doubled, less than 0) so as to keep up with the other clock."""
        self._queue: deque[Chunk] = deque(maxlen=CHUNKS)
        self._newest: tuple[int, int] = (0, 0)  # epoch and end of what was put last; the writer's
        self._epoch: Epoch | None = None  # of what is being heard; None: nothing is, the next piece waits for its time
        self._cursor = 0  # position of the next frame
        self._errors: list[int] = []
        self._owed = 0  # frames to leave out; less than 0: to wait

    def put(self, chunk: Chunk) -> None:
        """One more piece of the stream, in order, in mono."""
        epoch, end = self._newest
        if chunk.epoch == epoch and chunk.position > end and not chunk.flags & FLAG_MUTED:
            self.lost += chunk.position - end
        self._newest = (chunk.epoch, chunk.end)
        self._queue.append(chunk)

    def read(self, frames: int, when: Ns) -> bytes:
        """The next ``frames``; the first one is to be what passed its converter at ``when``. Never waits."""
        head = self._head()
        if head is None or head.epoch != self._epoch:
            return self._begin(head, frames, when)
        distance = when - self._time_of(self._cursor, head)
        self._errors.append(distance)
        pcm = self._take(frames)
        if abs(distance) > FAR:
            self._stop()
            return ended(pcm, frames, self.rate)
        if len(self._errors) == AVERAGED:
            self._judge()
        if self._owed and is_quiet(pcm):
            pcm = self._mended(pcm, frames)
        if len(pcm) == frames * BYTES_PER_SAMPLE:
            return pcm
        self._stop()  # ran dry: what comes next waits for its time
        return ended(pcm, frames, self.rate)

    def _begin(self, head: Chunk | None, frames: int, when: Ns) -> bytes:
        """Nothing is being heard: silence up to the time of the next piece."""
        self._stop()
        if head is None:
            return silence(frames)
        epoch, end = self._newest
        if epoch == head.epoch:
            lacks = when + span_of(frames, self.rate) - self._time_of(end, head)
            if 0 < lacks < FAR:
                self.late = Ns(max(self.late, lacks))
        before = (head.time - when) * self.rate // SECOND
        if before >= frames:
            return silence(frames)
        self._epoch, self._cursor = head.epoch, head.position - min(before, 0)
        quiet = silence(max(before, 0))
        pcm = begun(self._take(frames - max(before, 0)), self.rate)
        short = frames - len(quiet + pcm) // BYTES_PER_SAMPLE
        if short:
            self._stop()
        return quiet + pcm + silence(short)

    def _stop(self) -> None:
        self._epoch, self._owed = None, 0
        self._errors.clear()

    def _head(self) -> Chunk | None:
        """The piece at the cursor or behind it; what was heard is thrown away."""
        while self._queue:
            head = self._queue[0]
            newest, _ = self._newest
            if head.epoch != self._epoch:
                if head.epoch >= newest:
                    return head
            elif head.end > self._cursor:
                return head
            self._queue.popleft()
        return None

    def _time_of(self, position: int, near: Chunk) -> Ns:
        return Ns(near.time + (position - near.position) * SECOND // self.rate)

    def _take(self, frames: int) -> bytes:
        """From the cursor on, as many as there are; what is missing in between is silence. Throws nothing away yet."""
        parts, left, index = [], frames, 0
        while left:
            try:
                chunk = self._queue[index]
            except IndexError:
                break
            index += 1
            if chunk.epoch != self._epoch or chunk.end <= self._cursor:
                continue
            gap = max(0, chunk.position - self._cursor)
            if gap:
                parts.append(silence(min(gap, left)))
            first = (self._cursor + gap - chunk.position) * BYTES_PER_SAMPLE
            parts.append(chunk.pcm[first : first + max(0, left - gap) * BYTES_PER_SAMPLE])
            taken = min(left, gap + (len(chunk.pcm) - first) // BYTES_PER_SAMPLE)
            self._cursor += taken
            left -= taken
        return b"".join(parts)

    def _judge(self) -> None:
        mean = sum(self._errors) // AVERAGED
        self._errors.clear()
        self._owed = mean * self.rate // SECOND if abs(mean) > SLACK else 0

    def _mended(self, pcm: bytes, frames: int) -> bytes:
        """One quiet block, with a part of what is owed left out of it, or put into it."""
        step = max(-frames, min(self._owed, len(pcm) // BYTES_PER_SAMPLE))
        self._owed -= step
        self.mended += step
        self._errors.clear()
        if step > 0:
            return pcm[step * BYTES_PER_SAMPLE :] + self._take(step)
        kept = len(pcm) + step * BYTES_PER_SAMPLE
        self._cursor += step  # the end of the block is heard once more: it is as quiet
        return silence(-step) + pcm[: max(0, kept)]
