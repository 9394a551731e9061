"""Channels that come each at its own pace, put side by side. Pure: time is a parameter, as a frame of the recording.

A frame is given out when every channel has reached it, or when ``PATIENCE`` is over: then who is late is silent there.
"""

from array import array
from typing import NamedTuple

from lived.recording.track import Piece
from lived.units import BYTES_PER_SAMPLE, MILLISECOND, SECOND, Hz, Ns

PATIENCE = Ns(600 * MILLISECOND)
"""Longest wait for a channel: twice what a track gathers before it puts its first frame."""

BLOCK = Ns(100 * MILLISECOND)
"""Frames are given out so many at a time: a write for each would be 100 writes a second."""

_FARTHEST_S = 60
"""No sound comes so early that its channel has to wait for it: such a time is garbage, and a gigabyte of zeros must not
follow from it. The bound of what waits here: 60 s * 48 kB = 2.9 MB a channel."""


class Block(NamedTuple):
    """Interleaved s16le from frame ``first`` of the recording on."""

    first: int
    pcm: bytes


class Mixdown:
    """One or two channels."""

    def __init__(self, channels: int, rate: Hz) -> None:
        self._channels = [bytearray() for _ in range(channels)]
        self._rate = rate
        self._block = rate * BLOCK // SECOND
        self._patience = rate * PATIENCE // SECOND
        self.first = 0
        """The next frame to be given out."""

    def put(self, channel: int, piece: Piece) -> int:
        """Put sound into its place; how many of its frames were too late for it (or too early to be true)."""
        waiting = self._channels[channel]
        ahead = piece.first - self.first - len(waiting) // BYTES_PER_SAMPLE
        frames = len(piece.pcm) // BYTES_PER_SAMPLE
        if piece.first - self.first > _FARTHEST_S * self._rate:
            return frames
        if ahead >= 0:
            waiting += bytes(ahead * BYTES_PER_SAMPLE) + piece.pcm
            return 0
        waiting += piece.pcm[-ahead * BYTES_PER_SAMPLE :]
        return min(frames, -ahead)

    def due(self, now: int, last: bool = False) -> list[Block]:
        """What can be given out when frame ``now`` is passing; everything up to it when it is the ``last``."""
        ends = [len(waiting) // BYTES_PER_SAMPLE for waiting in self._channels]
        if last:
            return self._give(max(now - self.first, *ends, 0))
        ready = max(now - self._patience - self.first, min(ends))
        return self._give(ready // self._block * self._block)

    def _give(self, frames: int) -> list[Block]:
        out: list[Block] = []
        while frames > 0:  # a long silence is not one piece of memory
            size = min(frames, self._rate)
            out.append(Block(self.first, self._interleaved(size)))
            self.first += size
            frames -= size
        return out

    def _interleaved(self, frames: int) -> bytes:
        size = frames * BYTES_PER_SAMPLE
        cut = []
        for waiting in self._channels:
            cut.append(bytes(waiting[:size]).ljust(size, b"\0"))
            del waiting[:size]
        if len(cut) == 1:
            return cut[0]
        out = array("h", bytes(size * len(cut)))
        for index, pcm in enumerate(cut):
            out[index :: len(cut)] = array("h", pcm)
        return out.tobytes()
