"""What is done to the microphone's sound: the echo taken out, then the noise. One chunk in, one chunk out."""

from typing import NamedTuple

from lived.config.options import Frontend
from lived.pcm import silence
from lived.units import BYTES_PER_SAMPLE, MIC_RATE, NO_TURN, Epoch, Frames, Turn
from lived.wire import Chunk, Stream
from lived_workers.frontend.delay import STEADY, Delay, moved
from lived_workers.frontend.engines import Canceller, canceller
from lived_workers.frontend.judge import Judge
from lived_workers.frontend.learned import NOTHING, Learned
from lived_workers.frontend.likeness import is_reply
from lived_workers.frontend.memory import Memory
from lived_workers.frontend.noise import Cleaner, cleaner
from lived_workers.frontend.reference import Reference
from lived_workers.frontend.residue import is_noise, is_remnant, is_tail

BLOCK = Frames(160)
"""10 ms: what engines take. Just before a gap a chunk may be shorter; then silence is put behind it."""


class Cleaned(NamedTuple):
    """A chunk of `voice`."""

    chunk: Chunk
    trusted: bool
    """The loudspeaker is not in it."""
    unsilenced: bytes
    """The same, where the chunk was silenced because the loudspeaker could not be taken out of it."""


class Chain:
    """One microphone's."""

    def __init__(self, options: Frontend, learned: Learned = NOTHING) -> None:
        """``learned``: of the two cards, before."""
        self._mode = options.echo
        self._canceller: Canceller | None = None
        self._lacking = ""
        if options.echo in ("auto", "aec"):
            self._canceller, self._lacking = canceller(options)
        self._cleaner: Cleaner = cleaner(options)
        self._judge = Judge()
        self._memory = Memory()
        self._delay = Delay(self._memory)
        self._reference = Reference(learned.drift, learned.delay)
        self._lag: float | None = None  # of the echo behind its reference: the canceller has learned it there
        self._jumps = 0  # of the reference
        self._epoch: Epoch | None = None  # of the microphone
        self.spared = False
        """The microphone cancels by itself: leave its sound alone."""

    @property
    def missing(self) -> str:
        """What is not there, and what that means: sentences."""
        return " ".join(filter(None, (self._lacking, self._cleaner.missing)))

    @property
    def cancels(self) -> bool:
        """Whether echo is taken out here."""
        return self._canceller is not None and not (self.spared and self._mode == "auto")

    @property
    def half_duplex(self) -> bool:
        """Whether the microphone is silenced while the loudspeaker plays."""
        if self._mode == "half_duplex":
            return True
        return self._mode in ("auto", "aec") and self.cancels and self._judge.poor

    @property
    def text(self) -> str:
        """What it does, in a few words."""
        if self.half_duplex:
            because = "" if self._mode == "half_duplex" else ": the echo cannot be cancelled"
            return f"the microphone is silenced while a reply is heard{because}"
        if not self.cancels:
            return "passing the microphone on as it is"
        return "cancelling echo"

    @property
    def figures(self) -> dict[str, int]:
        """For the status and the metrics; whole numbers."""
        reference, judge = self._reference, self._judge
        return {
            "echo_erle_db": round(judge.erle_db),
            "echo_delay_ms": round(reference.delay * 1000 / MIC_RATE),
            "echo_drift_ppm": round(reference.drift * 1e6),
            "echo_diverged_percent": judge.diverged_percent,
            "echo_jumps": reference.jumps,
            "echo_half_duplex": int(self.half_duplex),
        }

    @property
    def learned(self) -> Learned:
        """Of the two cards."""
        return Learned(self._reference.drift, round(self._reference.delay))

    def left_is_echo(self) -> bool:
        """Whether what was left lately is still the reply. Takes two milliseconds: to be asked seldom."""
        if not self.cancels:
            return False
        memory, judge = self._memory, self._judge
        return (
            self._strayed(self._delay.look_lately())
            or is_noise(memory, judge.noise_db)
            or is_remnant(memory, judge.erle_db)
            or is_tail(memory)
            or is_reply(memory)
        )

    def heard(self, chunk: Chunk) -> None:
        """The next chunk of `speaker`."""
        if self.cancels:
            self._reference.heard(chunk)

    def covers(self, chunk: Chunk) -> bool:
        """Whether all that was played while ``chunk`` was recorded is known."""
        return not self.cancels or self._reference.covers(chunk)

    def take(self, chunk: Chunk, turn: Turn) -> Cleaned:
        """The chunk of `voice` for one of `mic`; ``turn``: the reply that was heard with it."""
        if chunk.epoch != self._epoch:
            self._begin(chunk.epoch)
        voice = chunk._replace(stream=Stream.VOICE)
        if self.cancels:
            voice = voice._replace(pcm=self._cancelled(chunk))
        voice = voice._replace(pcm=self._cleaner.process(_whole(voice.pcm))[: len(chunk.pcm)])
        if self.half_duplex and turn != NO_TURN:
            return Cleaned(voice._replace(pcm=silence(chunk.frames)), False, voice.pcm)
        trusted = self._judge.trusted if self.cancels else self._mode == "off" or self.spared
        return Cleaned(voice, trusted, b"")

    def _begin(self, epoch: Epoch) -> None:
        """Another process has opened the microphone, perhaps another one: what was learned of the room may be wrong."""
        first, self._epoch = self._epoch is None, epoch
        if first:
            return
        if self._canceller is not None:
            self._canceller.reset()
        self._cleaner.reset()
        self._unlearn()
        self._lag = None

    def _unlearn(self) -> None:
        """What was heard until now says nothing of what is heard from now on."""
        self._judge.reset()
        self._memory.reset()
        self._delay.reset()

    def _cancelled(self, chunk: Chunk) -> bytes:
        assert self._canceller is not None  # noqa: S101 - ``cancels``
        near, far = _whole(chunk.pcm), _whole(self._reference.of(chunk))
        if self._reference.jumps != self._jumps:
            self._jumps = self._reference.jumps
            if any(far):  # sound of a reply was lost: what the canceller remembers of it has a seam
                self._judge.distrust()
        left = self._canceller.process(near, far)
        self._judge.take(near, far, left)
        self._memory.take(near, far, left)
        lag = self._delay.look(far)
        if lag is not None:
            self._follow(lag)
        return left[: len(chunk.pcm)]

    def _strayed(self, lag: float | None) -> bool:
        """Whether the echo was found so many frames behind its reference, and that is not where it was."""
        return lag is not None and self._lag is not None and abs(lag - self._lag) > STEADY

    def _follow(self, lag: float) -> None:
        """The echo is so many frames behind its reference. That follows it by as little as times wander; when it has
        moved, or cannot be left there, it is moved at once, and nothing is trusted for a while."""
        reference, strayed = self._reference, self._strayed(lag)
        if self._lag is not None and not strayed:
            reference.lead(lag - self._lag)
            return
        before = reference.delay
        moves = reference.move(moved(before, lag, self._lag))
        self._lag = lag - (reference.delay - before)
        if moves or strayed:
            self._unlearn()


def _whole(pcm: bytes) -> bytes:
    return pcm.ljust(BLOCK * BYTES_PER_SAMPLE, b"\0")
