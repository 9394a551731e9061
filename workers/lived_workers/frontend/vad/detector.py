"""What every engine of voice activity looks like."""

from typing import Protocol

BLOCK_BYTES = 320
"""10 ms of 16 kHz mono s16le: what a detector is given."""


class Detector(Protocol):
    """How likely it is that somebody speaks."""

    missing: str
    """Which package is not there, and what that means: one sentence; "" = all is there."""

    def probability(self, pcm: bytes) -> float:
        """Of the last whole hop of the engine (16 or 32 ms) once ``pcm``, 10 ms of 16 kHz mono s16le, is heard."""
        ...

    def reset(self) -> None:
        """Forget what was heard: the sound has a gap, or another source."""
        ...


class Absent:
    """No engine: nothing is speech."""

    def __init__(self, missing: str) -> None:
        self.missing = missing

    def probability(self, pcm: bytes) -> float:  # noqa: ARG002 - as in Detector
        """Zero."""
        return 0.0

    def reset(self) -> None:
        """Nothing to forget."""


class Hops:
    """Cuts blocks of 10 ms into what an engine takes."""

    def __init__(self, frames: int) -> None:
        self._size = 2 * frames
        self._held = b""

    def push(self, pcm: bytes) -> list[bytes]:
        """The hops that are whole now."""
        self._held += pcm
        whole = len(self._held) // self._size * self._size
        hops = [self._held[begin : begin + self._size] for begin in range(0, whole, self._size)]
        self._held = self._held[whole:]
        return hops

    def clear(self) -> None:
        """Forget what was held back."""
        self._held = b""
