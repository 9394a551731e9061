"""One stream laid onto the recording's clock: frame n of the recording is at ``begin`` + n / rate. Pure.

``Track`` takes the streams that have a device's time. ``Replies`` takes ``model``, which has none: the server sends
faster than anybody speaks. There a reply begins when its first sound came, or behind the one before it, and its
frames follow one behind the other, so that nothing is left out.
"""

from typing import NamedTuple, Protocol

from lived.recording.line import Line
from lived.recording.sound import Sound
from lived.units import BYTES_PER_SAMPLE, MILLISECOND, SECOND, Epoch, Hz, Ns, Position, Turn
from lived.wire import FLAG_MUTED, FLAG_OVERFLOW, Chunk, Stream

QUIET = Ns(300 * MILLISECOND)
"""Nothing has come for so long: what a resampler withholds is the end of this run, for all that is known."""

ANCHOR = Ns(300 * MILLISECOND)
"""Sound that is gathered before the first of it is put: a median of 30 times is ten times better than one."""


class Piece(NamedTuple):
    """Mono s16le that belongs at frame ``first`` of the recording."""

    first: int
    pcm: bytes

    @property
    def end(self) -> int:
        """The frame behind it."""
        return self.first + len(self.pcm) // BYTES_PER_SAMPLE


class Gap(NamedTuple):
    """Silence in the recording where there should have been sound."""

    stream: str
    first: int
    """Frame of the recording."""
    frames: int
    """Of the recording: less than none when sound was put back instead (``cause`` moved)."""
    cause: str
    """muted (intended: muted, closed), card (lost by the sound card), lost (never arrived here), restarted (another
    process opened the device), moved (the card stood still: its sound was put anew), late (its place was written
    already), disk (could not be written)."""


class Voice(Protocol):
    """Chunks in, pieces out."""

    gaps: list[Gap]
    """New ones; whoever reads them takes them away."""

    def take(self, chunk: Chunk) -> list[Piece]:
        """What can be put now."""

    def tick(self, now: Ns) -> list[Piece]:
        """What can be put because nothing has come for a while."""

    def flush(self) -> list[Piece]:
        """The rest, at the end of the recording."""


