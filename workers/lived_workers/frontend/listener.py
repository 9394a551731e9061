"""Everything that is found in the cleaned voice, block by block: speech, barge-in, wake words, what is meant. Pure:
the engines are given, the time is a parameter."""

from collections.abc import Callable
from typing import NamedTuple

from lived.config.options import Frontend
from lived.units import BYTES_PER_SAMPLE, MIC_RATE, MILLISECOND, NO_TURN, SECOND, Frames, Ns, Turn, span_of
from lived_workers.frontend.attention import Attention, Block, Sound, Verdict
from lived_workers.frontend.bargein import Bargein, Cut, Duck, never
from lived_workers.frontend.speech import Change, SpeechTracker, State
from lived_workers.frontend.vad import Detector
from lived_workers.frontend.wake import Spotter

GAP = Ns(100 * MILLISECOND)
"""Missing sound that ends speech; ADC times jitter by a few milliseconds."""


class Heard(NamedTuple):
    """What was found in a block."""

    meant: bool
    """For the model: FLAG_MEANT."""
    before: Frames
    """Of the first block that is meant: how many frames before it are meant too; else 0."""
    speech: Change | None
    """Speech began or ended."""
    word: str | None
    """A wake word or stop word."""
    order: Duck | Cut | None
    """For the reply that is heard."""
    sound: Sound
    """To be played."""


class Listener:
    """Takes the voice in order."""

    def __init__(
        self, options: Frontend, detector: Detector, spotter: Spotter, is_echo: Callable[[], bool] = never
    ) -> None:
        """``is_echo``: see ``Bargein``."""
        self._detector, self._spotter = detector, spotter
        self._tracker = SpeechTracker(options.speech)
        self._bargein = Bargein(options.bargein, is_echo)
        self._attention = Attention(options.uplink, options.wake)
        self._end: Ns | None = None
        self._meant = False

    @property
    def missing(self) -> str:
        """What is not there, and what that means, in sentences; "" = all is there."""
        return " ".join(text for text in (self._detector.missing, self._spotter.missing) if text)

    @property
    def speaking(self) -> bool:
        """Somebody speaks, pauses between words included."""
        return self._tracker.speaking

    def take(self, pcm: bytes, time: Ns, *, turn: Turn, trusted: bool, now: Ns, unsilenced: bytes = b"") -> Heard:
        """The next block, 16 kHz mono s16le, about 10 ms.

        ``time``: ADC time of its first frame. ``turn``: the reply heard with it, NO_TURN = none. ``trusted``: the
        reply's echo is cancelled in it. ``now``: CLOCK_MONOTONIC. ``unsilenced``: the same sound where the voice is
        silenced while a reply is heard (half-duplex): wake words are listened for in it.
        """
        ended = self._gap(time)
        span = span_of(len(pcm) // BYTES_PER_SAMPLE, MIC_RATE)
        self._end = Ns(time + span)
        change = self._tracker.take(self._detector.probability(pcm), time, span)
        word = self._spotter.hear(unsilenced or pcm)
        order = self._bargein.take(sounding=self._tracker.sounding, turn=turn, trusted=trusted, span=span, now=now)
        speech = self._tracker.state is State.SPEAKING
        verdict = self._attention.take(
            Block(time, speech, self._tracker.since, word, turn, over_reply=isinstance(order, Cut))
        )
        order = Cut(verdict.cut) if verdict.cut != NO_TURN else order
        return Heard(verdict.meant, self._before(verdict, time), change or ended, word, order, verdict.sound)

    def _gap(self, time: Ns) -> Change | None:
        """Muted, or lost: what was said ended where the sound did."""
        if self._end is None or time - self._end < GAP:
            return None
        self._detector.reset()
        return self._tracker.gap()

    def _before(self, verdict: Verdict, time: Ns) -> Frames:
        first = verdict.meant and not self._meant
        self._meant = verdict.meant
        return Frames((time - verdict.since) * MIC_RATE // SECOND if first else 0)
