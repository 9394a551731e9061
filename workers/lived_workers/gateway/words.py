"""What was said, to everybody: pieces of transcripts as they come, whole sentences as they were heard, sources."""

from collections.abc import Callable

from lived.units import Frames, Ns, Turn
from lived.wire.events import CutDone, Event, Grounding, Said, Source, TurnPlayed
from lived.wire.events import Transcript as TranscriptEvent
from lived_workers.gateway.happenings import Sources
from lived_workers.gateway.said import SaidBy


class Words:
    """Publishes, and keeps the sentences for whoever wants them (``said``)."""

    def __init__(self, publish: Callable[[Event], None]) -> None:
        self._publish = publish
        self._sentences = SaidBy()
        self.said: Callable[[str, str], None] = lambda _side, _text: None
        """Called with each sentence: side (user or model), text."""

    def piece(self, side: str, turn: Turn, text: str, now: Ns) -> None:
        """A piece of a transcript."""
        self._publish(TranscriptEvent(side=side, turn=turn, text=text))
        if side == "user":
            self._tell(self._sentences.user(turn, text, now))
        else:
            self._tell(self._sentences.user_ended())
            self._sentences.model(turn, text)

    def sources(self, turn: Turn, sources: Sources) -> None:
        """What the answer rests on."""
        pages = [Source(uri=uri, title=title) for uri, title in sources.pages]
        self._publish(Grounding(turn=turn, queries=sources.queries, sources=pages, suggestions=sources.suggestions))

    def sound(self, turn: Turn, frames: Frames) -> None:
        """So much of the reply was published: the user has ended."""
        self._tell(self._sentences.user_ended())
        self._sentences.sound(turn, frames)

    def complete(self, turn: Turn) -> None:
        """Nothing more of the reply comes."""
        self._tell([*self._sentences.user_ended(), *self._sentences.complete(turn)])

    def played(self, event: TurnPlayed) -> None:
        """Playback's word."""
        self._tell(self._sentences.played(event.turn, event.frames, event.cut))

    def silenced(self, event: CutDone) -> None:
        """Playback's word."""
        self._tell(self._sentences.silenced(event.turn, event.heard_turn, event.heard_frames))

    def tick(self, now: Ns) -> None:
        """Several times a second."""
        self._tell(self._sentences.tick(now))

    def _tell(self, said: list[Said]) -> None:
        for sentence in said:
            self._publish(sentence)
            self.said(sentence.side, sentence.text)
