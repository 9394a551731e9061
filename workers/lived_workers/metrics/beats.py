"""From heartbeats to metrics: counts, delays and depths that workers tell of themselves. Pure."""

from collections.abc import Hashable, Mapping
from typing import NamedTuple

from lived.units import MODEL_RATE
from lived.wire.events import Heartbeat
from lived_workers.metrics.catalogue import OTHER
from lived_workers.metrics.climb import Climb
from lived_workers.metrics.store import Store


class _Place(NamedTuple):
    """Where a number of a heartbeat goes."""

    metric: str
    labels: tuple[str, ...] = ()
    scale: float = 1.0


_COUNTS: Mapping[tuple[str, str], _Place] = {
    ("capture", "overflows"): _Place("lived_card_overflows_total"),
    ("capture", "lost_frames"): _Place("lived_lost_frames_total", ("mic", "card")),
    ("capture", "opened"): _Place("lived_device_opened_total", ("capture",)),
    ("playback", "card_underflows"): _Place("lived_card_underflows_total"),
    ("playback", "dropped_frames"): _Place("lived_dropped_frames_total", ("full",)),
    ("playback", "stale_frames"): _Place("lived_dropped_frames_total", ("stale",)),
    ("playback", "opened"): _Place("lived_device_opened_total", ("playback",)),
    ("camera", "opened"): _Place("lived_device_opened_total", ("camera",)),
    ("frontend", "echo_jumps"): _Place("lived_echo_jumps_total"),
    ("frontend", "lost_frames"): _Place("lived_lost_frames_total", ("mic", OTHER)),
    ("gateway", "substituted"): _Place("lived_frontend_absent_total"),
    ("hooks", "ok"): _Place("lived_hook_runs_total", ("ok",)),
    ("hooks", "failed"): _Place("lived_hook_runs_total", ("failed",)),
    ("hooks", "timeout"): _Place("lived_hook_runs_total", ("timeout",)),
    ("hooks", "flood"): _Place("lived_hook_runs_total", ("flood",)),
    ("hooks", "dropped"): _Place("lived_hook_dropped_total"),
}

_BAD = ("bad_messages", "bad_chunks")
"""Of any worker."""

_DEPTHS: Mapping[tuple[str, str], _Place] = {
    ("playback", "waiting_frames"): _Place("lived_playback_buffer_seconds", (), 1 / MODEL_RATE),
    ("gateway", "uplink_waiting"): _Place("lived_uplink_waiting_messages"),
    ("frontend", "echo_erle_db"): _Place("lived_echo_erle_decibels"),
    ("frontend", "echo_delay_ms"): _Place("lived_echo_delay_seconds", (), 0.001),
    ("frontend", "echo_drift_ppm"): _Place("lived_echo_drift_ppm"),
    ("frontend", "echo_diverged_percent"): _Place("lived_echo_diverged_ratio", (), 0.01),
    ("frontend", "echo_half_duplex"): _Place("lived_echo_half_duplex"),
}

_DELAYS: Mapping[tuple[str, str], str] = {
    ("gateway", "uplink"): "lived_uplink_delay_seconds",
    ("capture", "handover"): "lived_capture_handover_seconds",
}


class Beats:
    """Reads heartbeats."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._climb = Climb()

    def fresh(self, worker: str) -> None:
        """A worker's process began: it counts from 0."""
        self._climb.fresh(worker)

    def take(self, beat: Heartbeat) -> None:
        """One heartbeat of a known worker."""
        counts: dict[Hashable, float] = dict(beat.counters.items())
        for name, ages in beat.delays.items():
            counts |= {(name, index): count for index, count in enumerate(ages.counts)}
            counts[name, "sum"] = ages.sum_us
        rises = self._climb.rises(beat.worker, counts)
        for counter, value in beat.counters.items():
            self._count(beat.worker, counter, rises[counter])
            depth = _DEPTHS.get((beat.worker, counter))
            if depth:
                self._store.set(depth.metric, value * depth.scale, *depth.labels)
        for name, ages in beat.delays.items():
            metric = _DELAYS.get((beat.worker, name))
            histogram = self._store.histogram(metric) if metric else None
            if histogram and len(ages.counts) == len(histogram.counts):
                more = [int(rises[name, index]) for index in range(len(ages.counts))]
                histogram.add(more, rises[name, "sum"] / 1_000_000)

    def _count(self, worker: str, counter: str, rise: float) -> None:
        if counter in _BAD:
            self._store.add("lived_bad_messages_total", rise, worker)
        elif place := _COUNTS.get((worker, counter)):
            self._store.add(place.metric, rise * place.scale, *place.labels)