def frame_at(time: Ns, begin: Ns, rate: Hz) -> int:
    """The recording's frame nearest to ``time``."""
    return ((time - begin) * rate + SECOND // 2) // SECOND


class Track:
    """A stream with device times: ``mic``, ``voice``, ``speaker``."""

    def __init__(self, begin: Ns, rate: Hz) -> None:
        """``begin``: CLOCK_MONOTONIC of the recording's frame 0; ``rate``: its frames in a second."""
        self.gaps: list[Gap] = []
        self._begin, self._rate = begin, rate
        self._life: tuple[Stream, Epoch] | None = None
        self._next = Position(0)
        self._line = Line(rate)
        self._sound = Sound(rate, rate)
        self._at = 0  # of the next frame given out
        self._end: int | None = None  # where the run before this one ended; None: there was none
        self._cause = ""
        self._held: list[Chunk] = []  # before the anchor: 30 chunks; a run shorter than that is anchored by what it has
        self._anchored = False
        self._quiet = False  # the run was ended for want of chunks; the next one may still continue it

    @property
    def drift(self) -> float:
        """Of the card against CLOCK_MONOTONIC, as far as is known; positive = too slow."""
        return self._line.drift

    @property
    def stretched(self) -> bool:
        """Whether sound is being corrected for drift now."""
        return self._line.stretch != 1.0

    def take(self, chunk: Chunk) -> list[Piece]:
        """What can be put after ``chunk`` came; chunks of one publisher come in order."""
        life = chunk.stream, chunk.epoch
        known = self._life == life
        if not known and self._life and self._life[0] is chunk.stream and chunk.epoch < self._life[1]:
            return []
        if known and chunk.position < self._next:
            return []  # no publisher repeats itself on a live topic
        out: list[Piece] = []
        if not known or chunk.position > self._next:
            out = self._leave(_cause(chunk) if known else "restarted")
            if not known:
                self._life, self._line = life, Line(chunk.rate)
        elif self._quiet:
            self._enter(chunk)
        self._next, self._quiet = chunk.end, False
        return out + (self._give(chunk) if self._anchored else self._hold(chunk))

    def tick(self, now: Ns) -> list[Piece]:
        """What can be put because nothing has come for a while."""
        if self._quiet or not self._anchored or now - self._line.time(self._next) < QUIET:
            return []
        self._quiet = True
        return self._end_run()

    def flush(self) -> list[Piece]:
        """The end of the recording."""
        return self._leave("")

    def _hold(self, chunk: Chunk) -> list[Piece]:
        self._held.append(chunk)
        enough = (chunk.end - self._held[0].position) * SECOND >= ANCHOR * chunk.rate
        return self._settle() if enough else []

    def _settle(self) -> list[Piece]:
        """Decide where the sound that was held back belongs."""
        held, self._held = self._held, []
        self._anchored = True
        self._line.anchor((chunk.position, chunk.time) for chunk in held)
        self._enter(held[0])
        return [piece for chunk in held for piece in self._give(chunk)]

    def _enter(self, chunk: Chunk) -> None:
        """A run begins with ``chunk``."""
        self._at = frame_at(self._line.time(chunk.position), self._begin, self._rate)
        self._sound = Sound(chunk.rate, self._rate)
        if self._end is not None and self._at != self._end:
            self.gaps.append(Gap(chunk.stream.value, self._end, self._at - self._end, self._cause))

    def _give(self, chunk: Chunk) -> list[Piece]:
        if self._line.report(chunk.position, chunk.time):
            return self._leave("moved") + self._hold(chunk)
        pcm = self._sound.push(chunk.pcm, self._line.stretch)
        self._line.advance(chunk.frames)
        return self._put(pcm)

    def _put(self, pcm: bytes) -> list[Piece]:
        piece = Piece(self._at, pcm)
        self._at = piece.end
        return [piece] if pcm else []

    def _leave(self, cause: str) -> list[Piece]:
        """The run ends here."""
        out = self._settle() if self._held else []
        if self._anchored and not self._quiet:
            out += self._end_run()
        self._cause, self._anchored, self._quiet = cause, False, False
        return out

    def _end_run(self) -> list[Piece]:
        out = self._put(self._sound.flush())
        self._end = self._at
        return out


class Replies:
    """The stream ``model``."""

    def __init__(self, begin: Ns, rate: Hz) -> None:
        """As of ``Track``."""
        self.gaps: list[Gap] = []
        self._begin, self._rate = begin, rate
        self._epoch = Epoch(0)
        self._turn = Turn(0)
        self._next = Position(0)
        self._at = 0
        self._sound = Sound(rate, rate)

    def take(self, chunk: Chunk) -> list[Piece]:
        """What can be put after ``chunk`` came."""
        if chunk.epoch < self._epoch or (chunk.epoch == self._epoch and chunk.position < self._next):
            return []
        out: list[Piece] = []
        if chunk.epoch != self._epoch or chunk.turn != self._turn:
            out = self.flush()
            self._at = max(self._at, frame_at(chunk.time, self._begin, self._rate))
            self._sound = Sound(chunk.rate, self._rate)
        elif chunk.position > self._next:
            out = self.flush()
            self._sound = Sound(chunk.rate, self._rate)
            missing = (chunk.position - self._next) * self._rate // chunk.rate
            self.gaps.append(Gap(chunk.stream.value, self._at, missing, _cause(chunk)))
            self._at += missing
        self._epoch, self._turn, self._next = chunk.epoch, chunk.turn, chunk.end
        return out + self._put(self._sound.push(chunk.pcm, 1.0))

    def tick(self, now: Ns) -> list[Piece]:  # noqa: ARG002
        """Nothing is withheld at this stream's own rate."""
        return []

    def flush(self) -> list[Piece]:
        """The end of the recording."""
        return self._put(self._sound.flush())

    def _put(self, pcm: bytes) -> list[Piece]:
        piece = Piece(self._at, pcm)
        self._at = piece.end
        return [piece] if pcm else []


def _cause(chunk: Chunk) -> str:
    """Why positions jump before ``chunk``."""
    if chunk.flags & FLAG_MUTED:
        return "muted"
    return "card" if chunk.flags & FLAG_OVERFLOW else "lost"
