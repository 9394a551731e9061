"""What every echo canceller looks like."""

from typing import Protocol


class Canceller(Protocol):
    """Takes what the loudspeaker plays out of what the microphone hears."""

    def process(self, near: bytes, far: bytes) -> bytes:
        """10 ms of the microphone and of the reference, 16 kHz mono s16le; as much back. ``far`` must come before its
        echo, by up to some 100 ms; 10 ms behind it cost all."""
        ...

    def reset(self) -> None:
        """Forget the room: a card was changed."""
        ...
