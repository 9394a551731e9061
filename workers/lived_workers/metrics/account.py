"""What every event does to the metrics: one table. Pure: the time at which an event came is a parameter."""

from collections.abc import Callable, Mapping
from typing import Any

from lived.units import SECOND, Ns
from lived.wire.events import (
    Cut,
    CutDone,
    Event,
    FloorChanged,
    GoAway,
    Health,
    Heartbeat,
    Hello,
    Loss,
    MicChanged,
    Ready,
    SessionState,
    Spent,
    Swapped,
    ToolAnswer,
    TurnBegan,
    TurnHeard,
    TurnPlayed,
    Underrun,
    Unready,
    VolumeChanged,
    WorkerState,
)
from lived_workers.metrics.beats import Beats
from lived_workers.metrics.climb import Climb
from lived_workers.metrics.crew import Crew
from lived_workers.metrics.store import Store
from lived_workers.metrics.turns import Turns

ANSWERS_KEPT = 256
"""Calls whose answer was counted: an answer is repeated for ten minutes, whenever a session opens."""


class Account:
    """Feeds events to the store."""

    def __init__(self, version: str) -> None:
        self.store = store = Store()
        self.crew = Crew(store)
        self._beats = Beats(store)
        self._turns = Turns(store)
        self._purse = Climb()
        self._floor = FloorChanged(floor="off")
        self._floor_since: Ns | None = None
        self._session = ""
        self._answered: dict[str, None] = {}
        store.set("lived_build_info", 1, version)
        self.handlers = self._table()
        """What is done with an event that came at a time."""

    def _table(self) -> Mapping[type[Event], Callable[[Any, Ns], None]]:
        store, turns, crew = self.store, self._turns, self.crew
        return {
            Hello: self._hello,
            Heartbeat: self._beat,
            WorkerState: lambda event, _now: crew.state(event),
            Ready: lambda event, _now: crew.ready(event.worker, True),
            Unready: lambda event, _now: crew.ready(event.worker, False),
            Health: lambda event, _now: store.choose("lived_health", event.state),
            SessionState: self._session_state,
            GoAway: lambda _event, _now: store.add("lived_session_goaways_total", 1),
            Swapped: self._swapped,
            FloorChanged: self._floor_changed,
            MicChanged: lambda event, _now: store.set("lived_muted", float(event.muted)),
            VolumeChanged: lambda event, _now: store.set("lived_volume_ratio", event.percent / 100),
            TurnBegan: lambda event, _now: turns.began(event),
            TurnHeard: lambda event, _now: turns.heard(event),
            TurnPlayed: lambda event, _now: turns.played(event),
            Cut: lambda event, _now: turns.cut(event),
            CutDone: lambda event, _now: turns.silent(event),
            Underrun: lambda _event, _now: store.add("lived_underruns_total", 1),
            Loss: lambda event, _now: store.add("lived_lost_frames_total", event.frames, event.stream, event.worker),
            Spent: self._spent,
            ToolAnswer: self._answer,
        }

    def take(self, event: Event, now: Ns) -> None:
        """One event that came at ``now``; those without a handler are nobody's figures."""
        handler = self.handlers.get(type(event))
        if handler:
            handler(event, now)

    def tick(self, now: Ns) -> None:
        """Before anybody reads: what goes on by itself."""
        if self._floor_since is not None:
            since, self._floor_since = self._floor_since, now
            self.store.add("lived_floor_seconds_total", (now - since) / SECOND, self._floor.floor)

    def _hello(self, event: Hello, _now: Ns) -> None:
        if self.crew.began(event):
            self._beats.fresh(event.worker)

    def _beat(self, event: Heartbeat, _now: Ns) -> None:
        if event.worker in self.crew:
            self._beats.take(event)

    def _session_state(self, event: SessionState, _now: Ns) -> None:
        self.store.choose("lived_session_state", event.state)
        if self._session and event.state != self._session:
            self.store.add("lived_session_changes_total", 1, event.state)
        self._session = event.state

    def _swapped(self, event: Swapped, _now: Ns) -> None:
        self.store.add("lived_session_swaps_total", 1, event.cause, event.kept)
        self.store.observe("lived_session_gap_seconds", event.gap_ms / 1000)

    def _floor_changed(self, event: FloorChanged, now: Ns) -> None:
        self.tick(now)
        self._floor, self._floor_since = event, now
        self.store.choose("lived_floor", event.floor)

    def _spent(self, event: Spent, _now: Ns) -> None:
        for period, amount in (("turn", event.turn), ("session", event.session), ("day", event.day)):
            self.store.set("lived_spent", amount, period, event.currency)
        self.store.set("lived_budget", event.budget, event.currency)
        rises = self._purse.rises("day", event.tokens | {"": event.day})  # all begin at 0 again at midnight
        self.store.add("lived_cost_total", rises.pop(""), event.currency)
        for kind, tokens in rises.items():
            self.store.add("lived_tokens_total", tokens, str(kind))

    def _answer(self, event: ToolAnswer, _now: Ns) -> None:
        if event.more or event.call in self._answered:
            return
        self._answered[event.call] = None
        while len(self._answered) > ANSWERS_KEPT:
            del self._answered[next(iter(self._answered))]
        self.store.add("lived_tool_calls_total", 1, "error" if "error" in event.response else "result")
        self.store.observe("lived_tool_seconds", event.took_ms / 1000)
