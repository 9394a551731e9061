"""Manual turn taking: what of the microphone's sound belongs to the user's turn, by the time it passed the ADC. Pure.

While the button is not held, the last moments are kept, and nothing is sent; that is no loss. When it is pressed they
go first: people begin to speak as they press. When it is let go, what was said until then may still be under way.
"""

from collections import deque
from enum import StrEnum

from lived.units import MILLISECOND, SECOND, Ms, Ns, span_of
from lived.wire import Chunk
from lived_workers.gateway.messages import ActivityEnd, ActivityStart, StreamEnd

LATE = Ns(300 * MILLISECOND)
"""Sound from before the button was let go comes within 50 ms, or, on a machine that stood still, not at all."""

_MOST_KEPT = 400
"""Chunks: a pre-roll of at most 1 s (live.vad.preroll_ms) in chunks of 10 ms, or shorter ones after gaps."""


class State(StrEnum):
    """Of the button, as far as the server is concerned."""

    SHUT = "shut"
    OPEN = "open"
    CLOSING = "closing"
    """Let go; what was said until then is awaited."""


class Input(StrEnum):
    """What can happen to it."""

    PRESS = "press"
    RELEASE = "release"
    OVER = "over"
    """Everything from before the release is there, or will not come."""


TABLE: dict[tuple[State, Input], State] = {
    (State.SHUT, Input.PRESS): State.OPEN,
    (State.SHUT, Input.RELEASE): State.SHUT,
    (State.SHUT, Input.OVER): State.SHUT,
    (State.OPEN, Input.PRESS): State.OPEN,
    (State.OPEN, Input.RELEASE): State.CLOSING,
    (State.OPEN, Input.OVER): State.SHUT,
    (State.CLOSING, Input.PRESS): State.OPEN,  # the same turn goes on
    (State.CLOSING, Input.RELEASE): State.CLOSING,
    (State.CLOSING, Input.OVER): State.SHUT,
}

Passed = ActivityStart | ActivityEnd | StreamEnd | Chunk
"""What goes up, in this order."""


class Gate:
    """Between the microphone and the uplink."""

    def __init__(self, preroll: Ms) -> None:
        self._preroll = Ns(preroll * MILLISECOND)
        self._kept: deque[Chunk] = deque(maxlen=_MOST_KEPT)
        self._released_at = Ns(0)
        self.state = State.SHUT

    def press(self, now: Ns) -> list[Passed]:
        """The button is held."""
        before, self.state = self.state, TABLE[self.state, Input.PRESS]
        if before is not State.SHUT:
            return []
        since = now - self._preroll
        kept = [chunk for chunk in self._kept if _end(chunk) > since]
        self._kept.clear()
        return [ActivityStart(), *kept]

    def release(self, now: Ns) -> None:
        """It was let go."""
        if self.state is State.OPEN:
            self._released_at = now
        self.state = TABLE[self.state, Input.RELEASE]

    def take(self, chunk: Chunk, now: Ns) -> list[Passed]:  # noqa: ARG002
        """The next chunk of the microphone."""
        if self.state is State.OPEN or (self.state is State.CLOSING and chunk.time < self._released_at):
            return [chunk]
        ended = self.over()
        self._keep(chunk)
        return ended

    def tick(self, now: Ns) -> list[Passed]:
        """Several times a second."""
        return self.over() if self.state is State.CLOSING and now - self._released_at >= LATE else []

    def over(self) -> list[Passed]:
        """The turn ends here."""
        before, self.state = self.state, TABLE[self.state, Input.OVER]
        return [] if before is State.SHUT else [ActivityEnd()]

    def _keep(self, chunk: Chunk) -> None:
        self._kept.append(chunk)
        while self._kept and chunk.time - _end(self._kept[0]) > self._preroll + SECOND // 10:
            self._kept.popleft()


def _end(chunk: Chunk) -> Ns:
    return Ns(chunk.time + span_of(chunk.frames, chunk.rate))
