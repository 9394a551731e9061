"""From the server to the daemon: the reply's sound on stream `model`, everything else as events."""

from collections.abc import Callable

from lived.bus import Publisher
from lived.stream import recent_for
from lived.units import (
    BYTES_PER_SAMPLE,
    MODEL_RATE,
    Epoch,
    Frames,
    Hz,
    Ms,
    Ns,
    Position,
    Turn,
    frames_in,
)
from lived.wire import Chunk, Stream, header_of
from lived.wire.events import (
    Cut,
    CutDone,
    Event,
    GoAway,
    Speech,
    TurnBegan,
    TurnComplete,
    TurnGenerated,
    TurnPlayed,
)
from lived_workers.gateway.happenings import (
    Activity,
    Call,
    CallsCancelled,
    Complete,
    Generated,
    GoingAway,
    Handle,
    Happening,
    Interrupted,
    Sound,
    Sources,
    Transcript,
    Usage,
    Working,
)
from lived_workers.gateway.quiet import Quiet
from lived_workers.gateway.turns import Ended, Turns
from lived_workers.gateway.words import Words

CHUNK_FRAMES = frames_in(Ms(40), MODEL_RATE)
CHUNK_BYTES = CHUNK_FRAMES * BYTES_PER_SAMPLE

MEMORY_S = 60.0
"""What a restarted playback can still ask for: the longest reply that is likely. 24,000 Hz * 60 s * 2 B = 2.9 MB,
a third more with the short last chunks of each piece."""


