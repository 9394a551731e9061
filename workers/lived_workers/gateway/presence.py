"""Whether there is a connection at all: begun and ended by order, suspended when nobody speaks for long and when the
day's money is spent. What is said of that to everybody, and what is cleared up."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from lived.clock import monotonic_ns
from lived.units import SECOND, Ns
from lived.wire.events import Event, Idle
from lived_workers.gateway.conversation import Conversation
from lived_workers.gateway.hearing import Hearing
from lived_workers.gateway.link import Link, Step
from lived_workers.gateway.purse import Purse
from lived_workers.gateway.rest import TABLE, Input, Rest

log = logging.getLogger("lived.gateway")

ASLEEP = "Asleep, because nobody spoke: livectl say, talk or start goes on."

_LOOK_EVERY = Ns(1 * SECOND)
"""At the calendar, for a new day's budget."""


class Presence:
    """Owns the task that talks."""

    def __init__(
        self,
        conversation: Conversation,
        hearing: Hearing,
        purse: Purse,
        publish: Callable[[Event], None],
        idle_after: Ns,
    ) -> None:
        """``idle_after``: hang up when nobody has spoken for so long; 0 = never."""
        self._conversation, self._hearing, self._purse = conversation, hearing, purse
        self._publish = publish
        self._idle_after = idle_after
        self._alive_at = Ns(0)
        self._looked_at = Ns(0)
        self._talk: asyncio.Task[None] | None = None
        self.rest = Rest.OFF
        self.tasks: asyncio.TaskGroup
        """Set before anything else happens."""
        self.prepared: Callable[[], Awaitable[None]]
        """Waited for before each dial: what the setup needs."""
        self.busy: Callable[[], bool] = lambda: False
        """Whether something goes on although nobody speaks."""
        self.ended: Callable[[], None] = lambda: None
        """Called when the conversation was ended, not suspended."""

    # orders

    def converse(self, on: bool) -> None:
        """As the supervisor wants it."""
        self._feel(Input.START if on else Input.STOP)

    def wake(self) -> None:
        """Somebody wants to speak."""
        self.alive(monotonic_ns())
        if self.rest is Rest.ASLEEP:
            self._feel(Input.WAKE)

    def spent(self) -> None:
        """The day's budget is spent."""
        self._feel(Input.SPENT)

    # the clock

    def alive(self, now: Ns) -> None:
        """Somebody speaks, or something is done."""
        self._alive_at = now

    def tick(self, now: Ns) -> None:
        """Several times a second."""
        if self.busy() or self._conversation.link is not Link.OPEN:
            self._alive_at = now
        elif self._idle_after and self.rest is Rest.AWAKE and now - self._alive_at >= self._idle_after:
            self._feel(Input.TIRED)
        if self.rest is Rest.BROKE and now - self._looked_at >= _LOOK_EVERY:
            self._looked_at = now
            if not self._purse.spent:
                self._feel(Input.NEW_DAY)

    def close(self) -> None:
        """The process ends: hang up, and leave everything as it is."""
        if self._talk is not None:
            self._talk.cancel()  # the task group waits for its goodbye: at most close_timeout

    # inside

    def _feel(self, what: Input) -> None:
        before, self.rest = self.rest, TABLE[self.rest, what]
        match self.rest:
            case Rest.AWAKE if before is not Rest.AWAKE or self._conversation.link is Link.FAILED:
                self._begin(before)
            case Rest.ASLEEP if before is not Rest.ASLEEP:
                log.info("hanging up: nobody has spoken for long")
                self._suspend(Step.HANG_UP, ASLEEP)
                self._publish(Idle(awake=False))
            case Rest.BROKE if before is not Rest.BROKE or what is Input.START:
                self._suspend(Step.SPENT, self._purse.refusal)
            case Rest.OFF:
                self._end(before)
            case _:
                pass

    def _begin(self, before: Rest) -> None:
        self.alive(monotonic_ns())
        if self._purse.spent:
            self._feel(Input.SPENT)
            return
        self._hearing.begin()
        self._talk = self.tasks.create_task(self._after(self._talk))
        if before is Rest.ASLEEP:
            self._publish(Idle(awake=True))

    def _suspend(self, step: Step, sentence: str) -> None:
        self._stop()
        self._conversation.suspend(step, sentence)

    def _end(self, before: Rest) -> None:
        if before is not Rest.OFF:
            self._stop()
            self.ended()
        self._conversation.hang_up()

    def _stop(self) -> None:
        if self._talk is not None:
            self._talk.cancel()
        self._hearing.end()

    async def _after(self, previous: asyncio.Task[None] | None) -> None:
        """The server refuses to resume a session whose old connection is still open."""
        if previous is not None and not previous.done():
            await asyncio.wait([previous])
        await self.prepared()
        await self._conversation.hold()
