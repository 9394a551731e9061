"""What the conversation can do beside hearing and speaking, put together: functions, text, images, buttons, money,
greeting. Each is a part of its own; here stands who is told what."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from lived.clock import monotonic_ns
from lived.config import Config
from lived.models import profile_of
from lived.units import Ms, Ns
from lived.wire import Stream
from lived.wire.events import (
    CutDone,
    Event,
    Hello,
    Image,
    SessionState,
    Speech,
    ToolAnswer,
    ToolsOffered,
    TurnPlayed,
)
from lived.wire.orders import Instruct, Order, Say, Show, Talk
from lived.worker import Harness
from lived_workers.gateway.costs import Alarm
from lived_workers.gateway.downlink import Downlink
from lived_workers.gateway.gate import Gate
from lived_workers.gateway.greeting import Greeting
from lived_workers.gateway.health import Health
from lived_workers.gateway.hearing import Hearing
from lived_workers.gateway.link import Link
from lived_workers.gateway.messages import Context, Message, Text
from lived_workers.gateway.pictures import read
from lived_workers.gateway.preamble import Preamble
from lived_workers.gateway.presence import Presence
from lived_workers.gateway.purse import Purse
from lived_workers.gateway.refusals import in_words
from lived_workers.gateway.rest import Rest
from lived_workers.gateway.sender import Sender
from lived_workers.gateway.sieve import Sieve
from lived_workers.gateway.tooling import Tooling
from lived_workers.gateway.uplink import Uplink

log = logging.getLogger("lived.gateway")

SETTINGS = "settings"
"""Why a connection is replaced when its instruction or functions change (``session.swapped``)."""

TALKING = "talking to the Live API"
"""What the gateway does when all is well."""

OBEYED = (
    Say, Talk, Instruct, Show, Image, ToolsOffered, ToolAnswer, Hello, TurnPlayed, CutDone, Speech,
)  # fmt: skip
"""Orders and events that ``Features.obey`` takes."""


def gate_of(config: Config) -> Gate | Sieve | None:
    """Where a button, or the front end, says what is sent."""
    vad, front = config.live.vad, config.frontend
    if vad.mode == "manual":
        return Gate(Ms(vad.preroll_ms))
    if front.enabled and front.uplink.mode != "always":
        return Sieve()
    return None


def streams_of(config: Config) -> tuple[Stream, ...]:
    """What is heard: the front end's stream, and while that is missing the microphone's; but never what comes without
    a wake word where there has to be one."""
    if not config.frontend.enabled:
        return (Stream.MIC,)
    return (Stream.VOICE,) if config.frontend.uplink.mode == "wake" else (Stream.VOICE, Stream.MIC)


class Features:
    """Stands between the parts."""

    def __init__(
        self,
        harness: Harness,
        uplink: Uplink,
        sender: Sender,
        hearing: Hearing,
        downlink: Downlink,
        health: Health,
        purse: Purse,
    ) -> None:
        config, launch = harness.config, harness.launch
        self._config, self._harness = config, harness
        self._uplink, self._sender, self._hearing = uplink, sender, hearing
        self._downlink, self._health = downlink, health
        self._purse = purse
        self._greeting = Greeting(config.conversation, Path(launch.state_dir))
        self.preamble = Preamble()
        self.tooling = Tooling(
            config, self.preamble, uplink, harness.publish, harness.counters, strangers=launch.conversing
        )
        self._link = Link.OFF
        self._to_tell = ""  # to the model, at the next quiet moment
        self._refusal = ""
        self._presence: Presence
        self.typed: Callable[[], None] = lambda: None
        """Called when somebody has typed something, before anything else is done."""
        self._handlers = self._make_handlers()
        self._connect()

    def _connect(self) -> None:
        """Who is told what."""
        tooling, others = self.tooling, self._downlink.others
        tooling.more = self._sender.wake
        tooling.changed = self._tell_news
        self._sender.shape, self._sender.handed = tooling.shape, self._handed
        others.usage = self._purse.book
        others.call = tooling.call
        others.calls_cancelled = tooling.cancelled
        others.handle = lambda _: tooling.calls.handle_came()
        others.over = self._over
        others.alive = self._alive
        self._purse.alarmed = self._alarmed

    def take_up(self, presence: Presence) -> None:
        """Before anything is obeyed: whom to wake and to suspend."""
        self._presence = presence
        self._hearing.opened = presence.wake
        presence.prepared, presence.busy, presence.ended = self.tooling.known, self._busy, self._ended

    def obey(self, message: Event | Order) -> None:
        """One of ``OBEYED``."""
        self._handlers[type(message)](message)

    def _make_handlers(self) -> Mapping[type[Event] | type[Order], Callable[..., None]]:
        return {
            Say: self._say,
            Talk: self._talk,
            Instruct: self._instruct,
            Show: lambda order: self._see(order.path, order.mime, keep=True),
            Image: lambda event: self._see(event.path, "", keep=event.source == "user"),
            ToolsOffered: self.tooling.offered,
            ToolAnswer: lambda answer: self.tooling.answered(answer, monotonic_ns()),
            Hello: self.tooling.hello,
            TurnPlayed: self._downlink.played,
            CutDone: self._downlink.silenced,
            Speech: self._speech,
        }

    def _busy(self) -> bool:
        """Whether something goes on although nobody speaks."""
        return bool(self.tooling.calls.open or self._hearing.held or not self._downlink.quiet)

    def tick(self, now: Ns) -> None:
        """Several times a second."""
        self.tooling.tick(now)
        self._purse.tick(now)
        if self._to_tell and self._link is Link.OPEN and self._downlink.quiet:
            self._put(Text(self._to_tell))
            self._to_tell = ""

    def linked(self, state: SessionState) -> None:
        """The connection is in another state."""
        self._link = Link(state.state)
        if self._link is not Link.OPEN:
            return
        self._presence.alive(monotonic_ns())
        greeting = self._greeting.due() if state.connection == 1 and not state.resumed else None
        if greeting is not None:
            takes_content = profile_of(self._config.live.model).content_mid_session
            self._put(greeting if takes_content or isinstance(greeting, Text) else Text(" "))
        self._tell_news()  # what changed while it was being opened
        self._purse.tell()

    def _ended(self) -> None:
        """The conversation was ended."""
        self.tooling.ended()
        self._greeting.ended()
        self._purse.new_conversation()
        self._to_tell = ""

    # orders

    def _say(self, order: Say) -> None:
        self._presence.wake()
        deaf = self._presence.rest is not Rest.AWAKE or self._link is Link.FAILED
        if deaf or not self._uplink.put(Text(order.text)):
            self._harness.counters["texts_refused"] += 1
        self.typed()
        self._sender.wake()

    def _talk(self, order: Talk) -> None:
        if self._config.live.vad.mode != "manual":
            return
        now = monotonic_ns()
        if order.on:
            self._presence.wake()
        before = self._hearing.held
        self._hearing.talk(order.on, now)
        began, ended = self._hearing.held and not before, before and not order.on
        if began or ended:
            self._downlink.activity(order.on, "local", now)
            self._health.spoke(order.on, now)
        self._sender.wake()

    def _instruct(self, order: Instruct) -> None:
        if self.preamble.instruct(order.text):
            self._tell_news()

    def _see(self, path: str, mime: str, keep: bool) -> None:
        if self._link is not Link.OPEN:
            self._harness.counters["images_dropped"] += 1
            return
        picture = read(Path(path), mime, keep)
        if picture is None:
            self._harness.counters["images_bad"] += 1
            return
        self._uplink.show(picture)
        if keep:
            self._presence.alive(monotonic_ns())

    def _speech(self, event: Speech) -> None:
        """Heard by the front end; what the server and the button say comes from here."""
        mode = self._config.live.vad.mode
        if event.source == "server" or mode == "manual":
            return
        self._presence.alive(monotonic_ns())
        self._health.spoke(event.on, monotonic_ns())
        if mode == "hybrid" and not event.on:
            self._hearing.speech_ended()

    # inside

    def _alive(self, now: Ns) -> None:
        self._presence.alive(now)

    def _put(self, message: Message) -> None:
        if not self._uplink.put(message):
            self._harness.counters["texts_refused"] += 1
        self._sender.wake()

    def _handed(self, message: Message) -> None:
        self.tooling.handed(message)

    def _tell_news(self) -> None:
        """The open session learns of another instruction or other functions: in place where the model can, else in the
        setup of the connection that replaces it."""
        news = self.preamble.news
        if news is None or self._link is not Link.OPEN:
            return
        if profile_of(self._config.live.model).context_update and self._can_say(news):
            self.preamble.told()
            self._put(news)
        else:
            self._health.wish(SETTINGS)

    def _can_say(self, news: Context) -> bool:
        """An instruction can be replaced in place, and not be taken away."""
        return news.instruction is None or bool(self._config.instruction_text(news.instruction))

    def _over(self, reason: str) -> None:
        """A reply is over; said in the status until the next one is."""
        before, self._refusal = self._refusal, reason
        if reason:
            self._harness.counters["replies_refused"] += 1
            log.warning("the server ended a reply: %s", reason[:60])
            self._harness.ready(in_words(reason))
        elif before:
            self._harness.ready(TALKING)

    def _alarmed(self, alarm: Alarm) -> None:
        if alarm is Alarm.SPENT:
            self._presence.spent()
        else:
            self._to_tell = self._purse.warning
