"""What has to reach the server, in order: sound in messages of 20 ms, and what is typed. Pure.

A message waits, is handed to the socket, and is kept until the server's machine has acknowledged it; when the
connection is lost before that, it waits again, in front. So nothing is lost and, as long as acknowledgments are
exact, nothing is doubled. The wait is bounded: the oldest sound is given up first, and counted.
"""

from collections import deque
from typing import NamedTuple

from lived.stream import BURST, Gap, ends_burst
from lived.units import BYTES_PER_SAMPLE, MILLISECOND, Epoch, Frames, Ns, Position
from lived.wire.chunk import FLAG_MUTED, Chunk

MESSAGE_FRAMES = BURST
"""20 ms: what the Live API asks for (20 to 40), and the shortest delay it is content with."""

LONE_CHUNK = Ns(20 * MILLISECOND)
"""A chunk that waits so long for a second one leaves alone: the microphone was stopped."""

MOST_OTHERS = 64
"""Messages that are not sound and may wait: nobody types more in the seconds that a reconnect takes."""


class Audio(NamedTuple):
    """Consecutive frames of one epoch."""

    epoch: Epoch
    position: Position
    pcm: bytes
    time: Ns = Ns(0)
    """When the first frame passed the ADC."""

    @property
    def frames(self) -> Frames:
        """Length in frames of 16 kHz."""
        return Frames(len(self.pcm) // BYTES_PER_SAMPLE)

    @property
    def end(self) -> Position:
        """Position of the frame after the last one."""
        return Position(self.position + self.frames)


class Text(NamedTuple):
    """Typed input."""

    text: str


class StreamEnd(NamedTuple):
    """The microphone is closed for a while: the server should not wait for more."""


Message = Audio | Text | StreamEnd


class _Sent(NamedTuple):
    message: Message
    mark: int | None
    """Bytes of the connection up to and with this message; None when that could not be told."""


class Uplink:
    """One conversation's way up. ``dropped`` collects what had to be given up; whoever reports it empties it."""

    def __init__(self, backlog: Frames) -> None:
        """Keep at most ``backlog`` frames of sound that were not handed over yet."""
        self._most = MESSAGE_FRAMES
        self._waiting: deque[Message] = deque()  # at most _most frames of sound and MOST_OTHERS others
        self._waiting_frames = 0
        self._sent: deque[_Sent] = deque()  # bounded by what the socket takes: 64 KiB is 70 messages
        self._open: Audio | None = None  # less than 20 ms, waits for the rest
        self._open_at = Ns(0)
        self.dropped: list[Gap] = []
        self._most = max(backlog, MESSAGE_FRAMES)

    def __len__(self) -> int:
        """Messages that wait to be handed over."""
        return len(self._waiting)

    @property
    def unacknowledged(self) -> int:
        """Messages handed over and not acknowledged."""
        return len(self._sent)

    def take(self, chunk: Chunk, now: Ns) -> None:
        """The next chunk of the user's sound, as the ``Follower`` gives them: in order, none twice."""
        piece = Audio(chunk.epoch, chunk.position, chunk.pcm, chunk.time)
        if self._open is None:
            self._open, self._open_at = piece, now
        elif (self._open.epoch, self._open.end) == (piece.epoch, piece.position) and not chunk.flags & FLAG_MUTED:
            self._open = self._open._replace(pcm=self._open.pcm + piece.pcm)
        else:  # sound from before and behind a gap is not glued together
            self.flush()
            self._open, self._open_at = piece, now
        if self._open.frames >= MESSAGE_FRAMES or ends_burst(chunk.position, chunk.end):
            self.flush()

    def put(self, message: Text | StreamEnd) -> bool:
        """Something to be sent behind the sound so far; False when too much waits already."""
        self.flush()
        if len(self._waiting) - self._audio_waiting() >= MOST_OTHERS:
            return False
        self._waiting.append(message)
        return True

    def flush(self) -> None:
        """A message that waits for the rest of its 20 ms goes as it is."""
        if self._open is not None:
            piece, self._open = self._open, None
            self._waiting.append(piece)
            self._waiting_frames += piece.frames
            self._keep_bounded()

    def tick(self, now: Ns) -> None:
        """Nothing has come for a while."""
        if self._open is not None and now - self._open_at >= LONE_CHUNK:
            self.flush()

    def next(self) -> Message | None:
        """The message to hand over now."""
        return self._waiting[0] if self._waiting else None

    def handed(self, mark: int | None) -> None:
        """``next()`` was handed to the socket; ``mark`` as in ``acknowledged``."""
        message = self._waiting.popleft()
        if isinstance(message, Audio):
            self._waiting_frames -= message.frames
        self._sent.append(_Sent(message, mark))

    def acknowledged(self, mark: int) -> Audio | None:
        """The first ``mark`` bytes of the connection have reached the server: the last sound among them."""
        known = 0
        for index, sent in enumerate(self._sent, 1):
            if sent.mark is not None and sent.mark <= mark:
                known = index
        newest = None
        for _ in range(known):
            message = self._sent.popleft().message
            newest = message if isinstance(message, Audio) else newest
        return newest

    def lost(self) -> None:
        """The connection is gone: what was not acknowledged is to be sent again, first."""
        while self._sent:
            message = self._sent.pop().message
            self._waiting.appendleft(message)
            if isinstance(message, Audio):
                self._waiting_frames += message.frames
        self._keep_bounded()

    def clear(self) -> None:
        """The conversation is over: nothing of it is sent any more."""
        self._waiting.clear()
        self._sent.clear()
        self._waiting_frames = 0
        self._open = None
        self.dropped.clear()

    def _audio_waiting(self) -> int:
        return sum(isinstance(message, Audio) for message in self._waiting)

    def _keep_bounded(self) -> None:
        kept: list[Message] = []  # what is typed is never given up for sound
        while self._waiting_frames > self._most:
            oldest = self._waiting.popleft()
            if not isinstance(oldest, Audio):
                kept.append(oldest)
                continue
            self._waiting_frames -= oldest.frames
            self._give_up(oldest)
        self._waiting.extendleft(reversed(kept))

    def _give_up(self, lost: Audio) -> None:
        """Neighbours become one gap, so that a long outage is one loss and not thousands."""
        last = self.dropped[-1] if self.dropped else None
        if last is not None and (last.epoch, last.position + last.frames) == (lost.epoch, lost.position):
            self.dropped[-1] = last._replace(frames=Frames(last.frames + lost.frames))
        else:
            self.dropped.append(Gap(lost.epoch, lost.position, lost.frames))
