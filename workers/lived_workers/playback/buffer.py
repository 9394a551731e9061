"""The jitter buffer, keyed by turn. Pure: no thread, no clock, no lock.

One writer (the main thread, here) and one reader (the card's thread, ``Reader``) share it under the GIL; beside
each shared field stands who writes it. A cut is a number that only grows: whatever the order in which sound and
cuts arrive, the writer lets nothing of a turn at or below it in, and the reader gives nothing of it out but the
fade of what is being heard.
"""

from collections import deque
from itertools import islice

from lived.units import BYTES_PER_SAMPLE, MODEL_RATE, NO_TURN, Frames, Ms, Turn, frames_in
from lived_workers.playback.reader import Reader
from lived_workers.playback.turns import Place, TurnSound

CAPACITY = Frames(600 * MODEL_RATE)
"""Ten minutes: 600 s * 24,000 frames * 2 B = 28.8 MB. A reply comes faster than it is spoken; the longest that the
API gives is bounded by its output tokens to a few minutes."""

_TOTALS_KEPT = 64
"""Turns whose end was announced before their sound came: one, unless the sound is lost."""


class JitterBuffer:
    """The writer's side; ``reader`` is the other."""

    def __init__(self, prebuffer: Ms, cut: Turn = NO_TURN, resumed: Turn = NO_TURN, heard: int = 0) -> None:
        """``cut``, ``resumed`` and ``heard`` come from a predecessor that died: what was cut, and how many frames
        of which turn it had played."""
        self._queue: deque[TurnSound] = deque()  # appended to by the writer, taken from by the reader
        self.reader = Reader(self._queue, frames_in(prebuffer, MODEL_RATE), cut)
        self._newest = TurnSound(resumed, heard)
        self._newest.over = True
        self._totals: dict[Turn, int] = {}
        self.dropped = 0
        """Frames that did not fit."""
        self.stale = 0
        """Frames that came after sound of a newer turn, which nobody sends."""

    @property
    def newest(self) -> Turn:
        """The newest turn of which sound arrived."""
        return self._newest.turn

    @property
    def waiting(self) -> Frames:
        """Frames that are still to be heard."""
        cut = self.reader.cut
        return Frames(sum(s.waiting for s in list(self._queue) if s.turn > cut))

    def put(self, turn: Turn, pcm: bytes, behind: Place) -> None:
        """Sound of ``turn``, mono s16le; ``behind`` is the place of the frame after it. Silently nothing when the
        turn was cut; counted when there is no room or a newer turn has begun."""
        frames = len(pcm) // BYTES_PER_SAMPLE
        if turn <= self.reader.cut or not frames:
            return
        if turn < self._newest.turn:
            self.stale += frames
        elif self.waiting + frames > CAPACITY:
            self.dropped += frames
        elif turn == self._newest.turn and not self._newest.over:
            self._newest.append(pcm, behind)
            self._rescue(self._newest)
        else:
            self._begin(turn, [(pcm, behind)])

    def total(self, turn: Turn, frames: int) -> None:
        """The whole turn has ``frames``, as far as the gateway knows; the largest counts."""
        for sound in list(self._queue):
            if sound.turn == turn:
                sound.total = max(sound.total or 0, frames)
        if turn >= self._newest.turn:
            self._totals[turn] = max(self._totals.get(turn, 0), frames)
        for old in list(islice(self._totals, max(0, len(self._totals) - _TOTALS_KEPT))):
            del self._totals[old]

    def cut(self, turn: Turn) -> bool:
        """Nothing of ``turn`` or an older one is to be heard any more. False when that was so already."""
        if turn <= self.reader.cut:
            return False
        self.reader.cut = turn  # before the pieces go: the reader then knows why they are gone
        for sound in list(self._queue):
            if sound.turn <= turn:
                sound.pieces.clear()
        for old in [t for t in self._totals if t <= turn]:
            del self._totals[old]
        return True

    def _begin(self, turn: Turn, pieces: list[tuple[bytes, Place]]) -> None:
        """A new turn, or more of one that was thought to be over."""
        sound = TurnSound(turn, self._newest.heard if turn == self._newest.turn else 0)
        for pcm, behind in pieces:
            sound.append(pcm, behind)
        sound.total = self._totals.get(turn)
        self._newest = sound
        self._queue.append(sound)  # last: the reader finds the turn with its sound

    def _rescue(self, sound: TurnSound) -> None:
        """The reader ended the turn while a piece was on its way in: begin it again with that piece."""
        pieces = []
        while sound.over and sound.pieces:
            pieces.append(sound.pieces.popleft())
        if pieces:
            self._begin(sound.turn, pieces)
