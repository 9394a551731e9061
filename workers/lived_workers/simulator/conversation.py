"""One session's conversation after setupComplete: what the user does, and what that makes the model do. Pure.

Time is a parameter (seconds of the caller's clock); what is to be done is planned on the agenda.
"""

import random
from typing import Any

from lived_workers.simulator import frames
from lived_workers.simulator.agenda import Agenda
from lived_workers.simulator.alarms import Alarm, Barge, Misdo
from lived_workers.simulator.answering import Model, UserTurn
from lived_workers.simulator.closes import INVALID_ARGUMENT, ProtocolViolationError
from lived_workers.simulator.effects import Effect, Send
from lived_workers.simulator.faults import TriggerKind
from lived_workers.simulator.frames import Frame, encode
from lived_workers.simulator.listening import Listening, Spoken
from lived_workers.simulator.phases import Phase
from lived_workers.simulator.profiles import Profile
from lived_workers.simulator.resumption import Memory, Said
from lived_workers.simulator.scenario import Reply
from lived_workers.simulator.script import Script
from lived_workers.simulator.session_options import SessionOptions
from lived_workers.simulator.vad import Start


class Conversation:
    """Listens, and has the model answer. Owned by its session."""

    def __init__(
        self,
        agenda: Agenda[Effect | Alarm],
        options: SessionOptions,
        profile: Profile,
        script: Script,
        memory: Memory,
        rng: random.Random,
    ) -> None:
        self._agenda, self._options, self._profile, self._script = agenda, options, profile, script
        self._timing = script.scenario.timing
        self._listening = Listening(options)
        self._history_open = options.initial_history
        self._pending: UserTurn | None = None
        self.memory = memory
        self.model = Model(agenda, profile, script, memory, options.output_transcripts, rng)

    def audio(self, now: float, pcm: bytes, rate: int, legacy: bool) -> None:
        """A chunk of the microphone. Raises ProtocolViolationError for mediaChunks where they are gone."""
        if legacy and not self._profile.media_chunks:
            raise ProtocolViolationError(INVALID_ARGUMENT)
        self.memory.audio_s += len(pcm) / 2 / rate
        self._heard(now, self._listening.audio(now, pcm, rate))

    def stream_end(self, now: float, ended: bool) -> None:
        """audioStreamEnd."""
        if ended:
            self._heard(now, self._listening.stream_end())

    def mark(self, now: float, begins: bool) -> None:
        """activityStart or activityEnd. Raises ProtocolViolationError while the detector is on."""
        if not self._options.manual:
            raise ProtocolViolationError(INVALID_ARGUMENT)
        self._heard(now, self._listening.activity_start(now) if begins else self._listening.activity_end())

    def text(self, now: float, text: str) -> None:
        """Typed input interrupts and is answered; an empty one is nothing."""
        if text:
            self.memory.say(Said("user", text))
            self._ask(now)

    def client_content(self, now: float, turns: list[dict[str, Any]], complete: bool) -> None:
        """History; with `complete` a question, unless it is the initial history. Raises ProtocolViolationError."""
        if not (self._history_open or self._profile.content_mid_session):
            raise ProtocolViolationError(INVALID_ARGUMENT)
        for turn in turns:
            self.memory.say(Said(str(turn.get("role", "user")), _text_of(turn)))
        if complete and not self._history_open:
            self._ask(now)
        self._history_open = self._history_open and not complete

    def say(self, now: float, reply: Reply) -> bool:
        """Speak `reply` though nobody asked; False while the model is busy."""
        if self.model.phase is not Phase.LISTENING:
            return False
        self.model.answer(now, UserTurn(), reply)
        return True

    def settle(self, now: float) -> None:
        """Call after each step: a question that had to wait is answered when the model is free."""
        if self._pending is not None and self.model.phase is Phase.LISTENING:
            pending, self._pending = self._pending, None
            self._user_turn(now, pending)

    def _heard(self, now: float, events: list[Start | Spoken]) -> None:
        for event in events:
            if isinstance(event, Start):
                self._speech_begins(now, event)
            else:
                self._speech_ends(now, event)

    def _speech_begins(self, now: float, start: Start) -> None:
        number = self._script.count_up(TriggerKind.SPEECH)
        for fault in self._script.due(TriggerKind.SPEECH, number):
            self._agenda.add(now + fault.at_s, Misdo(fault))
        if self._tells_activity:
            at = max(now, start.arrived + self._timing.activity_start_ms / 1000)
            self._send(at, frames.voice_activity("ACTIVITY_START", start.offset_s), "voiceActivity")
        reaction_ms = self._timing.text_interrupt_ms if self._options.manual else self._timing.interrupt_ms
        self._barge(max(now, start.arrived + reaction_ms / 1000))

    def _speech_ends(self, now: float, spoken: Spoken) -> None:
        text = self._script.heard(self.memory.replies)
        self.memory.say(Said("user", text))
        if self._options.input_transcripts:
            for piece in text.split(" ") if self._profile.word_transcripts else [text]:
                space = " " if self._profile.word_transcripts else ""
                self._send(now, frames.input_transcription(piece + space), "inputTranscription")
        if self._tells_activity:
            self._send(now, frames.voice_activity("ACTIVITY_END", spoken.offset_s), "voiceActivity")
        self._user_turn(now, UserTurn(spoken.pcm, spoken.rate))

    @property
    def _tells_activity(self) -> bool:
        return self._profile.voice_activity and not self._options.manual

    def _ask(self, now: float) -> None:
        self._barge(now + self._timing.text_interrupt_ms / 1000)
        self._user_turn(now, UserTurn())

    def _barge(self, at: float) -> None:
        if self.model.turn is not None and self._options.interruptible:
            self._agenda.add(at, Barge(self.model.turn.number))

    def _user_turn(self, now: float, question: UserTurn) -> None:
        if self.model.phase is not Phase.LISTENING:
            self._pending = question  # NO_INTERRUPTION, or the barge-in is still to come
            return
        reply = self._script.reply(self.memory.replies)
        if reply.silent:
            self.memory.replies += 1
        else:
            self.model.answer(now, question, reply)

    def _send(self, at: float, frame: Frame, what: str) -> None:
        self._agenda.add(at, Send(encode(frame), what))


def _text_of(turn: dict[str, Any]) -> str:
    parts = turn.get("parts")
    if not isinstance(parts, list):
        return ""
    return " ".join(str(part["text"]) for part in parts if isinstance(part, dict) and "text" in part)
