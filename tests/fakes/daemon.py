"""A daemon under test: a real process, its door, its events, its log."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from lived.bus import Bus, DoorClient, Endpoints
from lived.errors import LivedError, WireError
from lived.wire import decode_event
from lived.wire.events import Event

E = TypeVar("E", bound=Event)
TESTS = Path(__file__).parents[1]
START_S = 2.0
"""How long a troubled supervisor waits for workers that are not ready, before it says that it is up all the same."""


def wait_until(
    condition: Callable[[], bool], timeout: float, what: Callable[[], str] = lambda: "", every: float = 0.01
) -> None:
    """Return when ``condition`` holds, which is looked at ``every`` so many seconds; fail with ``what()`` when it does
    not within ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what()}")
        time.sleep(every)


class Ear:
    """Collects what is said on the event bus, with the time it arrived."""

    def __init__(self, endpoints: Endpoints) -> None:
        self.events: list[Event] = []
        self._bus = Bus(endpoints)
        self._subscriber = self._bus.events(b"")
        self._subscriber.await_greeting()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._ending.is_set():
            self._subscriber.wait(50)
            for frames in self._subscriber.drain():
                try:
                    self.events.append(decode_event(frames))
                except WireError:
                    continue  # greetings, orders, and the garbage that tests throw

    def of(self, kind: type[E]) -> list[E]:
        """All events of one class so far."""
        return [e for e in list(self.events) if isinstance(e, kind)]

    def wait_for(self, kind: type[E], timeout: float, fits: Callable[[E], bool] = lambda _: True) -> E:
        """The first event of ``kind`` that fits, now or later."""
        wait_until(
            lambda: any(fits(e) for e in self.of(kind)), timeout, lambda: f"{kind.__name__} in {self.events[-20:]}"
        )
        return next(e for e in self.of(kind) if fits(e))

    def close(self) -> None:
        """Stop listening."""
        self._ending.set()
        self._thread.join()
        self._bus.close()


class Daemon:
    """Starts ``command``, talks to the daemon that lives in ``folder``/run."""

    def __init__(self, command: Sequence[str], folder: Path, environ: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.endpoints = Endpoints(folder / "run")
        self._command = list(command)
        self._environ = {**os.environ, "PYTHONPATH": str(TESTS), **(environ or {})}
        self._log_path = folder / "stderr.log"
        self._client: DoorClient | None = None
        self.ear: Ear | None = None
        with self._log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, stderr=log, stdout=log, stdin=subprocess.DEVNULL, env=self._environ
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.ear:
            self.ear.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self._client:
            self._client.close()

    @property
    def log(self) -> str:
        """Everything written to stderr so far."""
        return self._log_path.read_text()

    def ask(self, op: str, **args: Any) -> dict[str, Any]:
        """One request at the door."""
        self._client = self._client or DoorClient(self.endpoints)
        return self._client.ask(op, **args)

    def up(self, timeout: float = 20) -> Self:
        """Wait until the door answers, and begin to listen."""
        wait_until(self._answers, timeout, lambda: self.log)
        self.ear = Ear(self.endpoints)
        return self

    def _answers(self) -> bool:
        assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.log}"
        try:
            with DoorClient(self.endpoints, timeout_ms=300) as client:
                client.ask("status")
        except LivedError:
            return False
        return True

    def wait_state(self, state: str, timeout: float = 20) -> dict[str, Any]:
        """Wait until ``status`` says ``state``; returns that status."""
        wait_until(lambda: self.ask("status")["state"] == state, timeout, lambda: f"{self.ask('status')}\n{self.log}")
        return self.ask("status")

    def worker(self, name: str) -> dict[str, Any]:
        """One worker's part of the status."""
        found: dict[str, Any] = next(w for w in self.ask("status")["workers"] if w["name"] == name)
        return found

    def wait_exit(self, timeout: float = 20) -> int:
        """The exit code, once it has ended."""
        return self.process.wait(timeout)


def troubled(folder: Path, trouble: str = "", *overrides: str, environ: Mapping[str, str] | None = None) -> Daemon:
    """A supervisor whose workers misbehave as ``trouble`` says."""
    limits = ("daemon.hang_s=1", f"daemon.start_s={START_S}", "daemon.stop_s=0.4")
    command = [sys.executable, "-m", "fakes.troubled", str(folder), *limits, *overrides]
    return Daemon(command, folder, {"TROUBLE": trouble, **(environ or {})})