class ModelStream:
    """Stream `model`: publishes, and remembers for those who ask again."""

    def __init__(self, publisher: Publisher, epoch: Epoch) -> None:
        self._publisher = publisher
        self.epoch = epoch
        self.position = Position(0)
        # the server's pieces end in a shorter chunk, hence room for a third more of them
        self._recent = recent_for(MEMORY_S, MODEL_RATE, Frames(CHUNK_FRAMES * 3 // 4))

    def publish(self, turn: Turn, pcm: bytes, now: Ns) -> None:
        """A piece of ``turn``, received at ``now``, in chunks of at most 40 ms."""
        for start in range(0, len(pcm), CHUNK_BYTES):
            piece = pcm[start : start + CHUNK_BYTES]
            chunk = Chunk(Stream.MODEL, self.epoch, self.position, now, turn, Hz(MODEL_RATE), piece)
            self._recent.add(chunk)
            self._publisher.send_sound(Stream.MODEL.topic, header_of(chunk), piece)
            self.position = chunk.end

    def repeat(self, epoch: Epoch, position: Position) -> None:
        """Publish again what is remembered from ``position`` on, for the one who asked."""
        for chunk in self._recent.since(epoch, position):
            self._publisher.send_sound(Stream.MODEL.again_topic, header_of(chunk), chunk.pcm)


class Others:
    """Who else is told what the server says; set by whoever puts the gateway together."""

    def __init__(self) -> None:
        self.usage: Callable[[Turn, Usage], None] = lambda _turn, _usage: None
        self.call: Callable[[Turn, Call, Ns], None] = lambda _turn, _call, _now: None
        self.calls_cancelled: Callable[[CallsCancelled], None] = lambda _cancelled: None
        self.handle: Callable[[Handle], None] = lambda _handle: None
        self.over: Callable[[str], None] = lambda _reason: None
        """The server ended a turn, plainly ("") or for a reason (RESPONSE_REJECTED ...)."""
        self.alive: Callable[[Ns], None] = lambda _now: None
        """Somebody speaks: the user, or the model."""


class Downlink:
    """Obeys happenings in their order."""

    def __init__(self, stream: ModelStream, turns: Turns, words: Words, publish: Callable[[Event], None]) -> None:
        self._stream = stream
        self._turns = turns
        self._words = words
        self._publish = publish
        self._cut = Turn(0)
        self._user_speaks = False
        self._quiet = Quiet()
        self.others = Others()
        self._handlers: dict[type, Callable[..., None]] = {
            Sound: self._sound,
            Interrupted: self._interrupted,
            Generated: self._generated,
            Complete: self._complete,
            Transcript: self._transcript,
            GoingAway: self._going_away,
            Activity: lambda activity, now: self.activity(activity.on, "server", now),
            Working: lambda working, now: self._quiet.work(working.on, now),
            Sources: lambda sources, _now: words.sources(turns.turn_of_text("model"), sources),
            Usage: lambda usage, _now: self.others.usage(turns.turn, usage),
            Call: lambda call, now: self.others.call(turns.turn_of_text("model"), call, now),
            CallsCancelled: lambda cancelled, _now: self.others.calls_cancelled(cancelled),
            Handle: lambda handle, _now: self.others.handle(handle) if handle.resumable else None,
        }

    @property
    def quiet(self) -> bool:
        """Whether no reply is being received or heard, nobody speaks and no request is being worked on."""
        return bool(self._quiet)

    def take(self, happening: Happening, now: Ns) -> None:
        """One thing that the server said, at ``now``."""
        self._handlers[type(happening)](happening, now)

    def tick(self, now: Ns) -> None:
        """Several times a second."""
        self._quiet.tick(now)
        self._words.tick(now)
        self._end(self._turns.tick(now))

    def lost(self) -> None:
        """The connection ended: with it the reply, and what the server knew of the user's voice."""
        self._end(self._turns.lost())
        self._quiet.lost()
        if self._user_speaks:
            self._user_speaks = False
            self._publish(Speech(on=False, source="server"))

    def local_cut(self, cut: Cut) -> None:
        """Somebody in the daemon cut: no more of that turn is published."""
        self._cut = max(self._cut, cut.turn)
        self._turns.local_cut(cut.turn)
        self._quiet.cut(cut.turn)

    def played(self, event: TurnPlayed) -> None:
        """Playback is done with a turn, for now."""
        self._quiet.played(event.turn, event.frames)
        self._words.played(event)

    def silenced(self, event: CutDone) -> None:
        """Playback obeyed a cut."""
        self._quiet.cut(event.turn)
        self._words.silenced(event)

    def activity(self, on: bool, source: str, now: Ns) -> None:
        """The user began or ended to speak: as the server hears it, or by the button (local)."""
        self._turns.activity(on)
        self._quiet.user(on)
        self._user_speaks = on and source == "server"
        self._publish(Speech(on=on, source=source))
        self.others.alive(now)

    def repeat(self, epoch: Epoch, position: Position, now: Ns) -> None:
        """Somebody missed a part of `model`. He may have missed a cut as well, so that comes first."""
        if self._cut:
            self._publish(Cut(turn=self._cut, cause="server", time=now))
        self._stream.repeat(epoch, position)

    def _sound(self, sound: Sound, now: Ns) -> None:
        placed = self._turns.sound(len(sound.pcm) // BYTES_PER_SAMPLE, now)
        self._end(placed.ended)
        turn = self._turns.turn
        if placed.began:
            began = TurnBegan(turn=turn, epoch=self._stream.epoch, position=self._stream.position, time=now)
            self._publish(began)
        if placed.heard:
            self._stream.publish(turn, sound.pcm, now)
            self._words.sound(turn, self._turns.frames)
        self._quiet.sound(turn, self._turns.frames, now)
        self.others.alive(now)

    def _interrupted(self, _: Interrupted, now: Ns) -> None:
        turn = self._turns.interrupted(now)
        self._cut = max(self._cut, turn)
        self._quiet.cut(turn)
        self._publish(Cut(turn=turn, cause="server", time=now))

    def _generated(self, _: Generated, now: Ns) -> None:
        generated = self._turns.generated(now)
        if generated is not None:
            turn, frames = generated
            self._publish(TurnGenerated(turn=turn, frames=frames))

    def _complete(self, complete: Complete, _now: Ns) -> None:
        self._end(self._turns.complete(complete.reason))
        self.others.over(complete.reason)

    def _transcript(self, piece: Transcript, now: Ns) -> None:
        self._words.piece(piece.side, self._turns.turn_of_text(piece.side), piece.text, now)
        self.others.alive(now)

    def _going_away(self, going: GoingAway, _now: Ns) -> None:
        self._publish(GoAway(time_left_ms=going.time_left_ms))

    def _end(self, ended: list[Ended]) -> None:
        for turn, frames, reason in ended:
            self._publish(TurnComplete(turn=turn, frames=frames, reason=reason))
            self._words.complete(turn)
            self._quiet.ended()
