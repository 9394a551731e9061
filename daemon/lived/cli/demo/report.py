"""The figures with their budgets: as a table for people, as JSON for scripts. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from lived.cli.demo.measure import Delays, Interruption, Toll
from lived.units import Ms

CHUNK_MS = Ms(20)
"""One message of sound to the server."""
SOCKET_MS = 2.0
"""From a message's last frame to the socket, p99."""
CUT_MS = 5.0
"""Beyond one period of the card."""
MEMORY_MB = 100.0
CPU_PERCENT = 15.0
MB = 1_000_000


class Figure(NamedTuple):
    """One line of the table. ``value`` None: it was not measured, and that is not a success."""

    name: str
    label: str
    value: float | None
    unit: str
    budget: float | None = None
    exactly: bool = False
    """Whether the value must equal the budget rather than stay within it."""

    @property
    def ok(self) -> bool:
        """Within the budget, or without one."""
        if self.budget is None:
            return True
        if self.value is None:
            return False
        return self.value == self.budget if self.exactly else self.value <= self.budget


class Measured(NamedTuple):
    """Everything the demo found out."""

    turns: int
    turns_expected: int | None
    """None where a person speaks and nobody knows how often."""
    cuts: Sequence[Interruption]
    cut_expected: bool
    block_ms: int
    reaction_ms: float | None
    """From the first sound of the user who talks over the reply to silence: mostly the server's own time."""
    delays: Delays | None
    """To the stand-in's own program: its process has to be woken too."""
    socket_delays: Delays | None
    """To the socket: what the daemon answers for."""
    lateness_p99_ms: float
    """Of this machine: of a timer that runs beside, or of the card. Allowed on top of the budget of 22 ms."""
    up: Toll
    down: Toll
    memory_bytes: int
    cpu_percent: float
    others_percent: float


def figures(found: Measured) -> list[Figure]:
    """All figures in the order of the table."""
    return [*_conversation(found), *_sound(found), *_cost(found)]


def _conversation(found: Measured) -> Iterator[Figure]:
    yield Figure("turns", "replies heard", found.turns, "", found.turns_expected, exactly=True)
    worst = max((cut.to_silence_ms for cut in found.cuts), default=None)
    budget = found.block_ms + CUT_MS if found.cut_expected or worst is not None else None
    yield Figure("cut_to_silence_ms", "cut to silence", worst, "ms", budget)
    if found.reaction_ms is not None:
        yield Figure("reaction_ms", "voice over reply to silence", found.reaction_ms, "ms")


def _sound(found: Measured) -> Iterator[Figure]:
    socket, budget = _at_the_socket(found), round(CHUNK_MS + SOCKET_MS + found.lateness_p99_ms, 1)
    yield Figure("lateness_p99_ms", "this machine's own lateness, p99", found.lateness_p99_ms, "ms")
    yield Figure("uplink_p50_ms", "microphone to socket, p50", socket.p50 if socket else None, "ms", budget)
    yield Figure("uplink_p99_ms", "microphone to socket, p99", socket.p99 if socket else None, "ms", budget)
    for way, label, toll in (("up", "microphone to server", found.up), ("down", "server to speaker", found.down)):
        yield Figure(f"{way}_lost_frames", f"lost, {label}", toll.lost, "frames", 0, exactly=True)
        yield Figure(f"{way}_doubled_frames", f"doubled, {label}", toll.doubled, "frames", 0, exactly=True)
        yield Figure(f"{way}_strange_frames", f"never sent, {label}", toll.strange, "frames", 0, exactly=True)


def _at_the_socket(found: Measured) -> Delays | None:
    """When bytes were on the socket cannot be seen, but they were when send() returned, and when the stand-in had
    read them. The earlier of the two is nearer: on one machine a send also does the receiver's part."""
    own, whole = found.socket_delays, found.delays
    if own is None or whole is None:
        return None
    return Delays(min(own.p50, whole.p50), min(own.p99, whole.p99), whole.messages)


def _cost(found: Measured) -> Iterator[Figure]:
    yield Figure("memory_mb", "memory, all processes (PSS)", found.memory_bytes / MB, "MB", MEMORY_MB)
    yield Figure("cpu_percent", "CPU, all processes", found.cpu_percent, "% of a core", CPU_PERCENT)
    yield Figure("others_cpu_percent", "CPU, other programs", found.others_percent, "% of a core")


def table(rows: Sequence[Figure]) -> str:
    """For a terminal of 80 columns."""
    width = max(len(row.label) for row in rows)
    return "\n".join(
        f"  {row.label:<{width}}  {_shown(row):>8} {_unit(row):<11} {_budget(row):<7} {_verdict(row)}".rstrip()
        for row in rows
    )


def _shown(row: Figure) -> str:
    if row.value is None:
        return "-"
    return f"{row.value:d}" if isinstance(row.value, int) else f"{row.value:.1f}"


def _unit(row: Figure) -> str:
    return row.unit if row.value is not None else ""


def _budget(row: Figure) -> str:
    if row.budget is None:
        return ""
    return f"{'=' if row.exactly else '≤'} {row.budget:g}"


def _verdict(row: Figure) -> str:
    if row.budget is None:
        return ""
    return "ok" if row.ok else "not measured" if row.value is None else "over" if row.value > row.budget else "under"


def data(rows: Sequence[Figure], **more: Any) -> dict[str, Any]:
    """For --json: ``ok`` sums up; each figure with its budget."""
    return {
        "ok": all(row.ok for row in rows),
        "figures": {
            row.name: {
                "value": round(row.value, 3) if isinstance(row.value, float) else row.value,
                "unit": row.unit,
                "budget": row.budget,
                "ok": row.ok,
            }
            for row in rows
        },
        **more,
    }
