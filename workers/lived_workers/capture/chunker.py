"""Blocks of any length in, chunks of one length out. Pure: it counts positions and knows no time."""

from typing import NamedTuple

from lived.units import BYTES_PER_SAMPLE, Frames, Position


class Piece(NamedTuple):
    """Mono s16le at a place of the stream."""

    position: Position
    pcm: bytes


class Chunker:
    """Splitting its input anywhere gives the same pieces. Belongs to one thread."""

    def __init__(self, frames: Frames) -> None:
        """Give out ``frames`` at a time."""
        self._bytes = frames * BYTES_PER_SAMPLE
        self._frames = frames
        self._held = b""
        self.position = Position(0)
        """Of the first frame that has not been given out."""

    def put(self, pcm: bytes) -> list[Piece]:
        """The whole pieces that ``pcm`` completes."""
        if not self._held and len(pcm) == self._bytes:  # what a card at 16 kHz does every time
            return [self._out(pcm)]
        held = self._held + pcm
        whole = len(held) - len(held) % self._bytes
        self._held = held[whole:]
        return [self._out(held[at : at + self._bytes]) for at in range(0, whole, self._bytes)]

    def flush(self) -> list[Piece]:
        """What is left, as one short piece: the sound behind it is lost."""
        left, self._held = self._held, b""
        return [self._out(left)] if left else []

    def restart(self, position: Position) -> None:
        """Forget what is left, and go on at ``position``."""
        self._held, self.position = b"", position

    def _out(self, pcm: bytes) -> Piece:
        piece = Piece(self.position, pcm)
        self.position = Position(self.position + len(pcm) // BYTES_PER_SAMPLE)
        return piece
