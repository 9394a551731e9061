"""The gateway's process: parts put together, orders obeyed, clocks looked at. One thread, asyncio."""

import asyncio
import gc
import importlib
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from lived.clock import monotonic_ns
from lived.units import MIC_RATE, SECOND, Epoch, Frames, Ns
from lived.wire import Stream
from lived.wire.events import Cut, Event, Heartbeat, SayTaken, SessionState
from lived.wire.orders import Again, Converse, Mute, Order, Say
from lived.worker import Harness, Launch
from lived_workers.gateway.announcement import Announcement
from lived_workers.gateway.conversation import Conversation
from lived_workers.gateway.doors import credentials_for
from lived_workers.gateway.downlink import Downlink, ModelStream
from lived_workers.gateway.ears import Ears
from lived_workers.gateway.features import OBEYED, TALKING, Features, gate_of, streams_of
from lived_workers.gateway.health import Health, limits_of
from lived_workers.gateway.hearing import TICK, Hearing
from lived_workers.gateway.link import Link
from lived_workers.gateway.messages import Text
from lived_workers.gateway.parts import Parts
from lived_workers.gateway.presence import Presence
from lived_workers.gateway.purse import Purse
from lived_workers.gateway.rest import Rest
from lived_workers.gateway.sender import Sender
from lived_workers.gateway.store import Store
from lived_workers.gateway.thread import Thread
from lived_workers.gateway.turns import Turns
from lived_workers.gateway.uplink import Uplink
from lived_workers.gateway.words import Words

log = logging.getLogger("lived.gateway")


COUNT_EVERY = Ns(5 * SECOND)


