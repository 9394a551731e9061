"""One connection without its socket: messages and the time go in, effects come out. Pure.

`phases.STAGES` is its state machine: nothing but setup before setupComplete, and setup only once.
"""

import random
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from lived_workers.simulator import client_messages as said
from lived_workers.simulator import frames
from lived_workers.simulator.agenda import Agenda
from lived_workers.simulator.alarms import (
    Alarm,
    Barge,
    CallAgain,
    CallDue,
    CompleteSetup,
    FallSilent,
    Misdo,
    Quietly,
    Tell,
    Wait,
)
from lived_workers.simulator.closes import DEADLINE, INVALID_ARGUMENT, Close, ProtocolViolationError
from lived_workers.simulator.content_faults import Content
from lived_workers.simulator.conversation import Conversation
from lived_workers.simulator.effects import CloseSocket, Effect, HalfOpen, Note, ResetConnection, Send
from lived_workers.simulator.faults import SETUP_FAULTS, Fault, TriggerKind
from lived_workers.simulator.lifetimes import session_ends, until_cap
from lived_workers.simulator.limits import Updates
from lived_workers.simulator.misconduct import Scene, misdo
from lived_workers.simulator.phases import STAGES, Stage, Step, follow
from lived_workers.simulator.profiles import Profile, profile_of
from lived_workers.simulator.resumption import Memory, Sessions
from lived_workers.simulator.scenario import Reply
from lived_workers.simulator.script import Script
from lived_workers.simulator.session_options import SessionOptions, read_options
from lived_workers.simulator.setup_rules import check_setup


class Session:
    """Decides everything about one connection. Owned by that connection's task; times in seconds of one clock."""

    def __init__(
        self,
        connection: int,
        version: str,
        script: Script,
        sessions: Sessions,
        faults: list[Fault],
        refusal: Close | None = None,
    ) -> None:
        """`refusal` is the answer to the first frame of a client whose key is wrong."""
        self._connection, self._version = connection, version
        self._script, self._sessions, self._faults = script, sessions, faults
        self._refusal = refusal
        self._agenda: Agenda[Effect | Alarm] = Agenda()
        self._rng = random.Random(f"{script.scenario.seed}:{connection}")  # noqa: S311 - jitter, not secrets
        self._memory: Memory | None = None
        self.stage = Stage.AWAITING_SETUP
        self.conversation: Conversation | None = None

    def receive(self, now: float, messages: list[said.ClientMessage]) -> None:
        """What one frame said. A breach of the protocol plans the close; after the end nobody listens."""
        if self.stage is Stage.CLOSED:
            return
        try:
            if self._refusal is not None:
                raise ProtocolViolationError(self._refusal)
            for message in messages:
                self._one(now, message)
        except ProtocolViolationError as violation:
            self.violate(now, violation.close)

    def violate(self, now: float, close: Close) -> None:
        """The client broke the protocol: nothing more is sent but the close."""
        self._agenda.clear()
        self._agenda.add(now, CloseSocket(close.code, close.cut_reason))

    def content_ready(self, now: float, number: int, content: Content) -> None:
        """The sound asked for by a Prepare."""
        if self.conversation is not None:
            self.conversation.model.content_ready(now, number, content)

    def inject(self, now: float, fault: Fault) -> None:
        """Carry out a fault."""
        self._agenda.add(now + fault.at_s, Misdo(fault))

    def say(self, now: float, reply: Reply) -> bool:
        """Speak unasked; False when the session is not ready or busy."""
        return self.conversation is not None and self.stage is Stage.READY and self.conversation.say(now, reply)

    def next_at(self) -> float | None:
        """When `pop` will have something."""
        return self._agenda.next_at()

    def pop(self, now: float) -> Effect | None:
        """The next thing to do, if it is due. Do it before asking again. After the end there is nothing."""
        if self.stage is Stage.CLOSED:
            self._agenda.clear()
        while (item := self._agenda.pop(now)) is not None:
            if isinstance(item, Alarm):
                self._alarm(now, item)
            else:
                self._leaving(now, item)
            if self.conversation is not None:
                self.conversation.settle(now)
            if not isinstance(item, Alarm):
                return item
        return None

    def closed(self) -> None:
        """The connection is gone, whoever ended it; its session can be resumed from now on."""
        self._agenda.clear()
        self.stage = follow(STAGES, self.stage, Step.CLOSE)
        if self._memory is not None:
            self._sessions.release(self._memory, self._connection)

    def _one(self, now: float, message: said.ClientMessage) -> None:
        if isinstance(message, said.Setup):
            self._setup(now, message.body)
        elif self.stage is not Stage.READY or self.conversation is None:
            raise ProtocolViolationError(INVALID_ARGUMENT)
        elif (handle := _ALWAYS_HANDLED.get(type(message))) is not None:
            handle(self.conversation, now, message)
        elif not self.conversation.silent:
            _HANDLERS[type(message)](self.conversation, now, message)
            if isinstance(message, said.Video):
                self._limit_session(now)

    def _setup(self, now: float, body: dict[str, Any]) -> None:
        if self.stage is not Stage.AWAITING_SETUP:
            raise ProtocolViolationError(INVALID_ARGUMENT)
        scenario = self._script.scenario
        override = profile_of(scenario.model) if scenario.model else None
        profile = check_setup(body, self._version, override)
        options = read_options(body, scenario.vad, scenario.limits.context_tokens)
        self._memory = self._remember(now, body["model"], options, profile)
        for part in ("systemInstruction", "tools"):
            self._memory.context.instruct(part, body.get(part))
        self.stage = follow(STAGES, self.stage, Step.SETUP)
        self.conversation = Conversation(self._agenda, options, profile, self._script, self._memory, self._rng)
        delay = scenario.timing.setup_ms / 1000
        for fault in self._faults:
            if fault.do == "slow_setup":
                delay = fault.s
            elif fault.do not in SETUP_FAULTS:
                self._agenda.add(now + fault.at_s, Misdo(fault))
        if not self._is_to("no_setup_complete"):
            self._agenda.add(now + delay, CompleteSetup())

    def _is_to(self, do: str) -> bool:
        return any(fault.do == do for fault in self._faults)

    def _remember(self, now: float, model: str, options: SessionOptions, profile: Profile) -> Memory:
        if options.handle is None:
            memory = self._sessions.begin(model, self._connection)
        else:
            memory = self._resume(now, model, options.handle, profile)
        memory.begun = now if memory.begun is None else memory.begun
        memory.limited, memory.ends = options.compression is None, None
        return memory

    def _resume(self, now: float, model: str, handle: str, profile: Profile) -> Memory:
        self._faults = [*self._faults, *self._script.trip(TriggerKind.RESUME)]
        if self._is_to("handle_rejected"):
            raise ProtocolViolationError(profile.foreign_handle)
        memory = self._sessions.resume(handle, model, self._connection, now, profile.foreign_handle)
        if self._is_to("last_turn_lost"):
            memory.forget_last_turn()
        return memory

    def _alarm(self, now: float, alarm: Alarm) -> None:
        match alarm:
            case Misdo(fault):
                self._agenda.add(now, Note("fault", {"do": fault.do}))
                model = None if self.conversation is None else self.conversation.model
                misdo(Scene(self._agenda, model, now), fault)
            case Wait(armed):
                if self._script.go_off(armed):
                    self._agenda.add(now + armed.fault.at_s, Misdo(armed.fault))
            case CompleteSetup():
                self._set_up(now)
            case Tell(every_s) if self._memory is not None:
                self._tell(now, self._memory, every_s)
            case _ if self.conversation is not None:
                _concerns(self.conversation, now, alarm)

    def _set_up(self, now: float) -> None:
        self.stage = follow(STAGES, self.stage, Step.SETUP_COMPLETE)
        scenario = self._script.scenario
        self._send(now, frames.setup_complete(), "setupComplete")
        rolling = scenario.handles.updates is Updates.ROLLING
        every_s = scenario.handles.period_s if rolling else None
        self._agenda.add(now + scenario.timing.resumption_ms / 1000, Tell(every_s))
        for armed in self._script.after_setup():
            self._agenda.add(now + (armed.fault.trigger.number or 0.0), Wait(armed))
        for after_s, item in until_cap(scenario.limits, scenario.time_scale):
            self._agenda.add(now + after_s, item)
        self._limit_session(now)

    def _limit_session(self, now: float) -> None:
        """Without compression a session ends; with images it does so sooner."""
        memory, scenario = self._memory, self._script.scenario
        if memory is None or memory.begun is None or not memory.limited:
            return
        ends = session_ends(scenario.limits, scenario.time_scale, memory.begun, memory.images > 0)
        if ends is not None and ends != memory.ends:
            memory.ends = ends
            self._agenda.add(max(now, ends), CloseSocket(DEADLINE.code, DEADLINE.reason))

    def _tell(self, now: float, memory: Memory, every_s: float | None) -> None:
        handles = self._script.scenario.handles
        if every_s is not None:
            self._agenda.add(now + every_s, Tell(every_s))
        if handles.updates is Updates.NEVER:
            return
        busy = self.conversation is not None and self.conversation.busy
        handle = None if busy and not handles.while_busy else self._sessions.issue(memory, now)
        self._send(now, frames.resumption_update(handle), "sessionResumptionUpdate")

    def _leaving(self, now: float, effect: Effect) -> None:
        if isinstance(effect, Send) and self.conversation is not None:
            self.conversation.model.sent(now, effect)
        elif isinstance(effect, CloseSocket | ResetConnection | HalfOpen):
            self.closed()

    def _send(self, at: float, frame: frames.Frame, what: str) -> None:
        self._agenda.add(at, Send(frames.encode(frame), what))


