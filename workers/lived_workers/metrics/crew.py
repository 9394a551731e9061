"""The processes of the daemon, as the supervisor tells of them. Pure."""

from lived.wire.events import Hello, WorkerState
from lived_workers.metrics.store import Store

SUPERVISOR = "supervisor"


class Crew:
    """Only what the supervisor has named is a worker: nobody else can make series."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._states: dict[str, str] = {}
        self.pids: dict[str, int] = {}
        """Of the processes that live, the supervisor's included."""

    def __contains__(self, worker: str) -> bool:
        return worker in self._states

    def state(self, event: WorkerState) -> None:
        """A worker's process changed; its text may have, too."""
        before = self._states.get(event.worker)
        self._states[event.worker] = event.state
        self._store.choose("lived_worker_state", event.state, event.worker)
        again = event.state == "starting" and before not in (None, "starting")
        self._store.add("lived_worker_restarts_total", float(again), event.worker)
        if event.state != "running" or before is None:
            self._store.set("lived_worker_ready", 0.0, event.worker)
        if event.state in ("backoff", "exited", "fatal"):
            self.pids.pop(event.worker, None)

    def ready(self, worker: str, ready: bool) -> None:
        """A worker does its job, or does not."""
        if worker in self:
            self._store.set("lived_worker_ready", float(ready), worker)

    def began(self, event: Hello) -> bool:
        """A worker's process is there; whether it is one of ours."""
        if event.worker in self:
            self.pids[event.worker] = event.pid
        return event.worker in self

    def found(self, worker: str, pid: int | None) -> None:
        """As a status has it."""
        if pid is not None:
            self.pids[worker] = pid