class Gateway:
    """Wires the parts to the harness."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._harness = harness = Harness(
            launch,
            {
                Converse: lambda order: self._presence.converse(order.on),
                Mute: lambda order: self._hearing.mute(order.on, monotonic_ns()),
                Again: self._again,
                Cut: self._cut,
                **dict.fromkeys(OBEYED, self._obey),
                Say: self._say,
                **self._announcing(launch),
            },
        )
        self._build(launch, harness)
        self._counted_at = Ns(0)

    def _announcing(self, launch: Launch) -> dict[type[Event] | type[Order], Callable[[Any], None]]:
        """Only where it may be needed: everybody's heartbeats are many."""
        keyless = credentials_for(launch.config, launch.secret).missing
        if not keyless or not launch.config.conversation.announce:
            return {}
        return {Heartbeat: self._hear_beat}

    def _build(self, launch: Launch, harness: Harness) -> None:
        state_dir = Path(launch.state_dir)
        self._store = Store(Path(launch.runtime_dir), state_dir)
        self._sound = harness.bus.audio()
        backlog = Frames(int(launch.config.live.backlog_s * MIC_RATE))
        self._uplink = Uplink(backlog)
        self._sender = Sender(self._uplink, self._store, harness.publish)
        harness.delays["uplink"] = self._sender.delays
        ears = Ears(self._sound, harness.order, harness.counters, streams_of(launch.config))
        gate = gate_of(launch.config)
        self._hearing = Hearing(
            ears, self._uplink, self._store, harness.publish, harness.counters, young=backlog, gate=gate
        )
        self._hearing.more = self._sender.wake
        self._hearing.mute(launch.muted, monotonic_ns())
        model = ModelStream(harness.bus.audio_publisher(), Epoch(monotonic_ns()))
        words = Words(harness.publish)
        self._downlink = Downlink(model, Turns(self._store.new_turn), words, harness.publish)
        self._announcement = Announcement(self._downlink, state_dir, lambda: self._conversation.lacks_key)
        self._health = Health(limits_of(launch.config))
        self._sender.typed = lambda text: self._health.typed(text, monotonic_ns())
        self._thread = Thread(self._store, launch.config.live)
        words.said = self._thread.history.add
        self._purse = Purse(launch.config.usage, state_dir, harness.publish)
        self._features = Features(
            harness, self._uplink, self._sender, self._hearing, self._downlink, self._health, self._purse
        )
        self._features.typed = lambda: self._store.keep_texts(self._uplink.texts())

    def close(self) -> None:
        """Leave the buses; what was said last still leaves."""
        self._harness.close()

    async def run(self) -> None:
        """Until told to stop."""
        loop = asyncio.get_running_loop()
        self._sdk = loop.run_in_executor(None, _import_sdk)
        self._conversation = conversation = self._converse_with(self._features)
        idle_after = Ns(int(self._launch.config.conversation.idle_minutes * 60 * SECOND))
        presence = Presence(conversation, self._hearing, self._purse, self._harness.publish, idle_after)
        self._features.take_up(presence)
        self._presence = presence
        await self._greet(loop)
        launch = self._launch
        async with asyncio.TaskGroup() as presence.tasks:
            if launch.conversing:
                self._remember()
            else:
                self._thread.forget()
                self._store.forget_place()
            presence.converse(launch.conversing)
            await self._tick()
            self._close()
        self._store.keep_texts(self._uplink.texts())  # the goodbye may have taken some along

    def _converse_with(self, features: Features) -> Conversation:
        calls, preamble = features.tooling.calls, features.preamble
        parts = Parts(
            self._uplink, self._hearing, self._sender, self._downlink, self._thread, self._health, calls, preamble
        )
        launch, counters = self._launch, self._harness.counters
        directory = Path(launch.runtime_dir)
        return Conversation(launch.config, launch.secret, directory, self._sdk, parts, self._tell, counters)

    def _remember(self) -> None:
        """Go on with what a former process was about."""
        self._thread.remember()
        for text in self._store.texts():
            self._uplink.put(Text(text))

    async def _greet(self, loop: asyncio.AbstractEventLoop) -> None:
        # not in a thread: ZeroMQ sockets belong to one, and the supervisor's greeting takes a millisecond
        self._harness.hello()
        loop.add_reader(self._harness.inbox.fd, self._harness.turn)
        loop.add_reader(self._sound.fd, self._drain)
        loop.add_reader(0, self._supervisor_gone)

    async def _tick(self) -> None:
        while not self._harness.stopping:
            self._harness.turn()
            self._drain()
            now = monotonic_ns()
            self._hearing.tick(now)
            self._sender.tick(now)
            self._downlink.tick(now)
            self._conversation.tick(now)
            self._features.tick(now)
            self._presence.tick(now)
            self._store.keep_texts(self._uplink.texts())
            self._store.tick(now)
            self._count(now)
            await asyncio.sleep(TICK / SECOND)

    def _count(self, now: Ns) -> None:
        """How much waits to be sent; and now and then, since it takes a moment, how old sound is when it leaves."""
        self._harness.counters["uplink_waiting"] = len(self._uplink)
        if now - self._counted_at < COUNT_EVERY:
            return
        self._counted_at = now
        self._purse.spare(self._hearing.spared())
        delays, counters = self._sender.delays, self._harness.counters
        counters["uplink_messages"] = delays.count
        counters["uplink_p50_us"], counters["uplink_p99_us"] = delays.quantiles_us(0.5, 0.99)

    def _close(self) -> None:
        """Hang up, but keep the session: the next process goes on with it."""
        self._thread.tick()
        self._store.save(monotonic_ns())
        self._purse.save()
        self._presence.close()

    def _drain(self) -> None:
        if (
            self._presence.rest is Rest.OFF
        ):  # orders first: a microphone that was just opened must find somebody who listens
            self._harness.turn()
        self._hearing.drain(monotonic_ns())
        if not len(self._uplink):  # between two messages: the less a successor has to send twice, and in nobody's way
            self._conversation.settle()

    def _supervisor_gone(self) -> None:
        if not os.read(0, 4096):
            self._harness.stop()
            asyncio.get_running_loop().remove_reader(0)

    # orders

    def _obey(self, message: Event | Order) -> None:
        self._features.obey(message)

    def _say(self, order: Say) -> None:
        """Confirmed once a successor would know of it; the supervisor repeats what was not confirmed."""
        if self._store.is_new(order.number):
            self._features.obey(order)  # keeps the text
            self._store.said(order.number)
        if order.number:
            self._harness.publish(SayTaken(number=order.number))

    def _hear_beat(self, beat: Heartbeat) -> None:
        self._announcement.beat(beat)

    def _cut(self, cut: Cut) -> None:
        self._downlink.local_cut(cut)

    def _again(self, order: Again) -> None:
        if order.stream == Stream.MODEL:
            self._downlink.repeat(order.epoch, order.position, monotonic_ns())

    def _tell(self, event: Event) -> None:
        self._harness.publish(event)
        if not isinstance(event, SessionState):
            return
        match event.state:
            case Link.OPEN:
                self._harness.ready(TALKING)
            case Link.OFF:
                self._harness.ready(event.text or "no conversation")
            case Link.RETRYING | Link.FAILED:
                self._harness.unready(event.text)
        self._features.linked(event)


def _import_sdk() -> ModuleType:
    """Half a second, in a thread: the daemon is answered meanwhile."""
    # the SDK loads Pillow where that is installed, for pictures of a kind that nobody here has: 2 MB
    sys.modules.setdefault("PIL", None)  # type: ignore[arg-type]
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
