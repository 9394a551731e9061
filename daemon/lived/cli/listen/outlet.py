"""The card's side of listening: reads each source, brings it to the card's rate, lays them side by side."""

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from lived.clock import monotonic_ns
from lived.soundcard import Timeline
from lived.units import BYTES_PER_SAMPLE, MILLISECOND, SECOND, Hz, Ns

if TYPE_CHECKING:
    from lived.resample import Resampler

MARGIN = Ns(80 * MILLISECOND)
"""Sound is heard so much later than the card needs: two chunks of ``mic`` (20 ms), a block (20 ms), a busy machine."""

STEP = Ns(10 * MILLISECOND)
"""Added to what was too little."""

MOST = Ns(1_000 * MILLISECOND)
"""Longest delay: what comes later is not heard."""

_LEAST = 16
"""Frames read at once when a resampler needs a few more."""


class Source(Protocol):
    """What is listened to."""

    rate: Hz
    late: Ns
    """How much too late its sound came; set to 0 by who has taken notice."""

    def read(self, frames: int, when: Ns) -> bytes:
        """``frames`` in mono, the first of which passed its converter at ``when``."""


class Outlet:
    """A ``Feeder`` (lived.soundcard) for one source (on all channels) or two (left and right)."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._sides: list[_Side] = []
        self._channels = 1
        self._rate = Hz(1)
        self._timeline = Timeline(Hz(1))
        self._position = 0
        self.delay = Ns(0)
        """From the converter to this card's."""

    def opened(self, rate: Hz, channels: int) -> None:
        """The card will ask for blocks like this."""
        self._rate, self._channels = rate, channels
        self._sides = [_Side(source, rate) for source in self._sources]
        self._timeline = Timeline(rate)

    def fill(self, frames: int, dac: int, underflowed: bool) -> bytes:
        """The next block; its first frame passes the DAC at ``dac`` ns."""
        if not self._position:
            self.delay = Ns(max(0, dac - monotonic_ns()) + MARGIN)
        self._timeline.report(self._position, dac, jumped=underflowed)
        when = Ns(self._timeline.at(self._position) - self.delay)
        self._position += frames
        sound = [side.read(frames, when) for side in self._sides]
        late = max(source.late for source in self._sources)
        if late:
            self.delay = Ns(min(self.delay + late + STEP, MOST))
            for source in self._sources:
                source.late = Ns(0)
        return sound[0] if self._channels == 1 else interleaved(sound, self._channels)


class _Side:
    """One source at the card's rate."""

    def __init__(self, source: Source, rate: Hz) -> None:
        self._source = source
        self._rate = rate
        self._spare = b""  # resampled, not asked for yet
        self._resampler = _resampler(source.rate, rate)

    def read(self, frames: int, when: Ns) -> bytes:
        if self._resampler is None:
            return self._source.read(frames, when)
        wanted = frames * BYTES_PER_SAMPLE
        while len(self._spare) < wanted:
            had = len(self._spare) // BYTES_PER_SAMPLE
            count = max(_LEAST, -(-(frames - had) * self._source.rate // self._rate))
            at = Ns(when + had * SECOND // self._rate)
            self._spare += self._resampler.push(self._source.read(count, at))
        out, self._spare = self._spare[:wanted], self._spare[wanted:]
        return out


def _resampler(source: Hz, target: Hz) -> "Resampler | None":
    """None where there is nothing to do: then numpy is not paid for."""
    if source == target:
        return None
    from lived.resample import Resampler

    return Resampler(source, target)


def interleaved(sound: Sequence[bytes], channels: int) -> bytes:
    """One source on every channel, or one each on the first ones; the other channels are silent."""
    out = array("h", bytes(len(sound[0]) * channels))
    for channel in range(channels if len(sound) == 1 else len(sound)):
        out[channel::channels] = array("h", sound[channel % len(sound)])
    return out.tobytes()
