"""A jitter buffer whose input is numbered samples, and which checks what comes out."""

import struct
from collections import defaultdict
from dataclasses import dataclass, field

from lived.units import NO_TURN, Epoch, Ms, Position, Turn
from lived_workers.playback.buffer import JitterBuffer
from lived_workers.playback.turns import Notice, Place, Played

BLOCK = 240
EPOCH = Epoch(7)


def sample(index: int) -> int:
    """The sample at one position of stream ``model``: never 0, so that silence is told apart."""
    return 1_000 + index % 20_000


@dataclass
class Rig:
    """A buffer whose input is numbered samples, and which knows what came out."""

    prebuffer_ms: int = 0
    position: int = 0
    notices: list[Notice] = field(default_factory=list)
    heard: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """Frames that came out, by turn."""
    altered: int = 0
    """Frames that came out with another value than they went in with."""

    def __post_init__(self) -> None:
        self.buffer = JitterBuffer(Ms(self.prebuffer_ms))
        self.reader = self.buffer.reader

    def put(self, turn: int, frames: int) -> None:
        pcm = struct.pack(f"<{frames}h", *(sample(self.position + i) for i in range(frames)))
        self.position += frames
        self.buffer.put(Turn(turn), pcm, Place(EPOCH, Position(self.position)))

    def read(self, frames: int = BLOCK) -> list[int]:
        """One block; checks that it is sound of one turn and then silence, and that the sound is the right one."""
        pcm = self.reader.read(frames)
        assert len(pcm) == 2 * frames
        samples = list(struct.unpack(f"<{frames}h", pcm))
        new = list(self.reader.notices)
        self.reader.notices.clear()
        self.notices += new
        turn, end = self.reader.turn, self.reader.place.position
        if turn == NO_TURN:
            assert not any(samples)
            return samples
        count = self._frames_of(turn, new) - self.heard[turn]
        self.heard[turn] += count
        if not any(isinstance(n, Played) and n.cut for n in new):
            self._compare(samples[:count], end - count)
        assert not any(samples[count:])
        return samples

    def _frames_of(self, turn: Turn, new: list[Notice]) -> int:
        played = [n.frames for n in new if isinstance(n, Played) and n.turn == turn]
        return played[-1] if played else self.reader.heard

    def _compare(self, samples: list[int], begin: int) -> None:
        for index, value in enumerate(samples):
            if value != sample(begin + index):
                self.altered += 1
                assert 0 <= value < sample(begin + index)

    def read_until_idle(self) -> None:
        for _ in range(2_000):
            self.read()
            if not self.buffer.waiting and self.reader.heard == 0:
                return
        raise AssertionError("never idle")

    def of(self, kind: type[Notice]) -> list[Notice]:
        return [n for n in self.notices if isinstance(n, kind)]