def _concerns(conversation: Conversation, now: float, alarm: Alarm) -> None:
    """An alarm about the conversation."""
    match alarm:
        case Barge(turn):
            conversation.model.barge(now, turn)
        case Quietly(turn, event):
            conversation.model.happened(now, turn, event)
        case CallDue(turn):
            conversation.calls.due(now, turn)
        case CallAgain():
            conversation.call_again(now)
        case FallSilent():
            conversation.silent = True


def _audio(conversation: Conversation, now: float, message: said.Audio) -> None:
    conversation.audio(now, message.pcm, message.rate, message.legacy)


_HANDLERS: Final[Mapping[type[msgspec.Struct], Callable[[Conversation, float, Any], None]]] = {
    said.Audio: _audio,
    said.AudioStreamEnd: lambda conversation, now, message: conversation.stream_end(now, message.ended),
    said.ActivityStart: lambda conversation, now, _: conversation.mark(now, begins=True),
    said.ActivityEnd: lambda conversation, now, _: conversation.mark(now, begins=False),
    said.Text: lambda conversation, now, message: conversation.text(now, message.text),
    said.Video: lambda conversation, now, message: conversation.video(now, message.image),
    said.ClientContent: lambda conversation, now, message: conversation.client_content(
        now, message.turns, message.complete
    ),
    said.ContextUpdate: lambda conversation, now, message: conversation.context_update(now, message.body),
}
"""What a connection that has fallen silent takes and ignores."""
_ALWAYS_HANDLED: Final[Mapping[type[msgspec.Struct], Callable[[Conversation, float, Any], None]]] = {
    said.ToolResponse: lambda conversation, now, message: conversation.calls.answered(now, message.responses),
}
"""Function responses count until the end: the handle that knows them is still to come."""
