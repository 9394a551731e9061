"""The process: events in the main thread, questions in another, a lock between them."""

import logging
import threading
from typing import Any

from lived import __version__
from lived.bus import DoorClient
from lived.clock import monotonic_ns
from lived.errors import ConfigError, LivedError
from lived.units import SECOND, Ns
from lived.wire.events import Event
from lived.wire.snapshot import states
from lived.worker import Harness, Launch
from lived_workers.metrics.account import Account
from lived_workers.metrics.crew import SUPERVISOR
from lived_workers.metrics.store import Sample

log = logging.getLogger("lived.metrics")

TICK_MS = 500
DELAYS_S = (1, 2, 5, 10, 30)
"""Before the next try to listen: whoever has the port may be about to end, or may keep it for ever."""

DOOR_MS = 1_000
"""The supervisor answers in a millisecond; a heartbeat must not wait for it for long."""


class Metrics:
    """Wires the parts to the harness."""

    def __init__(self, launch: Launch) -> None:
        """Put it together.

        Raises:
            ConfigError: the packages are missing.
        """
        try:
            from lived_workers.metrics.exposition import Exposition
            from lived_workers.metrics.processes import Processes
        except ImportError as error:
            raise ConfigError(f"[metrics] needs {error.name}; install it with pip install 'lived[metrics]'.") from None
        self._account = Account(__version__)
        self._processes = Processes()
        self._lock = threading.Lock()  # around the account
        self._exposition = Exposition(self._read)
        self._harness = Harness(launch, dict.fromkeys(self._account.handlers, self._take))
        self._metrics = launch.config.metrics
        self._listening = self._complete = False
        self._tries = 0
        self._next_try = Ns(0)

    def run(self) -> None:
        """Until told to stop."""
        self._harness.hello()
        self._harness.serve({}, self._tick, TICK_MS)
        self._harness.close()

    def _take(self, event: Event) -> None:
        with self._lock:
            self._account.take(event, monotonic_ns())

    def _read(self) -> list[Sample]:
        """In the thread that answers."""
        with self._lock:
            pids = dict(self._account.crew.pids)
        used = self._processes.look(pids)
        with self._lock:
            self._account.tick(monotonic_ns())
            store = self._account.store
            for worker in pids:
                use = used.get(worker)
                if use is None or use.memory is None:
                    store.forget("lived_worker_memory_bytes", worker)
                else:
                    store.set("lived_worker_memory_bytes", use.memory, worker)
                if use is not None:
                    store.add("lived_worker_cpu_seconds_total", use.cpu_s, worker)
            return list(store.samples())

    def _tick(self, now: Ns) -> None:
        if now < self._next_try or (self._listening and self._complete):
            return
        self._next_try = Ns(now + DELAYS_S[min(self._tries, len(DELAYS_S) - 1)] * SECOND)
        self._tries += 1
        if not self._complete:
            self._catch_up(now)
        if not self._listening:
            self._begin()

    def _catch_up(self, now: Ns) -> None:
        """What was said before we could hear it. Events that have come since are newer, and wait in the inbox."""
        try:
            with DoorClient(self._harness.bus.endpoints, DOOR_MS) as door:
                status: dict[str, Any] = door.ask("status")
            events = states(status)
        except LivedError as error:
            log.warning("the state of the daemon is not known yet: %s", error)
            return
        with self._lock:
            for event in events:
                self._account.take(event, now)
            self._account.crew.found(SUPERVISOR, status["pid"])
            for worker in status["workers"]:
                self._account.crew.found(worker["name"], worker["pid"])
        self._complete = True

    def _begin(self) -> None:
        try:
            self._exposition.serve(*self._metrics.address)
        except OSError as error:
            where = f"{self._metrics.listen} ({error.strerror or error})"
            self._harness.unready(f"No metrics at {where}: it is tried again; metrics.listen may name another place.")
            return
        self._listening = True
        self._harness.ready(f"http://{self._metrics.listen}/metrics")


def host(launch: Launch) -> None:
    """The worker's main."""
    Metrics(launch).run()
