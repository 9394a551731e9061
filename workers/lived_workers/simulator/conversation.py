"""One session's conversation after setupComplete: what the user does, and what that makes the model do. Pure.

Time is a parameter (seconds of the caller's clock); what is to be done is planned on the agenda.
"""

import random
from typing import Any, Final

from lived_workers.simulator import frames
from lived_workers.simulator.agenda import Agenda
from lived_workers.simulator.alarms import Alarm, Barge, Misdo
from lived_workers.simulator.answering import Model, UserTurn
from lived_workers.simulator.calling import Caller
from lived_workers.simulator.closes import (
    ABORTED,
    CONTEXT_EXHAUSTED,
    INVALID_ARGUMENT,
    ProtocolViolationError,
    unknown_name,
)
from lived_workers.simulator.content_faults import long_text
from lived_workers.simulator.effects import CloseSocket, Effect, Note, Send
from lived_workers.simulator.faults import Fault, TriggerKind
from lived_workers.simulator.frame_faults import FRAME_FAULTS
from lived_workers.simulator.frames import Frame, encode
from lived_workers.simulator.listening import Listening, Spoken
from lived_workers.simulator.phases import Phase
from lived_workers.simulator.profiles import Profile
from lived_workers.simulator.resumption import Memory, Said
from lived_workers.simulator.scenario import Reply
from lived_workers.simulator.script import Script
from lived_workers.simulator.session_options import SessionOptions
from lived_workers.simulator.setup_rules import tools_objection
from lived_workers.simulator.toolbox import read_toolbox
from lived_workers.simulator.usage import Modality, audio_tokens, text_tokens
from lived_workers.simulator.vad import Start

