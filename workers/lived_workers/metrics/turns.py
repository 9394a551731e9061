"""How long people wait: from a reply's first byte to its sound, from a cut to silence; how much they heard. Pure."""

from typing import TypeVar

from lived.units import MODEL_RATE, NO_TURN, SECOND, Ns, Turn
from lived.wire.events import Cut, CutDone, TurnBegan, TurnHeard, TurnPlayed
from lived_workers.metrics.store import Store

T = TypeVar("T")

KEPT = 16
"""Turns that something is still waited of: one or two, unless somebody interrupts faster than anybody can speak."""


class Turns:
    """Pairs the events of each turn."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._began: dict[Turn, Ns] = {}  # the three are bounded by KEPT
        self._cut: dict[Turn, Cut] = {}
        self._heard: dict[Turn, int] = {}
        self._highest_cut = NO_TURN

    def began(self, event: TurnBegan) -> None:
        """The first byte of a reply."""
        self._store.add("lived_turns_total", 1)
        if event.time:
            _keep(self._began, event.turn, event.time)

    def heard(self, event: TurnHeard) -> None:
        """Its first sound; also after it had fallen silent, which does not count again."""
        received = self._began.pop(event.turn, None)
        if received is not None:
            self._store.observe("lived_first_sound_seconds", max(0, event.time - received) / SECOND)

    def played(self, event: TurnPlayed) -> None:
        """How much of it was heard, in all; said again when more of it came."""
        before = self._heard.get(event.turn, 0)
        _keep(self._heard, event.turn, event.frames)
        self._store.add("lived_heard_seconds_total", max(0, event.frames - before) / MODEL_RATE)

    def cut(self, event: Cut) -> None:
        """A cut may be ordered many times; the first one counts."""
        if event.turn > self._highest_cut:
            self._highest_cut = event.turn
            self._store.add("lived_cuts_total", 1, event.cause)
            _keep(self._cut, event.turn, event)

    def silent(self, event: CutDone) -> None:
        """Obeyed. Where nothing was being heard, there was nothing to be late with."""
        ordered = self._cut.pop(event.turn, None)
        if ordered is not None and event.heard_turn:
            late = max(0, event.silent_at - ordered.time) / SECOND
            self._store.observe("lived_cut_silence_seconds", late, ordered.cause)


def _keep(kept: dict[Turn, T], turn: Turn, value: T) -> None:
    kept[turn] = value
    while len(kept) > KEPT:
        del kept[min(kept)]
