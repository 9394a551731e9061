"""What every engine for wake words looks like."""

from typing import Protocol


class Spotter(Protocol):
    """Listens for a few words."""

    missing: str
    """What is not there, and what that means: one sentence; "" = all is there."""

    def hear(self, pcm: bytes) -> str | None:
        """The next 10 ms of 16 kHz mono s16le. The name of the word that was just said, once each time it is said."""
        ...

    def reset(self) -> None:
        """Forget what was heard: the sound has a gap, or another source."""
        ...


class Absent:
    """No engine: no word is heard."""

    def __init__(self, missing: str) -> None:
        self.missing = missing

    def hear(self, pcm: bytes) -> str | None:  # noqa: ARG002 - as in Spotter
        """None."""
        return None

    def reset(self) -> None:
        """Nothing to forget."""
