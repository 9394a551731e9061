"""One conversation over as many connections as it takes: dial, talk, judge the end, wait, dial again."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from lived.clock import monotonic_ns
from lived.config import Config
from lived.units import Ns
from lived.wire.events import Event, SessionState
from lived_workers.gateway.attendant import Attendant
from lived_workers.gateway.closing import Action, Cause, LinkLostError, SwapDueError, judge
from lived_workers.gateway.doors import Doors
from lived_workers.gateway.happenings import Handle
from lived_workers.gateway.link import TABLE, Link, Step
from lived_workers.gateway.messages import Text
from lived_workers.gateway.parts import Parts
from lived_workers.gateway.reconnect import BELOW, Plan, Policy, Rung
from lived_workers.gateway.setup import server_of
from lived_workers.gateway.swaps import Swaps
from lived_workers.gateway.thread import wanted_by
from lived_workers.gateway.translate import Translator
from lived_workers.gateway.unanswered import Unanswered

if TYPE_CHECKING:
    from lived_workers.gateway.gemini import Session

log = logging.getLogger("lived.gateway")


class Conversation:
    """Owns the link's state. Everything runs in the loop's thread; only certificates are read elsewhere."""

    def __init__(
        self,
        config: Config,
        key: str,
        runtime_dir: Path,
        gemini: "asyncio.Future[ModuleType]",
        parts: Parts,
        tell: Callable[[Event], None],
        counters: Counter[str],
    ) -> None:
        self._config = config
        self._doors = Doors(config, key, runtime_dir, gemini)
        self._parts = parts
        self._tell = tell
        self._counters = counters
        self._policy = Policy(random.random)
        self._attendant = Attendant(config, parts, counters)
        self._swaps = Swaps()
        self._opening = parts.thread.opening(Rung.FORGOTTEN)
        self._open: Session | None = None
        self._opened_at = Ns(0)
        self._unanswered = Unanswered()
        self._hung = False  # the open connection took the place of one that hung
        self._connections = 0
        self.link = Link.OFF
        self.sentence = ""

    # what others may ask for

    @property
    def lacks_key(self) -> bool:
        """Whether it waits for somebody to give a key."""
        return self.link is Link.FAILED and self._doors.credentials.missing

    def settle(self) -> None:
        """Take note of what the server's machine has acknowledged."""
        if self._open is not None:
            self._parts.sender.settle(self._open.connection)

    def tick(self, now: Ns) -> None:
        """Several times a second: whether the connection is still good."""
        self._parts.thread.tick()
        if self._open is not None and self._doors.credentials.due():
            self._parts.health.wish("token")
        cause = self._attendant.tick(now)
        if cause:
            self._replace(cause)

    async def hold(self) -> None:
        """Talk until cancelled, or until a person is needed."""
        self._policy.forget()
        self._swaps.forget()
        self._parts.thread.begin()
        rung = Rung.RESUMED
        while True:
            if self.link is not Link.CONNECTING:  # a planned swap is that already
                self._go(Step.DIAL)
            plan = await self._attempt(rung)
            if not plan.dial:
                return
            rung = plan.rung
            await asyncio.sleep(plan.wait_s)

    def hang_up(self) -> None:
        """The conversation is over: said at once, while the connection still closes."""
        self._go(Step.HANG_UP)
        self._parts.thread.forget()
        self._unanswered.forget()
        self._connections = 0

    def suspend(self, step: Step, sentence: str) -> None:
        """Hung up for a while: what is needed to go on is kept."""
        self._go(step, sentence)

    # one connection

    async def _attempt(self, rung: Rung) -> Plan:
        self._opening, self._opened_at = self._parts.thread.opening(rung), Ns(0)
        try:
            await self._talk()
        except* (LinkLostError, SwapDueError) as ends:
            end = _first(ends)
        return self._after_swap(end) if isinstance(end, SwapDueError) else self._judge(end)

    async def _talk(self) -> None:
        """Returns never.

        Raises:
            LinkLostError: the connection ended, alone or in a group.
            SwapDueError: it was given up for another one, in a group.
        """
        door = await self._doors.get(fresh=not self._opening.handle)
        connection = None
        try:
            preamble = self._parts.preamble
            wanted = preamble.wanted(wanted_by(self._opening, self._config, preamble.instruction))
            async with door.session(wanted, self._counters) as session:
                connection, self._open = session.connection, session
                await self._begin(session)
                async with asyncio.TaskGroup() as tasks:
                    sending = tasks.create_task(self._parts.sender.run(session))
                    tasks.create_task(self._receive(session))
                    tasks.create_task(self._attendant.run(sending))
        finally:
            self._open = None
            self._attendant.closed()
            if connection is not None:
                self._parts.sender.settle(connection)  # closed by now: these are its last figures
                self._ended("lost")
            self._parts.sender.lost()
            self._parts.downlink.lost()

    async def _begin(self, session: "Session") -> None:
        """What a new connection is told before anything else."""
        now, parts, opening = monotonic_ns(), self._parts, self._opening
        self._opened_at = now
        self._connections += 1
        log.info("connection %d is open, %s", self._connections, _WORDS[opening.rung])
        self._attendant.open(session, now)
        parts.thread.opened(opening)
        parts.calls.reopened(opening.rung is Rung.RESUMED)
        self._go(Step.OPENED)
        swapped = self._swaps.opened(opening.rung, now, parts.uplink.given_up)
        if swapped is not None:
            self._tell(swapped)
        await session.tell(opening)
        question = self._unanswered.again(parts.uplink.texts())
        if question and not opening.apology:  # that asks the user for something else
            self._counters["questions_repeated"] += 1
            await session.send(Text(question))
            parts.health.typed(question, now)

    async def _receive(self, session: "Session") -> None:
        """Never waits for anything but the next message."""
        translator = Translator(self._counters)
        parts = self._parts
        async for message in session.messages():
            now = monotonic_ns()
            parts.health.frame(now)
            for happening in translator.take(message):
                parts.health.take(happening, now)
                if isinstance(happening, Handle):
                    parts.thread.take(happening.handle, happening.resumable)
                parts.downlink.take(happening, now)
            self._counters["messages"] += 1
            await asyncio.sleep(0)  # a burst is many messages at once: the microphone must not wait for its end

    # how it ended

    def _replace(self, cause: str) -> None:
        """It is being given up: said at once, while it still closes."""
        self._counters["swaps"] += 1
        log.info("the connection is replaced: %s", _CAUSES.get(cause, cause))
        self._ended(cause)
        self._go(Step.SWAP, "Replacing the connection.")

    def _ended(self, cause: str) -> None:
        """Of a connection that was open; what is said later of the same one counts no more."""
        if self._opened_at:
            self._swaps.ended(cause, monotonic_ns(), self._parts.uplink.given_up)
            self._unanswered.ended(self._parts.health.closed())

    def _after_swap(self, due: SwapDueError) -> Plan:
        """At once. A session that hangs again without having answered anything is not worth resuming."""
        hung = due.cause == "hung"
        if hung:
            self._policy.given_up()
        else:  # it was good to its end: what went wrong before is forgotten
            self._policy.forget()
        again = hung and self._hung and not self._parts.health.answered
        self._hung = hung
        return Plan(True, 0.0, BELOW[self._opening.rung] if again else Rung.RESUMED)

    def _judge(self, lost: LinkLostError) -> Plan:
        live = self._config.live
        credentials = self._doors.credentials
        verdict = judge(lost, live.model, server_of(self._doors.base_url), credentials.mints)
        lasted = Ns(monotonic_ns() - self._opened_at) if self._opened_at else Ns(0)
        plan = self._policy.after(lost, verdict, self._opening.rung, lasted)
        if lost.cause is Cause.CERTIFICATE or not plan.dial:
            self._doors.forget()  # files may be corrected before the next time
        if verdict.action is Action.MINT:
            credentials.spent()
        if plan.rung is not Rung.RESUMED:
            self._parts.thread.drop_handle()
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
        resumed = self.link is Link.OPEN and self._opening.rung is Rung.RESUMED
        self._tell(SessionState(state=self.link, text=sentence, connection=self._connections, resumed=resumed))


_WORDS = {
    Rung.RESUMED: "the session goes on",
    Rung.RESEEDED: "a new session that was told what had been said",
    Rung.FORGOTTEN: "a new session",
}

_CAUSES = {
    "goaway": "the server announced its end",
    "age": "it is old enough",
    "hung": "no answer came",
    "settings": "the settings changed",
    "token": "its token will expire soon",
}


def _first(ends: BaseExceptionGroup[LinkLostError | SwapDueError]) -> LinkLostError | SwapDueError:
    """The end that says most: our own decision; then the receiving side, which knows the close code."""
    found = [_first(end) if isinstance(end, BaseExceptionGroup) else end for end in ends.exceptions]
    return min(found, key=lambda end: isinstance(end, LinkLostError) and 1 + (end.code == 1006))
