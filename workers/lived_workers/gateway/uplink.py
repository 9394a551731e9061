"""What has to reach the server, in order: sound in messages of 20 ms, what is typed, answers, images. Pure.

A message waits, is handed to the socket, and is kept until the server's machine has acknowledged it; when the
connection is lost before that, it waits again, in front. So nothing is lost and, as long as acknowledgments are
exact, nothing is doubled. What was acknowledged is kept a little longer, until the server has answered a ping that was
sent behind it (``pings``): from a server that had stopped reading it is taken back too. The wait is bounded: the
oldest sound is given up first, and counted; the answers of tools never are. An image waits in a place of its own until
nothing else does.
"""

from collections import deque
from itertools import chain
from typing import NamedTuple

from lived.stream import BURST, Gap, ends_burst
from lived.units import MILLISECOND, SECOND, Frames, Ns
from lived.wire.chunk import FLAG_MUTED, Chunk
from lived_workers.gateway.messages import (
    ActivityEnd,
    ActivityStart,
    Answer,
    Audio,
    Context,
    Message,
    Picture,
    Text,
)

MESSAGE_FRAMES = BURST
"""20 ms: what the Live API asks for (20 to 40), and the shortest delay it is content with."""

LONE_CHUNK = Ns(20 * MILLISECOND)
"""A chunk that waits so long for a second one leaves alone: the microphone was stopped."""

MOST_OTHERS = 64
"""Messages that are not sound and may wait: nobody types more in the seconds that a reconnect takes."""

MOST_PARTS = 64
"""Answers that are not the last of their call and may wait: only a generator makes those. The last ones always find
room; there is one for each open call (``calls.MOST_OPEN``)."""

PICTURE_EVERY = Ns(1 * SECOND)
"""The server looks at one image a second; more are wasted."""


MOST_UNREAD = 3_000
"""Messages that were acknowledged and not read for certain: a minute of sound, 2 MB. A server that reads answers a ping
within a second; one that does not is given up after ``live.hung_s``, and then no more than ``live.backlog_s`` is sent
again. Older ones count as read."""


class _Sent(NamedTuple):
    message: Message
    mark: int | None
    """Bytes of the connection up to and with this message; None when that could not be told."""
    number: int


