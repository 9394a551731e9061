"""Events: what workers say of themselves, and the supervisor of them."""

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


class Heartbeat(Event, frozen=True, kw_only=True, tag="worker.heartbeat"):
    """Twice a second. A worker whose ``progress`` stands still is hung, though its process lives."""

    worker: str
    progress: int
    """Any number that changes whenever the worker's real work gets on."""
    counters: dict[str, int] = {}
    """Since the process began: losses, overflows, bad messages ... names end in their unit."""


class WorkerState(Event, frozen=True, kw_only=True, tag="worker.state"):
    """The supervisor's view of one worker changed."""

    worker: str
    state: str
    """starting, running, backoff, stopping, exited, fatal."""
    text: str = ""
