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
from lived_workers.simulator.alarms import Alarm, Barge, CompleteSetup, Misdo, Quietly, Tell
from lived_workers.simulator.closes import INVALID_ARGUMENT, Close, ProtocolViolationError
from lived_workers.simulator.conversation import Conversation
from lived_workers.simulator.effects import CloseSocket, Effect, HalfOpen, Note, ResetConnection, Send
from lived_workers.simulator.faults import SETUP_FAULTS, Fault
from lived_workers.simulator.misconduct import Scene, misdo
from lived_workers.simulator.phases import STAGES, Stage, Step, follow
from lived_workers.simulator.profiles import Profile, profile_of
from lived_workers.simulator.resumption import Memory, Sessions
from lived_workers.simulator.scenario import Reply
from lived_workers.simulator.script import Script
from lived_workers.simulator.session_options import read_options
from lived_workers.simulator.setup_rules import check_setup
from lived_workers.simulator.timeline import Content


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
        elif (handle := _HANDLERS.get(type(message))) is not None:
            handle(self.conversation, now, message)

    def _setup(self, now: float, body: dict[str, Any]) -> None:
        if self.stage is not Stage.AWAITING_SETUP:
            raise ProtocolViolationError(INVALID_ARGUMENT)
        scenario = self._script.scenario
        override = profile_of(scenario.model) if scenario.model else None
        profile = check_setup(body, self._version, override)
        options = read_options(body, scenario.vad)
        self._memory = self._remember(now, body["model"], options.handle, profile)
        self.stage = follow(STAGES, self.stage, Step.SETUP)
        self.conversation = Conversation(self._agenda, options, profile, self._script, self._memory, self._rng)
        delay = scenario.timing.setup_ms / 1000
        for fault in self._faults:
            if fault.do == "slow_setup":
                delay = fault.s
            elif fault.do not in SETUP_FAULTS:
                self._agenda.add(now + fault.at_s, Misdo(fault))
        if not any(fault.do == "no_setup_complete" for fault in self._faults):
            self._agenda.add(now + delay, CompleteSetup())

    def _remember(self, now: float, model: str, handle: str | None, profile: Profile) -> Memory:
        if handle is None:
            return self._sessions.begin(model, self._connection)
        return self._sessions.resume(handle, model, self._connection, now, profile.foreign_handle)

    def _alarm(self, now: float, alarm: Alarm) -> None:
        model = None if self.conversation is None else self.conversation.model
        match alarm:
            case Misdo(fault):
                self._agenda.add(now, Note("fault", {"do": fault.do}))
                misdo(Scene(self._agenda, model, now), fault)
            case CompleteSetup():
                self._set_up(now)
            case Tell() if self._memory is not None:
                handle = self._sessions.issue(self._memory, now)
                self._send(now, frames.resumption_update(handle), "sessionResumptionUpdate")
            case Barge(turn) if model is not None:
                model.barge(now, turn)
            case Quietly(turn, event) if model is not None:
                model.happened(now, turn, event)

    def _set_up(self, now: float) -> None:
        self.stage = follow(STAGES, self.stage, Step.SETUP_COMPLETE)
        self._send(now, frames.setup_complete(), "setupComplete")
        self._agenda.add(now + self._script.scenario.timing.resumption_ms / 1000, Tell())
        for fault in self._script.after_setup():
            self._agenda.add(now + fault.trigger.number + fault.at_s, Misdo(fault))

    def _leaving(self, now: float, effect: Effect) -> None:
        if isinstance(effect, Send) and self.conversation is not None:
            self.conversation.model.sent(now, effect)
        elif isinstance(effect, CloseSocket | ResetConnection | HalfOpen):
            self.closed()

    def _send(self, at: float, frame: frames.Frame, what: str) -> None:
        self._agenda.add(at, Send(frames.encode(frame), what))


def _audio(conversation: Conversation, now: float, message: said.Audio) -> None:
    conversation.audio(now, message.pcm, message.rate, message.legacy)


_HANDLERS: Final[Mapping[type[msgspec.Struct], Callable[[Conversation, float, Any], None]]] = {
    said.Audio: _audio,
    said.AudioStreamEnd: lambda conversation, now, message: conversation.stream_end(now, message.ended),
    said.ActivityStart: lambda conversation, now, _: conversation.mark(now, begins=True),
    said.ActivityEnd: lambda conversation, now, _: conversation.mark(now, begins=False),
    said.Text: lambda conversation, now, message: conversation.text(now, message.text),
    said.ClientContent: lambda conversation, now, message: conversation.client_content(
        now, message.turns, message.complete
    ),
}
"""Video, tool responses and context updates are taken, written down and have no effect yet."""
