"""The model's side of a conversation: one reply at a time, laid out on the agenda, cut or brought to its end.

Everything planned for a turn carries its number. A cut takes it all off the agenda, due or not, and only then plans
`interrupted`: so no sound of a cut turn can follow it. `phases.PHASES` is the state machine; this file plans the frames
around it.
"""

import random
from typing import Final

import msgspec
from msgspec.structs import replace

from lived_workers.simulator import frames
from lived_workers.simulator.agenda import Agenda
from lived_workers.simulator.alarms import Alarm, Barge, CallDue, Misdo, Quietly, Tell
from lived_workers.simulator.content_faults import LONG_REPLY_S, Content, shaped
from lived_workers.simulator.effects import Effect, Prepare, Send
from lived_workers.simulator.faults import TriggerKind
from lived_workers.simulator.frames import Frame, encode
from lived_workers.simulator.phases import PHASES, Event, Phase, follow
from lived_workers.simulator.profiles import Interruption, Profile
from lived_workers.simulator.resumption import Memory, Said
from lived_workers.simulator.scenario import Interrupted, Reply, Timing
from lived_workers.simulator.script import Script
from lived_workers.simulator.session_options import SessionOptions
from lived_workers.simulator.timeline import BYTES_PER_SECOND, Step, Style, lay_out, turn_complete
from lived_workers.simulator.usage import AUDIO_TOKENS_PER_SECOND, Modality

BEFORE_SOUND_S = 0.05
"""How long before the first sound the server sends its empty frames."""
AFTER_CUT_S = 0.003
"""interrupted to its turnComplete."""
UPDATE_S = 0.005
"""turnComplete to the next resumption handle."""
LATE_AUDIO_FRAMES = 3
IDLE: Final = "IDLE"
IN_PROGRESS: Final = "IN_PROGRESS"


class UserTurn(msgspec.Struct, frozen=True):
    """What the user wants answered: speech (s16le mono at `rate` Hz), or text and so no sound."""

    pcm: bytes = b""
    rate: int = 16_000


class Manner(msgspec.Struct, frozen=True):
    """What kind of turn it is."""

    ends: bool = True
    """Whether it is complete after its sound; otherwise it waits for a function."""
    call_at: float | None = None
    """When it calls functions; after its sound if it waits for them."""
    promises: bool = False
    """Whether more follows, which models that tell their status say."""
    counted: bool = True
    """Whether it answers a user's turn."""


class Turn(msgspec.Struct):
    """The reply under way. Owned by the model."""

    number: int
    reply: Reply
    not_before: float
    """When its first sound may go out."""
    manner: Manner = Manner()
    sounded: bool = False
    """Whether the client has got anything of it."""
    transcript: str = ""
    planned_bytes: int = 0
    sent_bytes: int = 0


