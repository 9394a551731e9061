"""Events as the daemon says them, and the text of a scrape."""

import urllib.request
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from lived.delays import BOUNDS_US
from lived.wire.events import Ages, Heartbeat, Hello, WorkerState

Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def series(text: str) -> Series:
    """Every sample of a scrape, by its name and labels."""
    families = text_string_to_metric_families(text)
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for f in families for s in f.samples}


def scrape(port: int) -> Series:
    """What is served now."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        return series(answer.read().decode())


def value(found: Series, name: str, **labels: str) -> float:
    """One sample."""
    return found[name, tuple(sorted(labels.items()))]


def ages(**counts: int) -> Ages:
    """So many in the bucket up to ``us25000`` (microseconds)."""
    row = [0] * (len(BOUNDS_US) + 1)
    for bound, count in counts.items():
        row[BOUNDS_US.index(int(bound.removeprefix("us")))] = count
    return Ages(counts=row, sum_us=sum(int(bound.removeprefix("us")) * count for bound, count in counts.items()))


def beat(worker: str, **more: Any) -> Heartbeat:
    """A heartbeat with these counters or delays."""
    delays = {name: found for name, found in more.items() if isinstance(found, Ages)}
    counters = {name: count for name, count in more.items() if isinstance(count, int)}
    return Heartbeat(worker=worker, progress=1, counters=counters, delays=delays)


def began(worker: str, pid: int = 1) -> tuple[WorkerState, Hello]:
    """A worker's process starts."""
    return WorkerState(worker=worker, state="starting"), Hello(worker=worker, pid=pid)
