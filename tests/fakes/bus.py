"""Both buses without the supervisor, and workers on them as real processes."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import zmq

from lived.bus import Bus, Endpoints, Greeter, Proxy, Publisher, Usher
from lived.config import Config
from lived.units import Ns
from lived.wire import Chunk, Stream, decode_chunk, decode_event, decode_order, encode_event, encode_order
from lived.wire.events import AnyEvent, Event
from lived.wire.orders import AnyOrder, Order
from lived.worker import Launch
from lived.worker.launch import encode

DEADLINE_S = 20.0
"""Longest wait for anything: a busy machine, not a slow program."""


class BusFixture:
    """The two buses in a directory of their own. ``events`` and ``chunks`` are everything said since the start."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.chunks: list[Chunk] = []
        self.orders: list[tuple[str, AnyOrder]] = []
        """Worker and order, whoever gave it."""
        self._workers: list[subprocess.Popen[bytes]] = []
        self._ending = False

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="bus-", dir="/tmp")
        self.directory = Path(self._folder.name)
        self.endpoints = Endpoints(self.directory)
        self.endpoints.make()
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        ends = self.endpoints
        self._proxies = [Proxy(ends.audio_in, ends.audio_out), Proxy(ends.event_in, ends.event_out)]
        for proxy in self._proxies:
            proxy.start()
        self._usher = Usher()
        self._usher.admit(ends.audio_out, ends.audio)
        self._usher.admit(ends.event_out, ends.event)
        self._usher.start()
        self._greeters = [Greeter(self._context, ends.event_in), Greeter(self._context, ends.audio_in)]
        self.bus = Bus(ends)
        self._orders = self.bus.event_publisher()
        self._sound = self.bus.audio_publisher()
        self._thread = threading.Thread(target=self._collect, name="bus fixture", daemon=True)
        self._thread.start()
        self.wait_for(lambda: self._greeted, "the buses to answer")
        return self

    _greeted = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            self._end(worker)
        self._ending = True
        self._thread.join(DEADLINE_S)
        self.bus.close()
        self._context.destroy(linger=0)
        self._usher.stop()
        for proxy in self._proxies:
            proxy.stop()
        self._folder.cleanup()

    @staticmethod
    def _end(worker: subprocess.Popen[bytes]) -> None:
        assert worker.stdin
        worker.stdin.close()  # a worker whose supervisor is gone ends by itself
        try:
            worker.wait(5.0)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()

    def launch(self, worker: str, config: Config | None = None, **more: object) -> Launch:
        """A launch for ``worker`` on these buses; ``more`` are fields of ``Launch``."""
        fields = {"origin": Ns(time.monotonic_ns()), "conversing": True} | more
        return Launch(
            worker=worker,
            config=config or Config(),
            runtime_dir=str(self.directory),
            state_dir=str(self.directory),
            **fields,  # type: ignore[arg-type]
        )

    def start_worker(
        self, module: str, launch: Launch, environ: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Run ``python -m module`` as the supervisor would. Ended when the fixture ends, if not before."""
        worker = subprocess.Popen(
            [sys.executable, "-m", module], stdin=subprocess.PIPE, env={**os.environ, **(environ or {})}
        )
        assert worker.stdin
        worker.stdin.write(encode(launch))
        worker.stdin.flush()
        self._workers.append(worker)
        return worker

    def order(self, worker: str, order: Order) -> None:
        """Give an order."""
        self._orders.send(encode_order(worker, order))

    def say(self, event: Event) -> None:
        """Publish an event."""
        self._orders.send(encode_event(event))

    @property
    def sound(self) -> Publisher:
        """To publish chunks with."""
        return self._sound

    def heard(self, kind: type[AnyEvent], **fields: object) -> list[AnyEvent]:
        """Events of one class so far whose fields have these values."""
        return [
            e for e in list(self.events) if isinstance(e, kind) and all(getattr(e, k) == v for k, v in fields.items())
        ]

    def wait_for(self, condition: Callable[[], object], what: str, timeout: float = DEADLINE_S) -> None:
        """Return when ``condition`` is true; fail with ``what`` was waited for."""
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"Waited {timeout} s for {what}. Events: {self.events[-20:]}")
            time.sleep(0.005)

    def wait_event(self, kind: type[AnyEvent], timeout: float = DEADLINE_S, **fields: object) -> AnyEvent:
        """The first event of this class with these fields, waiting for it."""
        self.wait_for(lambda: self.heard(kind, **fields), f"{kind.__name__} {fields}", timeout)
        return self.heard(kind, **fields)[0]

    def catch_up_by(self, seconds: float) -> None:
        """Return when so much sound was published on ``mic`` from now on."""
        until = time.monotonic_ns() + int(seconds * 1e9)
        self.wait_for(lambda: any(c.stream is Stream.MIC and c.time > until for c in self.chunks[-9:]), "more of mic")

    def catch_up(self, stream: Stream) -> None:
        """Return when all that was published on ``stream`` up to now has arrived: events travel on another bus."""
        now = time.monotonic_ns()
        self.wait_for(lambda: any(c.stream is stream and c.time > now for c in self.chunks[-9:]), f"more of {stream}")

    def _collect(self) -> None:
        events, audio = self.bus.events(b""), self.bus.audio(b"")
        prompter = threading.Thread(target=self._greet, daemon=True)
        prompter.start()
        for subscriber in (events, audio):
            subscriber.await_greeting()
        self._greeted = True
        while not self._ending:
            events.wait(2)
            for frames in events.drain():
                self._sort(frames)
            self.chunks += [decode_chunk(f) for f in audio.drain() if not f[0].startswith(b"hello/")]
        prompter.join()
        events.close()
        audio.close()

    def _sort(self, frames: list[bytes]) -> None:
        if frames[0].startswith(b"order/"):
            self.orders.append((frames[0].split(b"/")[1].decode(), decode_order(frames)))
        elif not frames[0].startswith(b"hello/"):
            self.events.append(decode_event(frames))

    def _greet(self) -> None:
        while not self._ending:
            for greeter in self._greeters:
                greeter.greet()
            time.sleep(0.002)


@contextmanager
def stopped(worker: subprocess.Popen[bytes]) -> Iterator[None]:
    """Freeze a process for the length of the block (SIGSTOP, SIGCONT)."""
    worker.send_signal(19)
    try:
        yield
    finally:
        worker.send_signal(18)