class Model:
    """Speaks. Owned by its conversation; times are the caller's clock in seconds."""

    def __init__(
        self,
        agenda: Agenda[Effect | Alarm],
        profile: Profile,
        script: Script,
        memory: Memory,
        options: SessionOptions,
        rng: random.Random,
    ) -> None:
        self._agenda, self._profile, self._script, self._rng = agenda, profile, script, rng
        self._timing: Timing = script.scenario.timing
        self._options = options
        self._memory = memory
        self.phase = Phase.LISTENING
        self.turn: Turn | None = None
        self.last_cut = 0
        """The turn cut last."""
        self.taints: list[str] = []
        """Faults for the next reply."""
        self.can_search = False
        """Whether the client has declared Google Search."""

    def answer(self, now: float, question: UserTurn, reply: Reply, manner: Manner | None = None) -> Turn:
        """Begin a reply; its sound is asked for at once and goes out when thinking is over."""
        self.phase = follow(PHASES, self.phase, Event.USER_TURN)
        number = self._script.count_up(TriggerKind.TURN)
        wait_ms = self._timing.first_audio_ms if reply.first_audio_ms is None else reply.first_audio_ms
        reply, self.taints = replace(reply, faults=[*reply.faults, *self.taints]), []
        if "sixty_seconds" in reply.faults and reply.marks_s is not None:
            reply = replace(reply, marks_s=float(LONG_REPLY_S))  # numbered samples are never repeated
        self.turn = Turn(number, reply, now + wait_ms / 1000, manner or Manner())
        self._agenda.add(now, Prepare(number, reply, question.pcm, question.rate), number)
        return self.turn

    def hold(self) -> None:
        """The turn under way has called functions: not a sound until `go_on`."""
        self.phase = follow(PHASES, self.phase, Event.CALLED)

    def go_on(self, now: float, reply: Reply) -> None:
        """The functions are answered: the rest of the turn is `reply`."""
        turn = self.turn
        assert turn is not None, "only a turn that waits goes on"  # noqa: S101
        self.phase = follow(PHASES, self.phase, Event.ANSWERED)
        turn.reply, turn.manner, turn.not_before = reply, Manner(), now + (reply.first_audio_ms or 0.0) / 1000
        self._agenda.add(now, Prepare(turn.number, reply, b"", 16_000), turn.number)

    def speak_up(self, now: float) -> None:
        """Speak though nobody asked; nothing while busy."""
        if self.phase is Phase.LISTENING:
            reply = self._script.reply(self._memory.replies)
            self.answer(now, UserTurn(), replace(reply, calls=[], silent=False), Manner(counted=False))

    def content_ready(self, now: float, number: int, content: Content) -> None:
        """The sound of turn `number` is made; nothing happens if the turn was cut meanwhile."""
        turn = self.turn
        if turn is None or turn.number != number:
            return
        content = shaped(content, turn.reply.faults)
        turn.transcript = f"{turn.transcript} {content.transcript}".strip()
        start = max(now, turn.not_before)
        steps = lay_out(content, turn.reply, self._style(turn.manner), self._rng)
        if self._profile.heartbeats and steps:
            for empty in ({}, frames.content()):
                self._agenda.add(max(now, start - BEFORE_SOUND_S), Send(encode(empty), "heartbeat"), number)
        for step in steps:
            turn.planned_bytes += len(step.pcm)
            self._agenda.add(start + step.at_s, _planned(step, number), number)
        if turn.manner.call_at is not None:
            last = max((start + step.at_s for step in steps), default=now)
            call_at = turn.manner.call_at if turn.manner.ends else max(last, turn.manner.call_at)
            self._agenda.add(max(now, call_at), CallDue(number), number)

    def sent(self, now: float, send: Send) -> None:
        """`send` is going out: what that means for the turn."""
        turn = self.turn
        if turn is None or send.turn != turn.number:
            return
        turn.sent_bytes += len(send.pcm)
        if send.event is not None:
            self.happened(now, turn.number, send.event)

    def happened(self, now: float, number: int, event: Event) -> None:
        """`event` of turn `number`, told to the client or not."""
        turn = self.turn
        if turn is None or turn.number != number:
            return
        self.phase = follow(PHASES, self.phase, event)
        if event is Event.FIRST_AUDIO and not turn.sounded:
            for fault in self._script.due(TriggerKind.TURN, number):
                self._agenda.add(now + fault.at_s, Misdo(fault))
            self.tell_busy(now)
        turn.sounded = True
        if event is Event.TURN_DONE:
            self._over(now, turn, interrupted=False)

    def barge(self, now: float, number: int) -> None:
        """The user has talked over turn `number` for long enough; nothing if it is over."""
        turn = self.turn
        if turn is None or turn.number != number or turn.reply.interrupted is Interrupted.NEVER:
            return
        if turn.reply.interrupted is Interrupted.AFTER_GENERATION and self.phase is Phase.GENERATING:
            self._hasten(now, number)
            self._agenda.add(now + AFTER_CUT_S, Barge(number))
        else:
            self.cut(now)

    def cut(self, now: float, generated: bool = False) -> None:
        """Interrupt the reply under way: silently before its first frame, else with interrupted and turnComplete.

        `generated`: say generationComplete first, as for an answer that interrupts.
        """
        turn = self.turn
        if turn is None:
            return
        unsent = self._agenda.cancel(turn.number)
        counts = self._counts(turn)
        if generated and self.phase is Phase.GENERATING:
            self._plan(now, frames.content(generationComplete=True), "generationComplete", turn)
        self.phase = follow(PHASES, self.phase, Event.CUT)
        self.last_cut = turn.number
        if not turn.sounded:
            self.turn = None
            self._memory.replies += counts
            return
        manner = turn.reply.interrupted
        for _ in range(2 if manner is Interrupted.DOUBLE else 1):
            self._plan(now, frames.content(interrupted=True), "interrupted", turn)
        if manner is Interrupted.LATE_AUDIO:
            audio = [item for item in unsent if isinstance(item, Send) and item.what == "audio"]
            for item in audio[:LATE_AUDIO_FRAMES]:
                self._agenda.add(now, msgspec.structs.replace(item, event=None))
        if manner is not Interrupted.NO_TURN_COMPLETE:
            complete = turn_complete(self._style(Manner()), turn.sent_bytes)
            self._plan(now + AFTER_CUT_S, complete, "turnComplete", turn)
        turn.manner = Manner(counted=counts)
        self._over(now + AFTER_CUT_S, turn, interrupted=True)

    def _counts(self, turn: Turn) -> bool:
        """Whether a cut turn was an answer: not without a frame; not if its call comes again, to the same question."""
        comes_again = self.phase is Phase.CALLING and self._profile.interruption is Interruption.REISSUES
        return turn.manner.counted and not comes_again and (turn.sounded or self.phase is Phase.CALLING)

    def stall(self, seconds: float) -> None:
        """Everything of the reply under way that is still to come, comes later."""
        if self.turn is not None:
            self._agenda.move(self.turn.number, lambda at, _: at + seconds)

    def _hasten(self, now: float, number: int) -> None:
        """All sound and generationComplete of the turn are due now."""
        late = {"turnComplete"}
        self._agenda.move(number, lambda at, item: at if isinstance(item, Send) and item.what in late else min(at, now))

    def _over(self, now: float, turn: Turn, interrupted: bool) -> None:
        share = turn.sent_bytes / turn.planned_bytes if turn.planned_bytes else 1.0
        words = turn.transcript.split(" ")
        text = " ".join(words[: round(len(words) * share)]) if interrupted else turn.transcript
        self._memory.say(Said("model", text, interrupted))
        self._memory.context.spend(Modality.AUDIO, turn.sent_bytes / BYTES_PER_SECOND * AUDIO_TOKENS_PER_SECOND)
        self._memory.replies += turn.manner.counted
        self.turn = None
        self._agenda.add(now + UPDATE_S, Tell())

    def _plan(self, at: float, frame: Frame, what: str, turn: Turn) -> None:
        # the turn is named inside, for the journal, but not to the agenda: a cut must not take its own frames away
        self._agenda.add(at, Send(encode(frame), what, turn.number))

    def tell_busy(self, now: float) -> None:
        """Where there are no handles while the model is busy, it says so when that begins."""
        if not self._script.scenario.handles.while_busy:
            self._agenda.add(now, Tell())

    def _style(self, manner: Manner) -> Style:
        timing, profile = self._timing, self._profile
        silence_ms, reply = timing.trailing_silence_ms, self.turn.reply if self.turn else Reply()
        return Style(
            burst=timing.burst or profile.burst,
            role=profile.role,
            heartbeats=profile.heartbeats,
            trailing_silence_ms=profile.trailing_silence_ms if silence_ms is None else silence_ms,
            jitter_ms=timing.jitter_ms,
            late_ms=timing.late_ms,
            transcripts=self._options.output_transcripts,
            prompt=self._memory.context.prompt(),
            status=(IN_PROGRESS if manner.promises else IDLE) if profile.extended else None,
            thoughts=profile.thoughts and self._options.include_thoughts,
            search=reply.search if self.can_search else None,
            ends=manner.ends,
        )


def _planned(step: Step, number: int) -> Send | Quietly:
    if step.data is None:
        assert step.event is not None, "a step that sends nothing is there for its event"  # noqa: S101
        return Quietly(number, step.event)
    return Send(step.data, step.what, number, step.pcm, step.event)
