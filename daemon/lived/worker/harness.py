"""Hello, ready, heartbeat, orders, stop, exit code: what all workers have in common.

``Harness`` has no loop of its own; a ``Host`` drives it. Sound workers use ``serve`` (a poll loop), the
gateway drives the same harness from asyncio (``fileno`` and ``turn``).
"""

import faulthandler
import gc
import logging
import os
import select
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lived.bus import Bus, Endpoints, Poller, Publisher, Subscriber
from lived.clock import monotonic_ns
from lived.delays import Delays
from lived.errors import ExitCode, LivedError, WireError
from lived.log import configure
from lived.native import name_process
from lived.sdnotify import Notifier
from lived.units import MILLISECOND, Ns
from lived.wire import decode_event, decode_order, encode_event
from lived.wire.events import STATES, Ages, Cut, Event, Heartbeat, Hello, Ready, Unready, topic_of
from lived.wire.orders import Converse, Introduce, Order, Stop, order_topic
from lived.worker import launch as launching
from lived.worker import own_unit
from lived.worker.launch import Launch

BEAT = Ns(500 * MILLISECOND)
"""Ten beats fit into the shortest ``daemon.hang_s`` that makes sense (5 s)."""

REPEATED = (STATES - {Heartbeat, Ready, Unready}) | {Cut}
"""What a supervisor is told that was not there when it was said: how things are; and a cut, which must not be missed by
anybody: it is idempotent, and playback knows the highest one."""

log = logging.getLogger("lived.worker")

Handlers = Mapping[type[Event] | type[Order], Callable[[Any], None]]
"""What to do with an order or event, by its class."""


