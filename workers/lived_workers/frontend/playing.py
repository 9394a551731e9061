"""Which reply the loudspeaker plays at a moment, by stream `speaker` and its DAC times. Pure."""

from collections import deque
from typing import NamedTuple

from lived.units import MILLISECOND, NO_TURN, Ns, Turn, span_of
from lived.wire import Chunk

LINGERS = Ns(200 * MILLISECOND)
"""So long a reply is heard after its last frame: the room's echo, and what the times of two cards may be wrong."""

_MOST = 500
"""Blocks with a reply: 5 s of 10 ms. `speaker` runs ahead of `mic` by what the card holds, well below 1 s."""


class _Span(NamedTuple):
    begin: Ns
    end: Ns
    turn: Turn


class Playing:
    """Follows `speaker`."""

    def __init__(self) -> None:
        self._spans: deque[_Span] = deque(maxlen=_MOST)

    def heard(self, chunk: Chunk) -> None:
        """The next chunk of `speaker`."""
        if chunk.turn:
            self._spans.append(_Span(chunk.time, Ns(chunk.time + span_of(chunk.frames, chunk.rate)), chunk.turn))

    def turn_at(self, time: Ns) -> Turn:
        """The newest reply that is heard at ``time``, NO_TURN = none. Times only grow."""
        while self._spans and self._spans[0].end + LINGERS <= time:
            self._spans.popleft()
        return max((span.turn for span in self._spans if span.begin <= time), default=NO_TURN)
