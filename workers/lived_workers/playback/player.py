"""The card's thread in playback: from the jitter buffer to the card, and everything it gave away to ``speaker``.

Nothing here locks, logs or waits. The thread that owns a field writes it.
"""

import os
from array import array
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from lived.bus import Publisher
from lived.ledger import Ledger
from lived.pcm import added, ramped, scaled
from lived.soundcard import Timeline
from lived.units import BYTES_PER_SAMPLE, MODEL_RATE, NO_TURN, SECOND, Epoch, Hz, Ns, Position, Turn
from lived.wire import FLAG_MUTED, Stream, encode_header
from lived_workers.playback.reader import Reader

if TYPE_CHECKING:
    from lived.resample import Resampler

LEDGER_FIELDS = ("cut", "epoch", "position", "turn", "heard", "file_origin", "file_began")
"""What a restarted playback has to know: the highest turn cut; the place in ``model`` behind what was heard, the
turn it belongs to and how much of that turn was heard; which file it was writing."""

_TOPIC = Stream.SPEAKER.topic
_LEAST = 24
"""Frames read at once when a resampler needs a few more: 1 ms."""


class Mark(NamedTuple):
    """Output frame ``position`` passes the DAC at ``time``."""

    position: Position
    time: Ns


class Player:
    """Feeds one device after the other; ``speaker`` goes on through all of them, with gaps while there is none."""

    def __init__(self, publisher: Publisher, reader: Reader, ledger: Ledger, epoch: Epoch, wake: int) -> None:
        """``wake`` is an eventfd, written when the reader has news for the main thread."""
        self._publisher = publisher  # used by the card's thread alone
        self._reader = reader
        self._ledger = ledger
        self._epoch = epoch
        self._wake = wake
        self.gain = 1.0  # wanted; written by the main thread
        self.ducked = (Ns(0), 1.0)  # quieter until then, by that factor; replaced as one by the main thread
        self.chimes: deque[bytes] = deque(maxlen=1)  # to be played over the rest; the main thread appends
        self.mark = Mark(Position(0), Ns(0))  # from here on: written by the card's thread
        self.underflows = 0
        """Blocks that the card did not get in time."""
        self._wanted = 1.0  # of the block that is being made
        self._gain = 1.0  # of the last frame given out
        self._chime = b""  # what is left of the one that is being played
        self._rate = MODEL_RATE
        self._channels = 1
        self._resampler: Resampler | None = None
        self._spare = b""  # resampled, not yet asked for
        self._timeline = Timeline(MODEL_RATE)
        self._offset = 0  # position in speaker less position in the reader: the time without a device
        self._flags = 0
        self._fresh = True  # no block since the device was opened

    def opened(self, rate: Hz, channels: int) -> None:
        """A device will ask for blocks like this. Main thread, while no device is open."""
        self._rate, self._channels = rate, channels
        self._spare, self._resampler, self._fresh = b"", None, True
        if rate != MODEL_RATE:
            from lived.resample import Resampler

            # QQ withholds nothing: a cut must be silence at once, and going up needs no anti-alias filter
            self._resampler = Resampler(MODEL_RATE, rate, "QQ")

    def fill(self, frames: int, dac: int, underflowed: bool) -> bytes:
        """The next ``frames`` for the device, interleaved s16le; the first passes the DAC at ``dac`` ns."""
        if self._fresh:
            self._begin(dac)
        if underflowed:
            self.underflows += 1
        begins = self._reader.position
        until, factor = self.ducked
        self._wanted = self.gain * factor if dac < until else self.gain
        turn = NO_TURN
        if self._resampler:
            pcm, turn, out = self._resampled(frames)
        else:
            out = pcm = self._read(frames)
            turn = self._reader.turn
        dac += len(self._spare) // BYTES_PER_SAMPLE * SECOND // self._rate
        self._timeline.report(begins, dac, jumped=underflowed)
        self.mark = Mark(begins, self._timeline.at(begins))
        self._publish(pcm, turn)
        self._note()
        return out if self._channels == 1 else _spread(out, self._channels)

    def _begin(self, dac: int) -> None:
        """The first block of a device: positions go on behind the time in which nothing was played."""
        here = self._reader.position
        if self.mark.time:
            away = (dac - self._timeline.at(here)) * MODEL_RATE // SECOND
            self._offset += max(0, away)
            self._flags = FLAG_MUTED
        self._timeline = Timeline(MODEL_RATE)
        self._fresh = False

    def _read(self, frames: int) -> bytes:
        """From the buffer, at the wanted loudness; a change takes one block, so that it does not click."""
        pcm = self._reader.read(frames)
        if self._chime or self.chimes:
            pcm = self._with_chime(pcm)
        wanted, had = self._wanted, self._gain
        if wanted != had:
            self._gain = wanted
            return ramped(pcm, had, wanted)
        return pcm if wanted == 1.0 else scaled(pcm, wanted)

    def _with_chime(self, pcm: bytes) -> bytes:
        chime = self._chime or self.chimes.popleft()
        self._chime = chime[len(pcm) :]
        return added(pcm, chime[: len(pcm)])

    def _resampled(self, frames: int) -> tuple[bytes, Turn, bytes]:
        """What was read (24 kHz), the turn heard in it, and exactly ``frames`` at the card's rate."""
        assert self._resampler is not None  # noqa: S101
        read, turn, wanted = [], NO_TURN, frames * BYTES_PER_SAMPLE
        while len(self._spare) < wanted:
            missing = (wanted - len(self._spare)) // BYTES_PER_SAMPLE
            pcm = self._read(max(_LEAST, -(-missing * MODEL_RATE // self._rate)))
            turn = self._reader.turn or turn
            read.append(pcm)
            self._spare += self._resampler.push(pcm)
        out, self._spare = self._spare[:wanted], self._spare[wanted:]
        return b"".join(read), turn, out

    def _publish(self, pcm: bytes, turn: Turn) -> None:
        if not pcm:
            return  # the resampler had enough to spare
        mark, flags = self.mark, self._flags
        self._flags = 0
        position = mark.position + self._offset
        header = encode_header(self._epoch, position, mark.time, turn, MODEL_RATE, 1, flags)
        self._publisher.send_sound(_TOPIC, header, pcm)

    def _note(self) -> None:
        """Leave what a successor needs, and wake the main thread if there is news."""
        reader, ledger = self._reader, self._ledger
        if reader.turn:
            epoch, position = reader.place
            if ledger["epoch"] != epoch:
                ledger["epoch"] = 0  # a position of another epoch is no place: killed in between, there is none
            ledger["position"] = position
            ledger["turn"] = reader.turn
            ledger["heard"] = reader.heard
            ledger["epoch"] = epoch
        if reader.notices:
            os.eventfd_write(self._wake, 1)


def _spread(pcm: bytes, channels: int) -> bytes:
    """Mono to ``channels`` copies of it."""
    mono = array("h", pcm)
    out = array("h", bytes(len(pcm) * channels))
    for channel in range(channels):
        out[channel::channels] = mono
    return out.tobytes()