class Harness:
    """One worker's connection to the daemon. Belongs to the main thread; ``counters`` may be added to by any."""

    def __init__(self, launch: Launch, handlers: Handlers) -> None:
        self.launch = launch
        self.config = launch.config
        self.name = launch.worker
        self.stopping = False
        self.counters: Counter[str] = Counter()
        self.delays: dict[str, Delays] = {}
        """Told with each heartbeat; set by whoever measures."""
        self.bus = Bus(Endpoints(Path(launch.runtime_dir)), inside=True)
        self._handlers = handlers
        self._publisher: Publisher = self.bus.event_publisher()
        events = [topic_of(c) for c in handlers if issubclass(c, Event)]
        self._order_topic = order_topic(self.name)
        self.inbox: Subscriber = self.bus.events(self._order_topic, *events)
        self.progress: Callable[[], int] = self._count_turns
        """Replaced by workers whose work is more than answering: frames captured, frames played."""
        self._turns = 0
        self._next_beat = Ns(0)
        self._said: Ready | Unready | None = None
        self._told: Ready | Unready | None = None
        self._repeated: dict[type[Event], Event] = {}  # one for each class of REPEATED at most: the newest
        self._notifier = Notifier(os.environ)
        """Speaks to systemd where this worker is a unit of its own; in a child of the supervisor to nobody."""
        self._told_progress: int | None = None

    def hello(self) -> None:
        """Tell the supervisor that orders can be given, once they can."""
        self.inbox.await_greeting()
        self.publish(Hello(worker=self.name, pid=os.getpid()))
        self._notifier.send("READY=1")

    def publish(self, event: Event) -> None:
        """Say something on the event bus; never blocks."""
        if type(event) in REPEATED:
            self._repeated[type(event)] = event
        self._publisher.send(encode_event(event))

    def _introduce(self) -> None:
        """To a supervisor that was not there when all this was said."""
        self.publish(Hello(worker=self.name, pid=os.getpid()))
        for event in (self._told, *self._repeated.values()):
            if event is not None:
                self._publisher.send(encode_event(event))

    def order(self, frames: list[bytes]) -> None:
        """Send an encoded order to another worker."""
        self._publisher.send(frames)

    def ready(self, text: str = "") -> None:
        """Sound flows, the session is open. Said once until ``unready``."""
        self._say(Ready(worker=self.name, text=text))

    def unready(self, text: str) -> None:
        """It does not, and this is why; the same sentence is not repeated."""
        self._say(Unready(worker=self.name, text=text))

    def _say(self, news: Ready | Unready) -> None:
        if news == self._said:
            return
        self._said = self._told = news
        self.publish(news)
        self._notifier.status(news.text or "ready")
        log.log(logging.WARNING if isinstance(news, Unready) else logging.INFO, news.text or "ready")

    def turn(self) -> None:
        """Handle what has arrived, and beat when it is time. Never waits; a bad message is counted, not raised."""
        self._turns += 1
        for frames in self.inbox.drain():
            try:
                ours = frames[0] == self._order_topic
                message = decode_order(frames) if ours else decode_event(frames)
            except WireError as error:
                self.counters["bad_messages"] += 1
                log.warning("ignored a message: %s", error)
                continue
            self._take(message)
        now = monotonic_ns()
        if now >= self._next_beat:
            self._next_beat = Ns(now + BEAT)
            self.publish(self._heartbeat())

    def _heartbeat(self) -> Heartbeat:
        delays = {name: Ages(counts=found.counts, sum_us=found.sum_us) for name, found in self.delays.items()}
        progress = self.progress()
        if progress != self._told_progress:
            self._told_progress = progress
            self._notifier.beat(monotonic_ns())
        return Heartbeat(worker=self.name, progress=progress, counters=dict(self.counters), delays=delays)

    def _take(self, message: Event | Order) -> None:
        if isinstance(message, Stop):
            self.stopping = True
        if isinstance(message, Introduce):
            self._introduce()
        if isinstance(message, Converse):
            self._said = None  # whether we do our job is a new question now
        handler = self._handlers.get(type(message))
        if handler:
            handler(message)

    def stop(self) -> None:
        """End the loop after this turn."""
        self.stopping = True

    def serve(
        self,
        sources: Mapping[Subscriber, Callable[[list[bytes]], None]],
        tick: Callable[[Ns], None],
        tick_ms: int,
    ) -> None:
        """Poll until told to stop: orders and events to their handlers, messages of ``sources`` to theirs,
        ``tick`` at least every ``tick_ms``."""
        poller = Poller()
        poller.add(self.inbox, lambda: None)  # turn() below empties it
        poller.add(0, self._read_stdin)
        for source, handler in sources.items():
            poller.add(source, lambda s=source, h=handler: _drain(s, h))  # type: ignore[misc]
        while not self.stopping:
            poller.wait(tick_ms)
            self.turn()
            tick(monotonic_ns())

    def _read_stdin(self) -> None:
        """Standard input says nothing after the launch; readable means that the supervisor is gone, or that systemd
        has this unit stopped."""
        if not os.read(0, 4096):
            self.stopping = True

    def orphaned(self) -> bool:
        """Whether the supervisor is gone; for hosts that do not use ``serve``."""
        return bool(select.select([0], [], [], 0)[0]) and not os.read(0, 4096)

    def _count_turns(self) -> int:
        return self._turns

    def close(self) -> None:
        """Leave the buses."""
        self.bus.close()


def _drain(source: Subscriber, handler: Callable[[list[bytes]], None]) -> None:
    for frames in source.drain():
        handler(frames)


Host = Callable[[Launch], None]
"""A worker's main: makes its ``Harness`` and returns when it was told to stop."""


def run(host: Host) -> None:
    """Read the launch, run the worker, exit with the code that tells the supervisor what to do about it."""
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1, all_threads=True)  # the supervisor's third rung: say where it hangs
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the supervisor, which then asks us
    own_unit.adopt(os.environ)
    try:
        launch = launching.read()
        name_process(f"lived-{launch.worker}")
        configure(launch.config.daemon.log_level, launch.worker, secrets=(launch.secret,))
        gc.freeze()  # nothing imported will ever be garbage: the collector need not look at it in a sound thread
        host(launch)
    except LivedError as error:
        log.error("%s", error)
        sys.exit(error.exit_code)
    sys.exit(ExitCode.DONE)
