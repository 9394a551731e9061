"""One conversation over as many connections as it takes: dial, talk, judge the end, wait, dial again."""

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from lived.clock import monotonic_ns
from lived.config import Config
from lived.units import Ns
from lived.wire.events import Event, SessionState
from lived_workers.gateway.closing import Action, Cause, LinkLostError, judge
from lived_workers.gateway.downlink import Downlink
from lived_workers.gateway.happenings import Handle
from lived_workers.gateway.hearing import Hearing
from lived_workers.gateway.link import TABLE, Link, Step
from lived_workers.gateway.reconnect import Plan, Policy
from lived_workers.gateway.sender import Sender
from lived_workers.gateway.setup import Wanted, server_of
from lived_workers.gateway.store import Session as SavedSession
from lived_workers.gateway.store import Store
from lived_workers.gateway.target import STAND_IN_KEY, Target, target_of
from lived_workers.gateway.translate import Translator
from lived_workers.gateway.uplink import Uplink

if TYPE_CHECKING:
    from lived_workers.gateway.gemini import Door, Session

log = logging.getLogger("lived.gateway")


class Conversation:
    """Owns the link's state. Everything runs in the loop's thread; only certificates are read elsewhere."""

    def __init__(
        self,
        config: Config,
        key: str,
        runtime_dir: Path,
        gemini: "asyncio.Future[ModuleType]",
        parts: "Parts",
        tell: Callable[[Event], None],
        counters: Counter[str],
    ) -> None:
        self._config, self._key, self._runtime_dir = config, key, runtime_dir
        self._gemini = gemini
        self._parts = parts
        self._tell = tell
        self._counters = counters
        self._policy = Policy(random.random)
        self._door: tuple[Target, Door] | None = None
        self._handle = ""
        self._open: Session | None = None
        self._opened_at = Ns(0)
        self._resumed = False
        self._connections = 0
        self.link = Link.OFF
        self.sentence = ""

    # what others may ask for

    def remember(self) -> None:
        """Go on with the session of a former process, if the server still knows it."""
        if self._config.live.resumption:
            self._handle = self._parts.store.session(self._config.live.model, time.time())

    def settle(self) -> None:
        """Take note of what the server's machine has acknowledged."""
        if self._open is not None:
            self._parts.sender.settle(self._open.connection)

    async def hold(self) -> None:
        """Talk until cancelled, or until a person is needed."""
        self._policy.forget()
        while True:
            self._go(Step.DIAL)
            plan = await self._attempt()
            if not plan.dial:
                return
            await asyncio.sleep(plan.wait_s)

    def hang_up(self) -> None:
        """The conversation is over: said at once, while the connection still closes."""
        self._go(Step.HANG_UP)
        self._drop_handle()
        self._connections = 0

    # one connection

    async def _attempt(self) -> Plan:
        self._resumed, self._opened_at = bool(self._handle), Ns(0)
        try:
            await self._talk()
        except* LinkLostError as ends:
            lost = _first(ends)
        return self._judge(lost)

    async def _talk(self) -> None:
        """Returns never.

        Raises:
            LinkLostError: the connection ended, alone or in a group.
        """
        door = await self._get_door()
        connection = None
        try:
            async with door.session(Wanted(self._handle), self._counters) as session:
                connection, self._open = session.connection, session
                self._opened()
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._parts.sender.run(session))
                    tasks.create_task(self._receive(session))
        finally:
            self._open = None
            if connection is not None:
                self._parts.sender.settle(connection)  # closed by now: these are its last figures
            self._parts.uplink.lost()
            self._parts.downlink.lost()

    async def _get_door(self) -> "Door":
        if not self._key and not self._config.simulator.enabled:
            raise LinkLostError(Cause.NO_KEY)
        target = target_of(self._config, self._runtime_dir)
        if self._door is None or self._door[0] != target:
            gemini = await asyncio.shield(self._gemini)
            key = STAND_IN_KEY if self._config.simulator.enabled else self._key
            door = await asyncio.to_thread(gemini.Door, self._config, target.base_url, target.ca_file, key)
            self._door = target, door
        return self._door[1]

    def _opened(self) -> None:
        self._opened_at = monotonic_ns()
        self._connections += 1
        log.info("connection %d is open%s", self._connections, ", the session goes on" if self._resumed else "")
        self._go(Step.OPENED)

    async def _receive(self, session: "Session") -> None:
        """Never waits for anything but the next message."""
        translator = Translator(self._counters)
        downlink = self._parts.downlink
        async for message in session.messages():
            now = monotonic_ns()
            for happening in translator.take(message):
                if isinstance(happening, Handle):
                    self._keep(happening)
                downlink.take(happening, now)
            self._counters["messages"] += 1
            await asyncio.sleep(0)  # a burst is many messages at once: the microphone must not wait for its end

    def _keep(self, handle: Handle) -> None:
        if handle.resumable and self._config.live.resumption:
            self._handle = handle.handle
            self._parts.store.keep(SavedSession(handle.handle, self._config.live.model, time.time()))

    def _drop_handle(self) -> None:
        self._handle = ""
        self._parts.store.drop_session()

    # how it ended

    def _judge(self, lost: LinkLostError) -> Plan:
        live = self._config.live
        base_url = self._door[0].base_url if self._door else live.base_url
        verdict = judge(lost, live.model, server_of(base_url))
        lasted = Ns(monotonic_ns() - self._opened_at) if self._opened_at else Ns(0)
        plan = self._policy.after(lost, verdict, self._resumed, lasted)
        if lost.cause is Cause.CERTIFICATE:
            self._door = None  # the file may have been replaced
        if not plan.resume:
            self._drop_handle()
        self._counters["connections_lost"] += 1
        if plan.dial:
            fresh = " as a new session" if verdict.action is Action.FRESH else ""
            self._go(Step.LOST, f"{verdict.sentence} Trying again{fresh} in {plan.wait_s:.1f} s.")
        else:
            self._parts.hearing.pause()
            self._go(Step.REFUSED, verdict.sentence)
        return plan

    def _go(self, step: Step, sentence: str = "") -> None:
        self.link, self.sentence = TABLE[self.link, step], sentence
        self._tell(
            SessionState(
                state=self.link, text=sentence, connection=self._connections,
                resumed=self._resumed and self.link is Link.OPEN,
            )
        )  # fmt: skip


class Parts:
    """What a conversation is made of; they outlive it."""

    def __init__(self, uplink: Uplink, hearing: Hearing, sender: Sender, downlink: Downlink, store: Store) -> None:
        self.uplink, self.hearing, self.sender, self.downlink, self.store = uplink, hearing, sender, downlink, store


def _first(ends: BaseExceptionGroup[LinkLostError]) -> LinkLostError:
    """The end that says most: the receiving side knows the close code, the sending side only that it is over."""
    found = [_first(end) if isinstance(end, BaseExceptionGroup) else end for end in ends.exceptions]
    return min(found, key=lambda lost: lost.code == 1006)
