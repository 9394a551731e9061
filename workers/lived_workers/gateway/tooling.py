"""The gateway's side of function calls: what the server asks goes to the worker ``tools``, its answers go up."""

import asyncio
from collections import Counter
from collections.abc import Callable

from lived.config import Config
from lived.units import SECOND, Ns, Turn
from lived.wire.events import Event, Hello, ToolAnswer, ToolsOffered
from lived_workers.gateway.calls import Calls, Reply
from lived_workers.gateway.happenings import Call, CallsCancelled
from lived_workers.gateway.messages import Answer, Message
from lived_workers.gateway.preamble import Preamble
from lived_workers.gateway.uplink import Uplink

WORKER = "tools"

OFFER_S = 2.0
"""How long the first session waits to hear what it may call: a function that comes later costs it a new setup."""

_OTHERS_S = 10.0
"""What lived's own tools and plugins may take; those of the configuration name their own limit."""


def configured(config: Config) -> bool:
    """Whether there is anything that the model could call."""
    return bool(config.tools or config.mcp or config.toolbox.builtin or config.toolbox.plugins)


def patience_of(config: Config) -> Callable[[str, int], Ns]:
    """How long a function may take while so many calls are open: its own limit, and its wait for a free place."""
    limits = {tool.name: tool.timeout_s for tool in config.tools}
    longest = max([_OTHERS_S, *limits.values(), *(server.timeout_s for server in config.mcp)])

    def patience(name: str, open_calls: int) -> Ns:
        waits = open_calls // config.toolbox.parallel
        return Ns(int((limits.get(name, longest) + waits * longest) * SECOND))

    return patience


class Tooling:
    """Carries out what ``Calls`` decides."""

    def __init__(
        self,
        config: Config,
        preamble: Preamble,
        uplink: Uplink,
        publish: Callable[[Event], None],
        counters: Counter[str],
        strangers: bool,
    ) -> None:
        """``strangers``: as in ``Calls``. ``counters``: ``calls``, ``calls_cancelled``, ``answers_refused``."""
        self.calls = Calls(patience_of(config), strangers)
        self._preamble, self._uplink, self._publish = preamble, uplink, publish
        self._counters = counters
        self._known = asyncio.Event()
        if not configured(config):
            self._known.set()
        self._pid = 0
        self.more: Callable[[], None] = lambda: None
        """Called when the uplink has something new."""
        self.changed: Callable[[], None] = lambda: None
        """Called when other functions are offered than before."""

    async def known(self) -> None:
        """Return when it is known what the model may call, or when that takes too long."""
        try:
            async with asyncio.timeout(OFFER_S):
                await self._known.wait()
        except TimeoutError:
            self._known.set()  # once is enough: what comes later changes the open session

    def tick(self, now: Ns) -> None:
        """Several times a second."""
        self._do(self.calls.tick(now))

    def ended(self) -> None:
        """The conversation is over."""
        self._do(self.calls.ended())

    # the server

    def call(self, turn: Turn, call: Call, now: Ns) -> None:
        """The model calls a function."""
        self._counters["calls"] += 1
        self._do(self.calls.asked(call.call, call.name, call.args, turn, now))

    def cancelled(self, cancelled: CallsCancelled) -> None:
        """Nobody waits for these any more."""
        self._counters["calls_cancelled"] += len(cancelled.calls)
        self._do(self.calls.cancelled(cancelled.calls))

    # the worker

    def offered(self, event: ToolsOffered) -> None:
        """All functions that there are."""
        self.calls.offered = {function.name: function for function in event.functions}
        if self._preamble.offer(tuple(event.functions)):
            self.changed()
        if event.complete:
            self._known.set()

    def answered(self, answer: ToolAnswer, now: Ns) -> None:
        """What came of a call."""
        self._do(self.calls.answered(answer, now))

    def hello(self, event: Hello) -> None:
        """A worker began; when it is the one that runs tools, those of its predecessor have ended."""
        if event.worker != WORKER:
            return
        if self._pid and event.pid != self._pid:
            self._do(self.calls.restarted())
        self._pid = event.pid

    # the sender

    def shape(self, message: Message) -> Message | None:
        """How a message is sent to the session that is open now; None = not at all."""
        return self.calls.form(message) if isinstance(message, Answer) else message

    def handed(self, message: Message) -> None:
        """It is on its way."""
        if isinstance(message, Answer):
            self._do(self.calls.handed(message))

    def _do(self, reply: Reply) -> None:
        for event in reply.events:
            self._publish(event)
        for answer in reply.answers:
            if not self._uplink.put(answer):
                self._counters["answers_refused"] += 1  # a part of one, never the last
            self.more()
