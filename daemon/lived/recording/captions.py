"""Who said what, when: from events to cues, and to WebVTT. Pure: time is a parameter.

Sentences come without times, and those of a reply all at once, when it was heard. When somebody began and ended to
speak is known (``speech``, ``turn.heard``, ``turn.played``, ``cut.done``), so sentences that come together are laid
evenly over that time, by their length.
"""

from typing import Literal, NamedTuple

from lived.units import MILLISECOND, Ns
from lived.wire.events import AnyEvent, CutDone, Said, Speech, Transcript, TurnHeard, TurnPlayed

TOGETHER = Ns(300 * MILLISECOND)
"""Sentences that come within so long are of one stretch of speech."""

_SHORTEST = Ns(500 * MILLISECOND)
"""A cue has to be readable, also when its times are not known well."""

_MOST = 200
"""Sentences that wait for their times: one reply has fewer."""

Side = Literal["user", "model"]


class Cue(NamedTuple):
    """One sentence on CLOCK_MONOTONIC."""

    side: str
    text: str
    begin: Ns
    end: Ns


class _Speaker:
    """One side: its sentences that wait, and when it spoke."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.began: Ns | None = None
        self.ended: Ns | None = None
        self.sentences: list[str] = []
        self.said_at = Ns(0)
        self._reached = Ns(0)  # end of the newest cue

    def begin(self, time: Ns) -> None:
        """Speaks from ``time`` on."""
        self.began, self.ended = time, None

    def lay(self) -> list[Cue]:
        """The sentences that wait, over the time in which they were said."""
        sentences, self.sentences = self.sentences, []
        if not sentences:
            return []
        begin = max(self.began if self.began is not None else self.said_at, self._reached)
        end = self.ended if self.ended is not None and self.ended > begin else self.said_at
        span = max(end - begin, _SHORTEST * len(sentences))
        letters = sum(len(text) for text in sentences) or 1
        cues, done = [], 0
        for text in sentences:
            start = Ns(begin + span * done // letters)
            done += len(text)
            cues.append(Cue(self.side, text, start, Ns(begin + span * done // letters)))
        self._reached = cues[-1].end
        return cues


class Captions:
    """Both sides. Cues come out when their sentences are known, so those of one side in order."""

    def __init__(self) -> None:
        self._user = _Speaker("user")
        self._model = _Speaker("model")

    def take(self, event: AnyEvent, now: Ns) -> list[Cue]:
        """What ``event``, which came at ``now``, makes known."""
        match event:
            case Speech(on=True):
                return self._begin(self._user, now)
            case Speech(on=False):
                self._user.ended = now
            case TurnHeard(time=time):
                return self._begin(self._model, time)
            case TurnPlayed():
                self._model.ended = now
            case CutDone(silent_at=time):
                self._model.ended = time
            case Transcript(side="user") if self._user.began is None:
                self._user.begin(now)  # a server that does not tell when somebody speaks
            case Said():
                self._said(event, now)
        return []

    def tick(self, now: Ns) -> list[Cue]:
        """Several times a second."""
        quiet = [s for s in (self._user, self._model) if s.sentences and now - s.said_at >= TOGETHER]
        return sorted((cue for speaker in quiet for cue in speaker.lay()), key=lambda cue: cue.begin)

    def flush(self) -> list[Cue]:
        """The end of the recording."""
        return sorted(self._user.lay() + self._model.lay(), key=lambda cue: cue.begin)

    @staticmethod
    def _begin(speaker: _Speaker, time: Ns) -> list[Cue]:
        cues = speaker.lay()
        speaker.begin(time)
        return cues

    def _said(self, event: Said, now: Ns) -> None:
        speaker = self._user if event.side == "user" else self._model
        if len(speaker.sentences) < _MOST:
            speaker.sentences.append(event.text)
        speaker.said_at = now


HEADER = "WEBVTT\n\n"


def webvtt(cue: Cue, begin: Ns, earliest: Ns) -> str:
    """``cue`` for a file whose time 0 is ``begin``; none begins before ``earliest``: players want them in order."""
    start = max(cue.begin, earliest)
    end = max(cue.end, start + MILLISECOND)
    text = " ".join(cue.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").split())
    return f"{_clock(start - begin)} --> {_clock(end - begin)}\n<v {cue.side}>{text}\n\n"


def _clock(span: int) -> str:
    ms = max(0, span) // MILLISECOND
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
