"""What can be recorded, and how it lies in a file. Pure."""

from typing import NamedTuple

from lived.units import MIC_RATE, MODEL_RATE, Hz
from lived.wire import Stream


class Shape(NamedTuple):
    """A file's frames."""

    rate: Hz
    channels: tuple[frozenset[Stream], ...]
    """What each channel carries. Of ``mic`` and ``voice`` in one channel, ``voice`` counts as soon as there is one."""

    @property
    def streams(self) -> frozenset[Stream]:
        """All that has to be subscribed to."""
        return frozenset[Stream]().union(*self.channels)


SHAPES: dict[str, Shape] = {
    "mic": Shape(MIC_RATE, (frozenset({Stream.MIC}),)),
    "voice": Shape(MIC_RATE, (frozenset({Stream.VOICE}),)),
    "model": Shape(MODEL_RATE, (frozenset({Stream.MODEL}),)),
    "speaker": Shape(MODEL_RATE, (frozenset({Stream.SPEAKER}),)),
    "stereo": Shape(MODEL_RATE, (frozenset({Stream.VOICE, Stream.MIC}), frozenset({Stream.SPEAKER}))),
}
"""By the names that options use."""
