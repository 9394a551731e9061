"""Events: what workers say of themselves, and the supervisor of them."""

import msgspec

from lived.wire.events.base import Event


class Hello(Event, frozen=True, kw_only=True, tag="worker.hello"):
    """A worker is up and its subscriptions are in effect: it can be given orders."""

    worker: str
    pid: int


class Ready(Event, frozen=True, kw_only=True, tag="worker.ready"):
    """A worker does its job: sound flows, the session is open, the port listens."""

    worker: str
    text: str = ""


class Unready(Event, frozen=True, kw_only=True, tag="worker.unready"):
    """A worker lives but cannot do its job; it says why, and keeps trying by itself."""

    worker: str
    text: str
    """One sentence: what happened, what it waits for or what to do."""


class Ages(msgspec.Struct, frozen=True, kw_only=True):
    """How late something was, since the process began. Bounds: docs/protocol.md, "Delays" (``lived.delays``)."""

    counts: list[int]
    """How many were later than the bound before and not later than this one; the last: later than every bound."""
    sum_us: int


class Heartbeat(Event, frozen=True, kw_only=True, tag="worker.heartbeat"):
    """Twice a second. A worker whose ``progress`` stands still is hung, though its process lives."""

    worker: str
    progress: int
    """Any number that changes whenever the worker's real work gets on."""
    counters: dict[str, int] = {}
    """Since the process began: losses, overflows, bad messages ... names end in their unit."""
    delays: dict[str, Ages] = {}
    """By what is late: ``uplink`` (gateway), ``handover`` (capture)."""


class WorkerState(Event, frozen=True, kw_only=True, tag="worker.state"):
    """The supervisor's view of one worker changed."""

    worker: str
    state: str
    """starting, running, backoff, stopping, exited, fatal."""
    text: str = ""
