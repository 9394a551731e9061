"""What was recorded of a visit: the streams, each frame with its time, and what happened. Pure."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from bench.listening_scenes import Samples
from bench.room.air import Saying
from lived.units import Ns, Turn
from lived.wire import Chunk
from lived.wire.events import Cut, CutDone


class Track:
    """Chunks of one stream in their places. Index 0 is the first frame that was recorded."""

    def __init__(self, chunks: list[Chunk]) -> None:
        """Raises ValueError for no chunk, and for a stream that began anew."""
        if len({chunk.epoch for chunk in chunks}) != 1:
            raise ValueError(f"{len(chunks)} chunks, not all of one stream")
        self.first = chunks[0].position
        """Position of its first frame."""
        self.rate = chunks[0].rate
        self.sound: Samples = np.zeros(chunks[-1].end - self.first, np.int16)
        for chunk in chunks:
            self.sound[chunk.position - self.first : chunk.end - self.first] = np.frombuffer(chunk.pcm, np.int16)
        self.lost = len(self.sound) - sum(chunk.frames for chunk in chunks)
        """Frames that are missing."""
        self._places = np.array([chunk.position - self.first for chunk in chunks], np.float64)
        self._times = np.array([chunk.time for chunk in chunks], np.float64)

    def time_of(self, index: int) -> float:
        """When that frame passed the converter; CLOCK_MONOTONIC ns."""
        return float(np.interp(index, self._places, self._times))

    def index_at(self, when: float) -> int:
        """The frame that passed the converter at ``when`` (CLOCK_MONOTONIC ns)."""
        return round(float(np.interp(when, self._times, self._places)))


class Reply(NamedTuple):
    """One that was heard."""

    turn: Turn
    begin: Ns
    """When its first sound passed the DAC."""
    seconds: float
    """How long it was heard."""


@dataclass
class Seen:
    """Everything that is known of one visit. Times: CLOCK_MONOTONIC ns."""

    mic: Track
    voice: Track
    speaker: Track
    written: Samples
    """What the room gave to the microphone."""
    said: list[tuple[Saying, int]]
    """By the user, and the frame of ``written`` it begins with."""
    alone: list[Reply]
    """Into which nobody spoke."""
    over: list[Reply]
    """Into which the user spoke."""
    cuts: list[Cut]
    silent: list[CutDone]
    cpu: dict[str, float] = field(default_factory=dict)
    """Percent of one core of each process, in ``alone``."""
    memory: dict[str, float] = field(default_factory=dict)
    """MB of each process."""
    told: dict[str, int] = field(default_factory=dict)
    """The front end's counters at the end of ``alone``."""
    underruns: int = 0
