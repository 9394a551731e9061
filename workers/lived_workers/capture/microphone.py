"""The sound thread's part of capture: from the card's blocks to published chunks.

The thread that owns a field writes it; nothing here locks, logs or waits.
"""

from lived.bus import Publisher
from lived.clock import monotonic_ns
from lived.delays import Delays
from lived.soundcard import Timeline
from lived.stream import Recent, ends_burst
from lived.units import MIC_RATE, SECOND, Epoch, Frames, Hz, Ns, Position, Turn
from lived.wire import FLAG_MUTED, FLAG_OVERFLOW, Chunk, Stream, encode_header
from lived_workers.capture.chunker import Chunker, Piece
from lived_workers.capture.convert import Converter

CHUNK = Frames(160)
"""10 ms."""

_TOPIC = Stream.MIC.topic
_NO_TURN = Turn(0)


class Microphone:
    """Listens to one device after the other; the stream goes on through all of them.

    Positions count what a microphone that is never off would have heard, so a gap is as long as the time that was
    not heard. Chunk times come from a line through the card's ADC times (``Timeline``) and never go back.
    """

    def __init__(self, publisher: Publisher, recent: Recent, epoch: Epoch, pick: int, muted: bool) -> None:
        self._publisher = publisher  # used by the sound thread alone
        self._recent = recent
        self._epoch = epoch
        self._pick = pick
        self.muted = muted  # written by the main thread
        self.overflows = 0  # from here on: written by the sound thread
        self.lost = 0
        """Frames (16 kHz) that the card lost, overflows and absences together."""
        self.chunks = 0
        self.handover = Delays()
        """From the last frame of a burst passing the ADC until we were given it: the card's part of every delay."""
        self._chunker = Chunker(CHUNK)
        self._flags = 0  # of the next chunk
        self._deaf = False  # muted in the last block: what the converter and the chunker hold is too old
        self._last_time = Ns(0)
        self._held: list[tuple[bytes, bytes]] = []  # headers and sound of the burst that is not whole yet: one chunk
        self._converter = Converter(MIC_RATE, 1, pick)
        self._rate = MIC_RATE
        self._channels = 1
        self._timeline = Timeline(MIC_RATE)
        self._heard = 0  # frames of the card since it was opened, lost ones included
        self._opened_at: Position | None = None  # of the card's first frame; None: not heard yet
        self._gap = 0  # the flag that explains the time until the next opening

    def off_on_purpose(self) -> None:
        """The device is about to be closed because nobody wants it. Main thread, device open or closed."""
        self._gap = FLAG_MUTED

    def opened(self, rate: Hz, channels: int) -> None:
        """A device will call ``heard`` with blocks like this. Main thread, while no device is open."""
        self._rate, self._channels = rate, channels
        self._timeline = Timeline(rate)
        self._heard, self._opened_at = 0, None
        self._converter = Converter(rate, channels, self._pick)

    def heard(self, pcm: bytes, adc: int, overflowed: bool) -> None:
        """One block of the card; its first frame passed the ADC at ``adc`` ns. Sound thread."""
        handed = monotonic_ns()
        if self._opened_at is None:
            self._begin(adc)
        elif overflowed:
            self._overflowed(adc)
        begins = self._heard
        self._timeline.report(begins, adc, jumped=overflowed)
        frames = len(pcm) // (2 * self._channels)
        self._heard += frames
        if self.muted:
            self._deaf = True
            self._send()
            return
        if self._deaf:
            self._deaf = False
            self._flags |= FLAG_MUTED
            self._go_on(begins)
        for piece in self._chunker.put(self._converter.push(pcm)):
            self._publish(piece)
        if not self._held:  # one figure for each burst, by the clock of its chunks: the gateway has one for each too
            self.handover.add(Ns(handed - self._timeline.at(self._heard)))

    def _begin(self, adc: int) -> None:
        """The first block of a device: the stream goes on behind the time that nobody listened."""
        if self._gap:
            self._held.clear()  # of a conversation that is over
        self._send()
        if self.chunks:
            away = max(0, adc - self._last_time) * MIC_RATE // SECOND - CHUNK
            start = Position(self._chunker.position + max(0, away))
            self._flags = self._gap or FLAG_OVERFLOW
            self.lost += 0 if self._gap else start - self._chunker.position
            self._chunker.restart(start)
        self._opened_at, self._gap = self._chunker.position, 0

    def _overflowed(self, adc: int) -> None:
        """The card lost sound: as much as its clock went on without frames, and at least one frame."""
        lost = max(1, (adc - self._timeline.at(self._heard)) * self._rate // SECOND)
        self._heard += lost
        self.overflows += 1
        if self._deaf or self.muted:
            return  # nobody would have heard it
        for piece in [*self._chunker.put(self._converter.flush()), *self._chunker.flush()]:
            self._publish(piece)
        self._send()
        self.lost += lost * MIC_RATE // self._rate
        self._flags |= FLAG_OVERFLOW
        self._go_on(self._heard)

    def _go_on(self, card_frame: int) -> None:
        """Go on at ``card_frame``: nothing of before may come out of the resampler or the chunker."""
        self._converter = Converter(self._rate, self._channels, self._pick)
        self._chunker.restart(max(self._position(card_frame), self._chunker.position))

    def _position(self, card_frame: int) -> Position:
        assert self._opened_at is not None  # noqa: S101
        return Position(self._opened_at + card_frame * MIC_RATE // self._rate)

    def _publish(self, piece: Piece) -> None:
        assert self._opened_at is not None  # noqa: S101
        card_frame = (piece.position - self._opened_at) * self._rate // MIC_RATE
        time = Ns(max(self._timeline.at(card_frame), self._last_time + 1))
        flags, self._flags = self._flags, 0
        header = encode_header(self._epoch, piece.position, time, 0, MIC_RATE, 1, flags)
        chunk = Chunk(Stream.MIC, self._epoch, piece.position, time, _NO_TURN, MIC_RATE, piece.pcm, 1, flags)
        self._recent.add(chunk)
        self._last_time = time
        self.chunks += 1
        self._held.append((header, piece.pcm))
        if ends_burst(piece.position, chunk.end):
            self._send()

    def _send(self) -> None:
        """Publish what was kept back for the end of its burst."""
        for header, pcm in self._held:
            self._publisher.send_sound(_TOPIC, header, pcm)
        self._held.clear()
