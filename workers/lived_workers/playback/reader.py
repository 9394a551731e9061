"""The card's side of the jitter buffer: what is heard next. Pure: time is counted in frames read.

The stages: IDLE, no turn waits. FILLING, a turn waits for its prebuffer, at its beginning or after it ran dry.
FLOWING, it is heard. All fields are the reader's own but where it says otherwise.
"""

from collections import deque
from collections.abc import Callable
from enum import StrEnum

from lived.pcm import silence
from lived.units import BYTES_PER_SAMPLE, MODEL_RATE, NO_TURN, Frames, Ms, Position, Turn, frames_in
from lived_workers.playback.fade import FADE, FadeIn, faded_out
from lived_workers.playback.turns import NOWHERE, Heard, Notice, Place, Played, Silenced, Starved, TurnSound

PATIENCE = frames_in(Ms(500), MODEL_RATE)
"""Sound that waits for its prebuffer is heard after so long all the same: it may be the last word of a turn whose
end nobody announces."""

DRY_LIMIT = frames_in(Ms(3_000), MODEL_RATE)
"""A turn whose end is unknown, or whose end never came, is over when nothing has come for so long."""

_MOST_NOTICES = 1_000
"""Four for each turn at the most; the main thread takes them every few milliseconds."""


class Stage(StrEnum):
    """What the reader does."""

    IDLE = "idle"
    FILLING = "filling"
    FLOWING = "flowing"


