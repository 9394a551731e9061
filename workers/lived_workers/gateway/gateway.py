"""The gateway's process: parts put together, orders obeyed, clocks looked at. One thread, asyncio."""

import asyncio
import gc
import importlib
import logging
import os
from pathlib import Path
from types import ModuleType

from lived.clock import monotonic_ns
from lived.units import MIC_RATE, SECOND, Epoch, Frames, Ns
from lived.wire import Stream
from lived.wire.events import Cut, Event, SessionState
from lived.wire.orders import Again, Converse, Mute, Say
from lived.worker import Harness, Launch
from lived_workers.gateway.conversation import Conversation, Parts
from lived_workers.gateway.downlink import Downlink, ModelStream
from lived_workers.gateway.hearing import TICK, TOPICS, Hearing
from lived_workers.gateway.link import Link
from lived_workers.gateway.messages import Text
from lived_workers.gateway.sender import Sender
from lived_workers.gateway.store import Store
from lived_workers.gateway.turns import Turns
from lived_workers.gateway.uplink import Uplink

log = logging.getLogger("lived.gateway")


COUNT_EVERY = Ns(5 * SECOND)


class Gateway:
    """Wires the parts to the harness."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._harness = harness = Harness(
            launch,
            {
                Converse: lambda order: self._converse(order.on),
                Mute: lambda order: self._hearing.mute(order.on, monotonic_ns()),
                Say: self._say,
                Again: self._again,
                Cut: self._local_cut,
            },
        )
        self._store = Store(Path(launch.runtime_dir), Path(launch.state_dir))
        self._mic = harness.bus.audio(*TOPICS)
        backlog = Frames(int(launch.config.live.backlog_s * MIC_RATE))
        self._uplink = Uplink(backlog)
        self._sender = Sender(self._uplink, self._store, harness.publish)
        self._hearing = Hearing(
            self._uplink, self._store, harness.publish, harness.order, harness.counters, young=backlog
        )
        self._hearing.more = self._sender.wake
        self._hearing.mute(launch.muted, monotonic_ns())
        model = ModelStream(harness.bus.audio_publisher(), Epoch(monotonic_ns()))
        self._downlink = Downlink(model, Turns(self._store.new_turn), harness.publish)
        self._talk: asyncio.Task[None] | None = None
        self._counted_at = Ns(0)
        self._wanted = False  # the conversation; the link's state is what has become of that

    def close(self) -> None:
        """Leave the buses; what was said last still leaves."""
        self._harness.close()

    async def run(self) -> None:
        """Until told to stop."""
        loop = asyncio.get_running_loop()
        self._sdk = loop.run_in_executor(None, _import_sdk)
        parts = Parts(self._uplink, self._hearing, self._sender, self._downlink, self._store)
        launch = self._launch
        self._conversation = Conversation(
            launch.config, launch.secret, Path(launch.runtime_dir), self._sdk, parts, self._tell, self._harness.counters
        )
        await self._greet(loop)
        async with asyncio.TaskGroup() as self._tasks:
            if launch.conversing:
                self._conversation.remember()
            else:
                self._store.drop_session()
                self._store.forget_place()
            self._converse(launch.conversing)
            await self._tick()
            self._close()

    async def _greet(self, loop: asyncio.AbstractEventLoop) -> None:
        # not in a thread: ZeroMQ sockets belong to one, and the supervisor's greeting takes a millisecond
        self._harness.hello()
        loop.add_reader(self._harness.inbox.fd, self._harness.turn)
        loop.add_reader(self._mic.fd, self._sound)
        loop.add_reader(0, self._supervisor_gone)

    async def _tick(self) -> None:
        while not self._harness.stopping:
            self._harness.turn()
            self._sound()
            now = monotonic_ns()
            self._hearing.tick(now)
            self._sender.tick(now)
            self._downlink.tick(now)
            self._store.tick(now)
            self._count(now)
            await asyncio.sleep(TICK / SECOND)

    def _count(self, now: Ns) -> None:
        """Now and then, since it takes a moment: how old sound is when it leaves."""
        if now - self._counted_at < COUNT_EVERY:
            return
        self._counted_at = now
        delays, counters = self._sender.delays, self._harness.counters
        counters["uplink_messages"] = delays.count
        counters["uplink_p50_us"], counters["uplink_p99_us"] = delays.quantiles_us(0.5, 0.99)

    def _close(self) -> None:
        """Hang up, but keep the session: the next process goes on with it."""
        self._store.save(monotonic_ns())
        if self._talk is not None:
            self._talk.cancel()  # the task group waits for its goodbye: at most close_timeout

    def _sound(self) -> None:
        if not self._wanted:  # orders first: a microphone that was just opened must find somebody who listens
            self._harness.turn()
        self._hearing.drain(self._mic, monotonic_ns())
        if not len(self._uplink):  # between two messages: the less a successor has to send twice, and in nobody's way
            self._conversation.settle()

    def _supervisor_gone(self) -> None:
        if not os.read(0, 4096):
            self._harness.stop()
            asyncio.get_running_loop().remove_reader(0)

    # orders

    def _converse(self, on: bool) -> None:
        conversation = self._conversation
        if on and (not self._wanted or conversation.link is Link.FAILED):
            self._hearing.begin()
            self._dial()
        elif not on and self._wanted:
            self._hang_up()
        elif not on:
            self._harness.ready("no conversation")
        self._wanted = on

    def _dial(self) -> None:
        self._talk = self._tasks.create_task(self._after(self._talk))

    async def _after(self, previous: asyncio.Task[None] | None) -> None:
        """The server refuses to resume a session whose old connection is still open."""
        if previous is not None and not previous.done():
            await asyncio.wait([previous])
        await self._conversation.hold()

    def _hang_up(self) -> None:
        if self._talk is not None:
            self._talk.cancel()
        self._hearing.end()
        self._conversation.hang_up()

    def _local_cut(self, cut: Cut) -> None:
        self._downlink.local_cut(cut)

    def _say(self, order: Say) -> None:
        if self._conversation.link in (Link.OFF, Link.FAILED) or not self._uplink.put(Text(order.text)):
            self._harness.counters["texts_refused"] += 1
        self._sender.wake()

    def _again(self, order: Again) -> None:
        if order.stream == Stream.MODEL:
            self._downlink.repeat(order.epoch, order.position, monotonic_ns())

    def _tell(self, event: Event) -> None:
        self._harness.publish(event)
        if not isinstance(event, SessionState):
            return
        match event.state:
            case Link.OPEN:
                self._harness.ready("talking to the Live API")
            case Link.OFF:
                self._harness.ready("no conversation")
            case Link.RETRYING | Link.FAILED:
                self._harness.unready(event.text)


def _import_sdk() -> ModuleType:
    """Half a second, in a thread: the daemon is answered meanwhile."""
    module = importlib.import_module("lived_workers.gateway.gemini")
    gc.collect()
    gc.freeze()  # forty thousand objects that will never be garbage
    return module


def host(launch: Launch) -> None:
    """The worker's main."""
    gateway = Gateway(launch)
    try:
        asyncio.run(gateway.run())
    finally:
        gateway.close()
