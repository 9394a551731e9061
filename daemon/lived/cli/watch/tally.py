"""What livectl top knows: processes, streams, and figures of the workers. Pure: time is a parameter."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple

from lived.cli.watch.flow import Arrivals, Flow
from lived.cli.watch.present import Present
from lived.cli.watch.safe import printable
from lived.cli.watch.silence import Cuts, Silence
from lived.cli.watch.watcher import Status, Watcher
from lived.units import MODEL_RATE, Ns
from lived.wire import Chunk, Stream
from lived.wire.events import AnyEvent, Swapped


class _Figure(NamedTuple):
    """A counter of a worker (docs/protocol.md, ``worker.heartbeat``), and how it is shown."""

    name: str
    worker: str
    counter: str
    factor: float = 1


FIGURES: dict[str, tuple[_Figure, ...]] = {
    "queues": (
        _Figure("uplink_messages", "gateway", "uplink_waiting"),
        _Figure("reply_s", "playback", "waiting_frames", 1 / MODEL_RATE),
    ),
    "delays": (
        _Figure("uplink_p50_ms", "gateway", "uplink_p50_us", 0.001),
        _Figure("uplink_p99_ms", "gateway", "uplink_p99_us", 0.001),
        _Figure("handover_p50_ms", "capture", "handover_p50_us", 0.001),
        _Figure("handover_p99_ms", "capture", "handover_p99_us", 0.001),
    ),
    "xruns": (
        _Figure("overflows", "capture", "overflows"),
        _Figure("underflows", "playback", "card_underflows"),
        _Figure("underruns", "playback", "underruns"),
    ),
    "drops": (
        _Figure("capture_frames", "capture", "lost_frames"),
        _Figure("gateway_frames", "gateway", "lost_frames"),
        _Figure("playback_frames", "playback", "lost_frames"),
        _Figure("full_frames", "playback", "dropped_frames"),
        _Figure("stale_frames", "playback", "stale_frames"),
    ),
}
"""What top shows of the workers' counters; they begin anew with their process."""


@dataclass(frozen=True)
class Row:
    """A process of the daemon."""

    name: str
    pid: int | None
    state: str
    """starting, running, waiting (it lives and cannot do its job), backoff, stopping, exited, fatal."""
    since_s: float
    restarts: int
    text: str


@dataclass(frozen=True)
class Link:
    """The session's connections."""

    state: str
    connection: int
    swaps: int
    """Since the daemon began."""
    causes: dict[str, int]
    """Of the swaps since top began: goaway, age, hung, lost, settings."""
    connections_lost: int
    """Since the gateway's process began."""
    lost_ms: int
    """Of the user's words, which the model never heard."""


@dataclass(frozen=True)
class TopView:
    """All that one picture shows."""

    attached: bool
    answers: bool
    """False: the daemon lives, but does not answer; the figures are those of before."""
    version: str
    uptime_s: float
    state: str
    text: str
    processes: tuple[Row, ...]
    """The supervisor is the first, and called lived."""
    streams: tuple[Arrivals, ...]
    figures: dict[str, dict[str, float | None]]
    """By section and name, as ``FIGURES`` has them; None = that worker does not say."""
    cuts: Cuts
    link: Link
    lost_frames: int
    """Frames that nobody could repeat, since the daemon began."""
    unreadable: int
    """Messages that are none, since top began."""


class Tally(Watcher):
    """Counts from the moment of attaching."""

    def __init__(self) -> None:
        self._unreadable = 0
        self._begin()
        self.is_attached = False

    def _begin(self) -> None:
        self._status: Status = {}
        self._present = Present()
        self._flows: dict[Stream, Flow] = {stream: Flow(stream) for stream in Stream if stream is not Stream.VOICE}
        self._silence = Silence()
        self._causes: Counter[str] = Counter()
        self.is_attached, self._answers = True, True

    def attached(self, now: Ns) -> None:  # noqa: ARG002
        """Count anew."""
        self._begin()

    def detached(self, now: Ns) -> None:  # noqa: ARG002
        """Its processes are gone."""
        self._status, self.is_attached = {}, False

    def chunk(self, chunk: Chunk, now: Ns) -> None:
        """Note its age and what is missing before it."""
        self._flows.setdefault(chunk.stream, Flow(chunk.stream)).take(chunk, now)

    def event(self, event: AnyEvent, now: Ns) -> None:  # noqa: ARG002
        """State, cuts, swaps."""
        self._present.event(event)
        self._silence.event(event)
        if isinstance(event, Swapped):
            self._causes[printable(event.cause)] += 1

    def status(self, status: Status, now: Ns) -> None:  # noqa: ARG002
        """Processes and counters."""
        self._status, self._answers = status, True
        self._present.status(status)

    def unanswered(self, now: Ns) -> None:  # noqa: ARG002
        """The figures are those of before."""
        self._answers = False

    def unreadable(self) -> None:
        """One more."""
        self._unreadable += 1

    def view(self) -> TopView:
        """How it is now; the ages of the streams begin anew."""
        word, sentence = self._present.headline()
        return TopView(
            attached=self.is_attached,
            answers=self._answers,
            version=printable(str(self._status.get("version", ""))),
            uptime_s=float(self._status.get("uptime_s", 0)),
            state=word,
            text=sentence,
            processes=tuple(self._rows()),
            streams=tuple(flow.arrivals() for flow in self._flows.values()),
            figures=self._figures(),
            cuts=self._silence.cuts(),
            link=self._link(),
            lost_frames=int(self._status.get("lost_frames", 0)),
            unreadable=self._unreadable,
        )

    def _rows(self) -> list[Row]:
        if not self._status:
            return []
        uptime = float(self._status.get("uptime_s", 0))
        supervisor = Row("lived", self._status.get("pid"), "running", uptime, 0, "")
        return [supervisor, *(_row(worker) for worker in self._status.get("workers", []))]

    def _figures(self) -> dict[str, dict[str, float | None]]:
        counters = {worker["name"]: worker.get("counters", {}) for worker in self._status.get("workers", [])}
        return {
            section: {figure.name: _value(figure, counters.get(figure.worker, {})) for figure in figures}
            for section, figures in FIGURES.items()
        }

    def _link(self) -> Link:
        session: dict[str, Any] = self._status.get("session") or {}
        gateway: dict[str, Any] = next((w for w in self._status.get("workers", []) if w["name"] == "gateway"), {})
        return Link(
            state=self._present.session,
            connection=self._present.connection,
            swaps=int(session.get("swaps", 0)),
            causes=dict(self._causes),
            connections_lost=int(gateway.get("counters", {}).get("connections_lost", 0)),
            lost_ms=int(session.get("lost_ms", 0)),
        )


def _row(worker: Status) -> Row:
    state = str(worker.get("state", "?"))
    if state == "running" and not worker.get("ready"):
        state = "waiting"
    return Row(
        name=printable(str(worker["name"])),
        pid=worker.get("pid"),
        state=state,
        since_s=float(worker.get("since_s", 0)),
        restarts=int(worker.get("restarts", 0)),
        text=printable(str(worker.get("text", ""))),
    )


def _value(figure: _Figure, counters: dict[str, int]) -> float | None:
    """A counter that never counted is not sent: as long as its worker says anything, it is zero."""
    if not counters:
        return None
    value = counters.get(figure.counter, 0)
    if not value and figure.counter.endswith("_us"):
        return None  # nothing was measured yet
    return round(value * figure.factor, 1) if figure.factor != 1 else value