class Uplink:
    """One conversation's way up. ``dropped`` collects what had to be given up; whoever reports it empties it."""

    def __init__(self, backlog: Frames) -> None:
        """Keep at most ``backlog`` frames of sound that were not handed over yet."""
        self._most = MESSAGE_FRAMES
        self._waiting: deque[Message] = deque()  # at most _most frames of sound and MOST_OTHERS others
        self._waiting_frames = 0
        self._handing: Message | None = None  # being written to the socket
        self._sent: deque[_Sent] = deque()  # bounded by what the socket takes: 64 KiB is 70 messages
        self._unread: deque[_Sent] = deque()  # acknowledged; at most MOST_UNREAD
        self._read = 0
        self.count = 0
        """Messages handed over, ever: the number of the last one."""
        self._open: Audio | None = None  # less than 20 ms, waits for the rest
        self._open_at = Ns(0)
        self.dropped: list[Gap] = []
        self.given_up = Frames(0)
        """Of sound, ever."""
        self._most = max(backlog, MESSAGE_FRAMES)
        self._picture: Picture | None = None
        self._picture_at: Ns | None = None
        self._held = False  # a button was held at the end of what was read

    def __len__(self) -> int:
        """Messages that wait to be handed over."""
        return len(self._waiting)

    @property
    def unacknowledged(self) -> int:
        """Messages handed over and not acknowledged."""
        return len(self._sent)

    def texts(self) -> list[str]:
        """What was typed and has not arrived, oldest first."""
        sent = [sent.message for sent in self._sent]
        return [message.text for message in (*sent, *self._waiting) if isinstance(message, Text)]

    def take(self, chunk: Chunk, now: Ns) -> None:
        """The next chunk of the user's sound, as the ``Follower`` gives them: in order, none twice."""
        piece = Audio(chunk.epoch, chunk.position, chunk.pcm, chunk.time)
        if self._open is None:
            self._open, self._open_at = piece, now
        elif (self._open.epoch, self._open.end) == (piece.epoch, piece.position) and not chunk.flags & FLAG_MUTED:
            first = self._open
            self._open = Audio(first.epoch, first.position, first.pcm + piece.pcm, first.time)
        else:  # sound from before and behind a gap is not glued together
            self.flush()
            self._open, self._open_at = piece, now
        if self._open.frames >= MESSAGE_FRAMES or ends_burst(chunk.position, chunk.end):
            self.flush()

    def put(self, message: Message) -> bool:
        """Something to be sent behind the sound so far; False when too much waits already."""
        self.flush()
        if not self._has_room_for(message):
            return False
        self._waiting.append(message)
        return True

    def show(self, picture: Picture) -> None:
        """Send this image when nothing else waits; it replaces the one that still does, unless a person showed that."""
        if self._picture is None or picture.keep or not self._picture.keep:
            self._picture = picture

    def flush(self) -> None:
        """A message that waits for the rest of its 20 ms goes as it is."""
        if self._open is not None:
            piece, self._open = self._open, None
            self._waiting.append(piece)
            self._waiting_frames += piece.frames
            if self._waiting_frames > self._most:
                self._keep_bounded()

    def tick(self, now: Ns) -> None:
        """Nothing has come for a while."""
        if self._open is not None and now - self._open_at >= LONE_CHUNK:
            self.flush()
        due = self._picture_at is None or now - self._picture_at >= PICTURE_EVERY
        if self._picture is not None and due and not self._waiting:
            self._waiting.append(self._picture)
            self._picture, self._picture_at = None, now

    def next(self) -> Message | None:
        """The message to hand over now."""
        self._handing = self._waiting[0] if self._waiting else None
        return self._handing

    def handed(self, mark: int | None) -> None:
        """``next()`` was handed to the socket; ``mark`` as in ``acknowledged``."""
        message, self._handing = self._handing or self._waiting[0], None
        self.count += 1
        if not self._waiting or self._waiting[0] is not message:
            return  # the microphone was muted meanwhile: gone, and not to be sent again
        self._waiting.popleft()
        if isinstance(message, Audio):
            self._waiting_frames -= message.frames
        self._sent.append(_Sent(message, mark, self.count))

    def acknowledged(self, mark: int) -> Audio | None:
        """The first ``mark`` bytes of the connection have reached the server: the last sound among them."""
        known = 0
        for index, sent in enumerate(self._sent, 1):
            if sent.mark is not None and sent.mark <= mark:
                known = index
        newest = None
        for _ in range(known):
            sent = self._sent.popleft()
            if not _belongs_to_connection(sent.message):
                self._unread.append(sent)
            if isinstance(sent.message, Audio):
                newest = sent.message
        self._let_go(self._read)
        return newest

    def read(self, number: int) -> None:
        """The server has read everything up to message ``number``."""
        self._read = max(number, self._read)
        self._let_go(self._read)

    def oldest(self) -> Audio | None:
        """The first sound that was handed over and not read for certain."""
        handed = (sent.message for sent in chain(self._unread, self._sent))
        return next((message for message in handed if isinstance(message, Audio)), None)

    def lost(self, unread: bool = False) -> Frames:
        """The connection is gone: what was not acknowledged is to be sent again, first; with ``unread`` also what was
        acknowledged and may not have been read. How much sound that is."""
        if not unread:
            self._let_go(self.count)
        back = [sent.message for sent in self._unread]
        again = back + [sent.message for sent in self._sent]
        if self._held:  # the next connection has to be told that the button is held
            again.insert(0, ActivityStart())
            self._held = False
        self._unread.clear()
        self._sent.clear()
        self._waiting = deque(message for message in [*again, *self._waiting] if not _belongs_to_connection(message))
        self._waiting_frames = sum(message.frames for message in self._waiting if isinstance(message, Audio))
        self._keep_bounded()
        return Frames(sum(message.frames for message in back if isinstance(message, Audio)))

    def clear(self) -> None:
        """The conversation is over: nothing of it is sent any more."""
        self._waiting.clear()
        self._sent.clear()
        self._unread.clear()
        self._waiting_frames = 0
        self._open = self._picture = None
        self._held = False
        self.dropped.clear()

    def hush(self) -> None:
        """The microphone was muted: no sound of before is sent any more, not even again. The rest is."""
        for queue in (self._sent, self._unread):
            kept = [sent for sent in queue if not isinstance(sent.message, Audio)]
            queue.clear()
            queue.extend(kept)
        self._waiting = deque(message for message in self._waiting if not isinstance(message, Audio))
        self._waiting_frames = 0
        self._open = None

    def _let_go(self, number: int) -> None:
        """Forget what was read: all up to ``number``, and what is too much."""
        while self._unread and (self._unread[0].number <= number or len(self._unread) > MOST_UNREAD):
            message = self._unread.popleft().message
            if isinstance(message, ActivityStart | ActivityEnd):
                self._held = isinstance(message, ActivityStart)

    def _has_room_for(self, message: Message) -> bool:
        match message:
            case Answer(more=more):
                return not more or sum(isinstance(m, Answer) for m in self._waiting) < MOST_PARTS
            case ActivityEnd():
                return True  # there is one for each beginning that found room
            case _:
                return sum(not isinstance(m, Audio | Answer) for m in self._waiting) < MOST_OTHERS

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
        self.given_up = Frames(self.given_up + lost.frames)
        last = self.dropped[-1] if self.dropped else None
        if last is not None and (last.epoch, last.position + last.frames) == (lost.epoch, lost.position):
            self.dropped[-1] = last._replace(frames=Frames(last.frames + lost.frames))
        else:
            self.dropped.append(Gap(lost.epoch, lost.position, lost.frames))


def _belongs_to_connection(message: Message) -> bool:
    """What the next one will know from its setup, or see from the camera's next image."""
    return isinstance(message, Context) or (isinstance(message, Picture) and not message.keep)
