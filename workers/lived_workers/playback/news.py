"""From what the card's thread noted to events for everybody."""

from collections.abc import Callable
from typing import Any

from lived.clock import monotonic_ns
from lived.units import MODEL_RATE, SECOND, Ns, Position
from lived.wire.events import CutDone, Event, TurnHeard, TurnPlayed, Underrun
from lived.worker import Harness
from lived_workers.playback.player import Player
from lived_workers.playback.reader import Reader
from lived_workers.playback.turns import Heard, Played, Silenced, Starved


class News:
    """Belongs to the main thread."""

    def __init__(self, harness: Harness, reader: Reader, player: Player) -> None:
        self._harness = harness
        self._reader = reader
        self._player = player
        self._event: dict[type[Any], Callable[[Any], Event]] = {
            Heard: lambda n: TurnHeard(turn=n.turn, time=self._dac(n.at)),
            Played: lambda n: TurnPlayed(turn=n.turn, frames=n.frames, cut=n.cut),
            Silenced: lambda n: CutDone(
                turn=n.turn, heard_turn=n.heard_turn, heard_frames=n.heard_frames, silent_at=self._dac(n.at)
            ),
            Starved: lambda n: Underrun(turn=n.turn, frames=n.frames),
        }
        self.device_open = False
        """Whether a device gives DAC times; without one, what is noted is so now."""

    def tell(self) -> None:
        """Publish everything that was noted."""
        notices = self._reader.notices
        while notices:
            notice = notices.popleft()
            self._harness.counters["underruns"] += isinstance(notice, Starved)
            self._harness.publish(self._event[type(notice)](notice))

    def _dac(self, position: Position) -> Ns:
        """When output frame ``position`` passes the DAC."""
        mark = self._player.mark
        if not (mark.time and self.device_open):
            return monotonic_ns()
        return Ns(mark.time + (position - mark.position) * SECOND // MODEL_RATE)