FASTEST_IMAGES_S: Final = 0.9
"""One a second, with a tenth for the client's clock: faster ones are wasted."""
WORDS_LATE_S: Final = 0.3
WORD_S: Final = 0.08
"""Where transcripts come word by word: end of speech to the first, and from one to the next."""


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
        self._speaking = False
        self._image_at: float | None = None
        self._toolbox = options.toolbox
        self.silent = False
        """No new turn is begun: the connection is about to end."""
        self.memory = memory
        self.model = Model(agenda, profile, script, memory, options, rng)
        self.model.can_search = options.toolbox.search
        self.calls = Caller(agenda, profile, script, memory, self.model, rng)

    def audio(self, now: float, pcm: bytes, rate: int, legacy: bool) -> None:
        """A chunk of the microphone. Raises ProtocolViolationError for mediaChunks where they are gone."""
        if legacy and not self._profile.media_chunks:
            raise ProtocolViolationError(INVALID_ARGUMENT)
        if pcm and self.calls.book.aborts_on_audio:
            raise ProtocolViolationError(ABORTED)
        if self._options.all_input:
            self.memory.context.spend(Modality.AUDIO, audio_tokens(len(pcm), rate))
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
            self.memory.user_said(text, Modality.TEXT, text_tokens(text))
            self._ask(now)

    def video(self, now: float, image: bytes) -> None:
        """One image: it costs tokens, and more than one a second is told to the journal."""
        self.memory.images += 1
        self.memory.context.spend(Modality.VIDEO, self._options.image_tokens)
        if self._image_at is not None and now - self._image_at < FASTEST_IMAGES_S:
            self._note(now, "video_too_fast", {"gap_s": round(now - self._image_at, 3), "bytes": len(image)})
        self._image_at = now

    def context_update(self, now: float, body: dict[str, Any]) -> None:
        """New instruction or tools; what is not named stays. Raises ProtocolViolationError."""
        if not self._profile.context_update:
            raise ProtocolViolationError(unknown_name("contextUpdate"))
        tools = read_update(body, self._profile)
        if tools is not None:
            self._toolbox = read_toolbox(tools)
            self.model.can_search = self._toolbox.search
        for part, value in body.items():
            self.memory.context.instruct(part, value)
        names = sorted(self._toolbox.functions)
        self._note(now, "context", {"instruction": "systemInstruction" in body, "functions": names})

    def client_content(self, now: float, turns: list[dict[str, Any]], complete: bool) -> None:
        """History; with `complete` a question, unless it is the initial history. Raises ProtocolViolationError."""
        if not (self._history_open or self._profile.content_mid_session):
            raise ProtocolViolationError(INVALID_ARGUMENT)
        for turn in turns:
            self.memory.context.spend(Modality.TEXT, text_tokens(_text_of(turn)))
            self.memory.context.spend(Modality.IMAGE, _images_in(turn) * self._options.image_tokens)
            self.memory.say(Said(str(turn.get("role", "user")), _text_of(turn)))
        if complete and not self._history_open:
            self._ask(now, whatever_happens=True)
        self._history_open = self._history_open and not complete

    def say(self, now: float, reply: Reply) -> bool:
        """Speak `reply` though nobody asked; False while the model is busy."""
        if self.model.phase is not Phase.LISTENING:
            return False
        self._reply(now, UserTurn(), self._script.complete(self.memory.replies, reply))
        return True

    def settle(self, now: float) -> None:
        """Call after each step: a question that had to wait is answered when the model is free, then an answer."""
        self.calls.watch(now)
        if self.silent:
            return
        if self._pending is not None and self.model.phase is Phase.LISTENING:
            pending, self._pending = self._pending, None
            self._user_turn(now, pending)
        self.calls.settle(now, self._speaking)

    def call_again(self, now: float) -> None:
        """The call that a barge-in dropped is due once more."""
        if not self.silent:
            self.calls.again(now, self._speaking, self._toolbox)

    @property
    def busy(self) -> bool:
        """Whether the model generates or waits for a function."""
        return self.calls.book.waiting or self.model.phase in {Phase.GENERATING, Phase.CALLING}

    def _heard(self, now: float, events: list[Start | Spoken]) -> None:
        for event in events:
            if isinstance(event, Start):
                self._speech_begins(now, event)
            else:
                self._speech_ends(now, event)

    def _speech_begins(self, now: float, start: Start) -> None:
        self._speaking = True
        for fault in self._script.trip(TriggerKind.SPEECH):
            self._agenda.add(now + fault.at_s, Misdo(fault))
        if self._tells_activity:
            at = max(now, start.arrived + self._timing.activity_start_ms / 1000)
            self._send(at, frames.voice_activity("ACTIVITY_START", start.offset_s), "voiceActivity")
        reaction_ms = self._timing.text_interrupt_ms if self._options.manual else self._timing.interrupt_ms
        self._barge(max(now, start.arrived + reaction_ms / 1000))

    def _speech_ends(self, now: float, spoken: Spoken) -> None:
        self._speaking = False
        text = self._script.heard(self.memory.replies)
        tokens = 0.0 if self._options.all_input else audio_tokens(len(spoken.pcm), spoken.rate)
        self.memory.user_said(text, Modality.AUDIO, tokens)
        if self._options.input_transcripts:
            self._tell_what_was_said(now, text)
        if self._tells_activity:
            self._send(now, frames.voice_activity("ACTIVITY_END", spoken.offset_s), "voiceActivity")
        self._user_turn(now, UserTurn(spoken.pcm, spoken.rate))

    def _tell_what_was_said(self, now: float, text: str) -> None:
        faults = self._script.reply(self.memory.replies).faults
        text = long_text(text) if "long_transcript" in faults else "" if "empty_transcript" in faults else text
        for late_s, piece in pieces(text, self._profile.word_transcripts):
            self._send(now + late_s, frames.input_transcription(piece), "inputTranscription")

    @property
    def _tells_activity(self) -> bool:
        return self._profile.voice_activity and not self._options.manual

    def _ask(self, now: float, whatever_happens: bool = False) -> None:
        self._barge(now + self._timing.text_interrupt_ms / 1000, whatever_happens)
        self._user_turn(now, UserTurn())

    def _barge(self, at: float, whatever_happens: bool = False) -> None:
        """Interrupt; with NO_INTERRUPTION only what interrupts `whatever_happens`."""
        if self.model.turn is not None and (self._options.interruptible or whatever_happens):
            self._agenda.add(at, Barge(self.model.turn.number))

    def _user_turn(self, now: float, question: UserTurn) -> None:
        if self.model.phase is not Phase.LISTENING:
            self._pending = question  # NO_INTERRUPTION, or the barge-in is still to come
            return
        if not self._fits(now) or self.calls.takes(now, self._toolbox):
            return
        reply = self._script.reply(self.memory.replies)
        if reply.silent:
            self.memory.replies += 1
            for name in set(reply.faults) & FRAME_FAULTS.keys():
                self._agenda.add(now, Misdo(Fault(do=name)))
        else:
            self._reply(now, question, reply)

    def _reply(self, now: float, question: UserTurn, reply: Reply) -> None:
        if reply.calls:
            self.calls.begin(now, question, reply, self._toolbox)
        else:
            self.model.answer(now, question, reply)

    def _fits(self, now: float) -> bool:
        """Whether the prompt fits into the context, compressed if the client wants that; else the connection ends."""
        window, compression = self._script.scenario.limits.context_tokens, self._options.compression
        total = self.memory.context.total
        if compression is not None and total > compression.trigger:
            self.memory.compress(compression.target)
            self._note(now, "compressed", {"from": total, "to": self.memory.context.total})
        elif compression is None and window and total > window:
            self._agenda.add(now, CloseSocket(CONTEXT_EXHAUSTED.code, CONTEXT_EXHAUSTED.reason))
            return False
        return True

    def _note(self, now: float, kind: str, detail: dict[str, Any]) -> None:
        self._agenda.add(now, Note(kind, detail))

    def _send(self, at: float, frame: Frame, what: str) -> None:
        self._agenda.add(at, Send(encode(frame), what))


def pieces(text: str, by_word: bool) -> list[tuple[float, str]]:
    """An input transcript as it is told, each piece with its seconds after the end of the speech."""
    if not by_word:
        return [(0.0, text)]
    return [(WORDS_LATE_S + index * WORD_S, word + " ") for index, word in enumerate(text.split(" "))]


def read_update(body: dict[str, Any], profile: Profile) -> list[Any] | None:
    """The tools in a contextUpdate, None when they stay. Raises ProtocolViolationError."""
    if unknown := body.keys() - {"systemInstruction", "tools"}:
        raise ProtocolViolationError(unknown_name(min(unknown), "context_update"))
    wanted = body.get("tools")
    tools: Any = wanted.get("tools") if isinstance(wanted, dict) else wanted
    close = tools_objection(tools or [], profile) if body else INVALID_ARGUMENT
    if close is not None:
        raise ProtocolViolationError(close)
    return None if wanted is None else tools or []


def _text_of(turn: dict[str, Any]) -> str:
    parts = turn.get("parts")
    if not isinstance(parts, list):
        return ""
    return " ".join(str(part["text"]) for part in parts if isinstance(part, dict) and "text" in part)


def _images_in(turn: dict[str, Any]) -> int:
    parts = turn.get("parts")
    return sum(isinstance(part, dict) and "inlineData" in part for part in parts) if isinstance(parts, list) else 0
