"""What livectl monitor knows: levels, state, and what is said. Pure: time is a parameter."""

from dataclasses import dataclass

from lived.cli.watch.levels import NOTHING, Level, Meter
from lived.cli.watch.present import Present
from lived.cli.watch.talk import Line, Talk
from lived.cli.watch.watcher import Status, Watcher
from lived.units import Ns
from lived.wire import Chunk, Stream
from lived.wire.events import AnyEvent

ALWAYS = (Stream.MIC, Stream.MODEL, Stream.SPEAKER)
"""Streams that are shown although nothing comes; ``voice`` is there only with a front end."""


@dataclass(frozen=True)
class MonitorView:
    """All that one picture shows."""

    attached: bool
    answers: bool
    """False: the daemon lives, but does not answer."""
    word: str
    sentence: str
    facts: tuple[str, ...]
    levels: tuple[tuple[Stream, Level], ...]
    muted: bool
    lines: tuple[Line, ...]


class Monitor(Watcher):
    """Everything since the program began; levels and state of the daemon that is attached."""

    def __init__(self) -> None:
        self.present = Present()
        self.talk = Talk()
        self._meters: dict[Stream, Meter] = {}
        self.is_attached, self._answers = False, True

    def attached(self, now: Ns) -> None:  # noqa: ARG002
        """Begin with what this daemon says."""
        self.present, self._meters, self.is_attached, self._answers = Present(), {}, True, True

    def detached(self, now: Ns) -> None:  # noqa: ARG002
        """What was said stays."""
        self.is_attached, self._meters = False, {}

    def chunk(self, chunk: Chunk, now: Ns) -> None:
        """Measure it."""
        self._meters.setdefault(chunk.stream, Meter()).take(chunk.pcm, now)

    def event(self, event: AnyEvent, now: Ns) -> None:
        """State and talk."""
        self.present.event(event)
        self.talk.event(event, now)

    def status(self, status: Status, now: Ns) -> None:  # noqa: ARG002
        """The state as the daemon has it."""
        self._answers = True
        self.present.status(status)

    def unanswered(self, now: Ns) -> None:  # noqa: ARG002
        """The state is that of before."""
        self._answers = False

    def levels(self, now: Ns) -> tuple[tuple[Stream, Level], ...]:
        """Of each stream, in the order in which sound passes them."""
        return tuple(
            (stream, self._meters[stream].level(now) if stream in self._meters else NOTHING)
            for stream in Stream
            if stream in ALWAYS or stream in self._meters
        )

    def view(self, now: Ns) -> MonitorView:
        """How it is now."""
        word, sentence = self.present.headline()
        return MonitorView(
            attached=self.is_attached,
            answers=self._answers,
            word=word,
            sentence=sentence,
            facts=tuple(self.present.facts()),
            levels=self.levels(now),
            muted=self.present.muted,
            lines=tuple(self.talk.lines),
        )
