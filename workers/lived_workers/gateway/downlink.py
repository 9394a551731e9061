"""From the server to the daemon: the reply's sound on stream `model`, everything else as events."""

from collections.abc import Callable

from lived.bus import Publisher
from lived.stream import recent_for
from lived.units import (
    BYTES_PER_SAMPLE,
    MODEL_RATE,
    SECOND,
    Epoch,
    Frames,
    Hz,
    Ms,
    Ns,
    Position,
    Turn,
    frames_in,
    span_of,
)
from lived.wire import Chunk, Stream, header_of
from lived.wire.events import (
    Cut,
    Event,
    GoAway,
    Speech,
    TurnBegan,
    TurnComplete,
    TurnGenerated,
)
from lived.wire.events import Transcript as TranscriptEvent
from lived.wire.events import Usage as UsageEvent
from lived_workers.gateway.happenings import (
    Activity,
    Complete,
    Generated,
    GoingAway,
    Happening,
    Interrupted,
    Sound,
    Transcript,
    Usage,
)
from lived_workers.gateway.turns import Ended, Turns

CHUNK_FRAMES = frames_in(Ms(40), MODEL_RATE)
CHUNK_BYTES = CHUNK_FRAMES * BYTES_PER_SAMPLE

MEMORY_S = 60.0
"""What a restarted playback can still ask for: the longest reply that is likely. 24,000 Hz * 60 s * 2 B = 2.9 MB,
a third more with the short last chunks of each piece."""


PLAYBACK_SILENT = Ns(10 * SECOND)
"""A playback that says nothing for so long after a reply must be over is not waited for."""


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


class Downlink:
    """Obeys happenings in their order."""

    def __init__(self, stream: ModelStream, turns: Turns, publish: Callable[[Event], None]) -> None:
        self._stream = stream
        self._turns = turns
        self._publish = publish
        self._cut = Turn(0)
        self._user_speaks = False
        self._began = self._played = Turn(0)
        self._heard_by = Ns(0)  # when the newest turn is over at the latest, played at real time
        self._handlers: dict[type, Callable[..., None]] = {
            Sound: self._sound,
            Interrupted: self._interrupted,
            Generated: self._generated,
            Complete: self._complete,
            Transcript: self._transcript,
            Usage: self._usage,
            GoingAway: self._going_away,
            Activity: self._activity,
        }

    def take(self, happening: Happening, now: Ns) -> None:
        """One thing that the server said, at ``now``."""
        self._handlers[type(happening)](happening, now)

    def tick(self, now: Ns) -> None:
        """Several times a second."""
        self._end(self._turns.tick(now))
        if now - self._heard_by >= PLAYBACK_SILENT:
            self._played = self._began

    @property
    def quiet(self) -> bool:
        """No reply is being received or heard, and the user does not speak."""
        over = max(self._played, self._cut) >= self._began
        return over and not self._turns.receiving and not self._user_speaks

    def played(self, turn: Turn) -> None:
        """Playback is done with ``turn``."""
        self._played = max(self._played, turn)

    def lost(self) -> None:
        """The connection ended: with it the reply, and what the server knew of the user's voice."""
        self._end(self._turns.lost())
        if self._user_speaks:
            self._user_speaks = False
            self._publish(Speech(on=False, source="server"))

    def local_cut(self, cut: Cut) -> None:
        """Somebody in the daemon cut: no more of that turn is published."""
        self._cut = max(self._cut, cut.turn)
        self._turns.local_cut(cut.turn)

    def repeat(self, epoch: Epoch, position: Position, now: Ns) -> None:
        """Somebody missed a part of `model`. He may have missed a cut as well, so that comes first."""
        if self._cut:
            self._publish(Cut(turn=self._cut, cause="server", time=now))
        self._stream.repeat(epoch, position)

    def _sound(self, sound: Sound, now: Ns) -> None:
        placed = self._turns.sound(len(sound.pcm) // BYTES_PER_SAMPLE, now)
        self._end(placed.ended)
        self._heard_by = Ns(max(self._heard_by, now) + span_of(Frames(len(sound.pcm) // BYTES_PER_SAMPLE), MODEL_RATE))
        if placed.began:
            self._began = self._turns.turn
            turn, stream = self._turns.turn, self._stream
            self._publish(TurnBegan(turn=turn, epoch=stream.epoch, position=stream.position))
        if placed.heard:
            self._stream.publish(self._turns.turn, sound.pcm, now)

    def _interrupted(self, _: Interrupted, now: Ns) -> None:
        turn = self._turns.interrupted(now)
        self._cut = max(self._cut, turn)
        self._publish(Cut(turn=turn, cause="server", time=now))

    def _generated(self, _: Generated, now: Ns) -> None:
        generated = self._turns.generated(now)
        if generated is not None:
            turn, frames = generated
            self._publish(TurnGenerated(turn=turn, frames=frames))

    def _complete(self, complete: Complete, _now: Ns) -> None:
        self._end(self._turns.complete(complete.reason))

    def _transcript(self, piece: Transcript, _now: Ns) -> None:
        turn = self._turns.turn_of_text(piece.side)
        self._publish(TranscriptEvent(side=piece.side, turn=turn, text=piece.text))

    def _usage(self, usage: Usage, _now: Ns) -> None:
        self._publish(UsageEvent(turn=self._turns.turn, **usage._asdict()))

    def _going_away(self, going: GoingAway, _now: Ns) -> None:
        self._publish(GoAway(time_left_ms=going.time_left_ms))

    def _activity(self, activity: Activity, _now: Ns) -> None:
        self._turns.activity(activity.on)
        self._user_speaks = activity.on
        self._publish(Speech(on=activity.on, source="server"))

    def _end(self, ended: list[Ended]) -> None:
        for turn, frames, reason in ended:
            self._publish(TurnComplete(turn=turn, frames=frames, reason=reason))