class Reader:
    """Belongs to the card's thread. While no device is open, the main thread may call ``read(0)`` in its place."""

    def __init__(self, queue: deque[TurnSound], prebuffer: Frames, cut: Turn) -> None:
        """``queue`` is appended to by the writer; the reader takes turns off its left end."""
        self.cut = cut
        """Highest turn cut. Written by the writer; it only grows."""
        self.notices: deque[Notice] = deque(maxlen=_MOST_NOTICES)
        """Appended to by the reader, emptied by the main thread."""
        self.position = Position(0)
        """Frames given out since the beginning, silence included."""
        self.turn = NO_TURN
        """Heard in the block read last; a block never has sound of two."""
        self._queue = queue
        self._prebuffer = prebuffer
        self._obeyed = cut
        self._stage = Stage.IDLE
        self._steps: dict[Stage, Callable[[int], bytes | None]] = {
            Stage.IDLE: self._idle,
            Stage.FILLING: self._filling,
            Stage.FLOWING: self._flowing,
        }
        self._sound: TurnSound | None = None
        self._announced: TurnSound | None = None
        self._rest = b""  # taken off the turn's pieces, not heard yet: at least FADE frames while FLOWING
        self._behind = NOWHERE  # the place behind _rest
        self._fade_in = FadeIn()
        self._waited = 0  # frames of silence since the waiting sound could have been heard
        self._dry = 0  # frames of silence since the turn has nothing more

    @property
    def place(self) -> Place:
        """Where stream ``model`` goes on behind what was heard."""
        epoch, position = self._behind
        return Place(epoch, Position(position - len(self._rest) // BYTES_PER_SAMPLE))

    @property
    def heard(self) -> int:
        """Frames heard of the turn that is being played; 0 when there is none."""
        return self._sound.heard if self._sound else 0

    @property
    def idle(self) -> bool:
        """Whether nothing is being heard, and every cut has been obeyed."""
        return self._stage is not Stage.FLOWING and self.cut == self._obeyed

    def read(self, frames: int) -> bytes:
        """The next ``frames`` for the card, mono s16le; silence where there is no sound. Never waits."""
        self.turn = NO_TURN
        parts: list[bytes] = []
        left = frames
        if self.cut != self._obeyed:
            left -= self._give(self._obey(left), parts)
        while left:
            pcm = self._steps[self._stage](left)
            left -= self._give(silence(left) if pcm is None else pcm, parts)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _give(self, pcm: bytes, parts: list[bytes]) -> int:
        frames = len(pcm) // BYTES_PER_SAMPLE
        self.position = Position(self.position + frames)
        if frames:
            parts.append(pcm)
        return frames

    # Each step gives sound, or b"" when it has changed the stage, or None when there is nothing to hear now.

    def _idle(self, left: int) -> bytes | None:  # noqa: ARG002
        if not self._queue or self.turn:  # a block has sound of one turn only: the next one begins with the next
            return None
        self._sound = self._queue[0]
        self._fill()
        return b""

    def _fill(self) -> None:
        self._stage = Stage.FILLING
        self._waited = self._dry = 0

    def _filling(self, left: int) -> bytes | None:
        sound = self._playing()
        nothing_more = self._nothing_more(sound)
        if not sound.waiting:
            self._dry += left
            return b"" if (nothing_more or self._dry > DRY_LIMIT) and self._end(sound) else None
        enough = sound.waiting >= max(self._prebuffer, left + FADE)
        if not (enough or nothing_more or self._waited >= PATIENCE):
            self._waited += left
            return None
        self._stage = Stage.FLOWING
        if sound.heard:
            self._fade_in.begin()
        if sound is not self._announced:
            self._announced = sound
            self.notices.append(Heard(sound.turn, self.position))
        return b""

    def _flowing(self, left: int) -> bytes | None:
        sound = self._playing()
        nothing_more = self._nothing_more(sound)  # before _fetch: what arrives in between is not missed
        have = self._fetch(sound, left + FADE)
        if self.cut != self._obeyed:  # in the middle of this block: the writer has taken the sound away
            return self._obey(left)
        if not nothing_more and have < left + FADE:
            return self._starve(sound, left)
        if not have:
            return b"" if self._end(sound) else None
        pcm = self._fade_in.over(self._take(sound, left))
        if nothing_more and not self._rest and not sound.pieces:
            self._end(sound)
        return pcm

    def _starve(self, sound: TurnSound, left: int) -> bytes:
        """Sound is late: fade out while there is something to fade, and wait for the prebuffer."""
        pcm = faded_out(self._fade_in.over(self._take(sound, left)))
        self._fill()
        self.notices.append(Starved(sound.turn, Frames(sound.heard)))
        return pcm

    def _obey(self, left: int) -> bytes:
        """Fade out what is being heard of the turns that were cut, and forget them all."""
        cut = self._obeyed = self.cut
        sound, pcm, heard_turn, heard = self._sound, b"", NO_TURN, 0
        if sound and sound.turn <= cut:
            if self._stage is Stage.FLOWING:
                gain = self._fade_in.gain
                pcm = faded_out(self._take(sound, min(left, FADE)), gain)
            if sound.heard:
                heard_turn, heard = sound.turn, sound.heard
            self._forget()
        while self._queue and self._queue[0].turn <= cut:
            gone = self._queue.popleft()
            gone.over = True
            self.notices.append(Played(gone.turn, Frames(gone.heard), cut=True))
        at = Position(self.position + len(pcm) // BYTES_PER_SAMPLE)
        self.notices.append(Silenced(cut, heard_turn, Frames(heard), at))
        return pcm

    def _end(self, sound: TurnSound) -> bool:
        """The turn is over; False when sound of it arrived, or it was cut, at this very moment."""
        sound.over = True
        if sound.pieces or self.cut >= sound.turn:
            sound.over = False
            return False
        self._queue.popleft()
        self._forget()
        self.notices.append(Played(sound.turn, Frames(sound.heard), cut=False))
        return True

    def _forget(self) -> None:
        self._sound, self._stage, self._rest = None, Stage.IDLE, b""
        self._fade_in = FadeIn()

    def _nothing_more(self, sound: TurnSound) -> bool:
        """Whether all there will ever be of the turn has arrived: its total, or sound of a newer turn behind it."""
        return sound.has_all or len(self._queue) > 1

    def _fetch(self, sound: TurnSound, frames: int) -> int:
        """Have ``frames`` at hand if there are so many; the answer is how many there are."""
        parts, have = [self._rest], len(self._rest)
        while have < frames * BYTES_PER_SAMPLE:
            try:
                pcm, self._behind = sound.pieces.popleft()
            except IndexError:
                break  # nothing more now, or cut: the writer clears the pieces
            parts.append(pcm)
            have += len(pcm)
        self._rest = b"".join(parts)
        return have // BYTES_PER_SAMPLE

    def _take(self, sound: TurnSound, frames: int) -> bytes:
        edge = frames * BYTES_PER_SAMPLE
        pcm, self._rest = self._rest[:edge], self._rest[edge:]
        sound.heard += len(pcm) // BYTES_PER_SAMPLE
        if pcm:
            self.turn = sound.turn
        return pcm

    def _playing(self) -> TurnSound:
        assert self._sound is not None  # noqa: S101 (the stage says so)
        return self._sound
