"""From the likelihood of speech, block by block, to "speech began" and "speech ended". Pure.

Durations are counted in sound that was heard, not in time that went by: a gap in the stream lengthens nothing.
"""

from enum import StrEnum
from typing import NamedTuple

from lived.config.options import Speech as Options
from lived.units import MILLISECOND, Ns


class State(StrEnum):
    """Of what is heard."""

    SILENT = "silent"
    RISING = "rising"
    """It may be speech; it is too short to tell from a click."""
    SPEAKING = "speaking"
    FADING = "fading"
    """Nothing is heard any more; it may be a pause."""


class Input(StrEnum):
    """What the next block says."""

    LIKELY = "likely"
    UNDECIDED = "undecided"
    """Between the two thresholds: things stay as they are."""
    UNLIKELY = "unlikely"
    LASTED = "lasted"
    """The state has lasted as long as it has to."""


TABLE: dict[tuple[State, Input], State] = {
    (State.SILENT, Input.LIKELY): State.RISING,
    (State.SILENT, Input.UNDECIDED): State.SILENT,
    (State.SILENT, Input.UNLIKELY): State.SILENT,
    (State.SILENT, Input.LASTED): State.SILENT,
    (State.RISING, Input.LIKELY): State.RISING,
    (State.RISING, Input.UNDECIDED): State.RISING,
    (State.RISING, Input.UNLIKELY): State.SILENT,  # a click
    (State.RISING, Input.LASTED): State.SPEAKING,
    (State.SPEAKING, Input.LIKELY): State.SPEAKING,
    (State.SPEAKING, Input.UNDECIDED): State.SPEAKING,
    (State.SPEAKING, Input.UNLIKELY): State.FADING,
    (State.SPEAKING, Input.LASTED): State.SPEAKING,
    (State.FADING, Input.LIKELY): State.SPEAKING,  # it was a pause
    (State.FADING, Input.UNDECIDED): State.FADING,
    (State.FADING, Input.UNLIKELY): State.FADING,
    (State.FADING, Input.LASTED): State.SILENT,
}

_SPEECH = frozenset({State.SPEAKING, State.FADING})


class Change(NamedTuple):
    """Speech began or ended."""

    on: bool
    time: Ns
    """ADC time of its first frame, or of the first frame behind it: earlier than now."""


class SpeechTracker:
    """Feeds blocks to the table."""

    def __init__(self, options: Options) -> None:
        self._start, self._stop = options.start_percent / 100, options.stop_percent / 100
        self._needed = {
            State.RISING: Ns(options.start_ms * MILLISECOND),
            State.FADING: Ns(options.stop_ms * MILLISECOND),
        }
        self._entered = Ns(0)
        self._lasted = Ns(0)
        self._heard_until = Ns(0)
        self.state = State.SILENT
        self.since = Ns(0)
        """ADC time at which the speech began that is heard, or was heard last; before it is sure, of what may be it."""

    @property
    def speaking(self) -> bool:
        """Somebody speaks, pauses between words included."""
        return self.state in _SPEECH

    @property
    def sounding(self) -> bool:
        """Something is heard right now that is speech, or may be."""
        return self.state in (State.RISING, State.SPEAKING)

    @property
    def silent_since(self) -> Ns:
        """While it fades: ADC time of the first frame behind the last word."""
        return self._entered

    def take(self, probability: float, time: Ns, span: Ns) -> Change | None:
        """The next block: how likely it is speech, ADC time of its first frame, how long it is."""
        self._step(self._input(probability), time)
        self._heard_until = Ns(time + span)
        self._lasted = Ns(self._lasted + span)
        if self._lasted >= self._needed.get(self.state, self._lasted + 1):
            return self._step(Input.LASTED, time)
        return None

    def gap(self) -> Change | None:
        """Sound is missing (muted, the microphone gone): what was said ended there."""
        spoke, end = self.speaking, self._entered if self.state is State.FADING else self._heard_until
        self._enter(State.SILENT, end)
        return Change(on=False, time=end) if spoke else None

    def _input(self, probability: float) -> Input:
        if probability >= self._start:
            return Input.LIKELY
        return Input.UNLIKELY if probability < self._stop else Input.UNDECIDED

    def _step(self, what: Input, time: Ns) -> Change | None:
        before, after = self.state, TABLE[self.state, what]
        ended = self._entered
        if after is before:
            return None
        self._enter(after, time)
        if after is State.RISING:
            self.since = time
        if (before in _SPEECH) == (after in _SPEECH):
            return None
        return Change(on=True, time=self.since) if after is State.SPEAKING else Change(on=False, time=ended)

    def _enter(self, state: State, time: Ns) -> None:
        self.state, self._entered, self._lasted = state, time, Ns(0)
