"""The functions that the model calls: when, what an answer leads to, and what a barge-in does to them.

    blocking      turn: [filler] toolCall ··· answers → content → its one turnComplete
    non-blocking  turn: toolCall, the filler goes on → turnComplete;  answers → content, as a turn of its own
    extended      turn: filler → turnComplete + IN_PROGRESS;  toolCall ··· answers → content → turnComplete + IDLE

`call_book` knows which call waits for what; this file plans.
"""

import random
from collections import deque
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from lived_workers.simulator import frames
from lived_workers.simulator.agenda import Agenda
from lived_workers.simulator.alarms import Alarm, CallAgain, CallDue, Misdo, Tell
from lived_workers.simulator.answering import IN_PROGRESS, UPDATE_S, Manner, Model, UserTurn
from lived_workers.simulator.call_book import Answer, Asked, CallBook, Group, Landing, Verdict, read_answer
from lived_workers.simulator.call_faults import issued, mishaps
from lived_workers.simulator.call_parts import after, before, new_id
from lived_workers.simulator.effects import Effect, Note, Send
from lived_workers.simulator.faults import TriggerKind
from lived_workers.simulator.frames import encode
from lived_workers.simulator.phases import Phase
from lived_workers.simulator.profiles import Interruption, Profile
from lived_workers.simulator.resumption import Memory, Said
from lived_workers.simulator.scenario import Call, Reply
from lived_workers.simulator.script import Script
from lived_workers.simulator.toolbox import Toolbox

ASK_AGAIN_S: Final = 0.5
"""An answer without content to the same call once more."""
ASK_AGAIN_TIMES: Final = (2, 5)
REPEAT_S: Final = 1.0
"""The fault call_reissued: a call to its repetition."""
CANCEL_S: Final = 0.05
"""The fault answered_call_cancelled: an answer to its cancellation."""
MOST_LANDINGS: Final = 16
"""Answers that wait to be spoken; the oldest goes. One turn each, of seconds: more than anybody would listen to."""


class Opening(msgspec.Struct):
    """A reply whose functions are not called yet."""

    turn: int
    reply: Reply
    calls: list[Call]
    blocking: bool
    call_s: float
    promised: bool
    """The call is planned when the opening turn is over."""


class Caller:
    """Calls functions and takes their answers. Owned by the conversation; times are the caller's clock in seconds."""

    def __init__(
        self,
        agenda: Agenda[Effect | Alarm],
        profile: Profile,
        script: Script,
        memory: Memory,
        model: Model,
        rng: random.Random,
    ) -> None:
        self._agenda, self._profile, self._script, self._rng = agenda, profile, script, rng
        self._memory, self._model = memory, model
        self.book = CallBook(memory.calls)
        self._opening: Opening | None = None
        self._watched: Group | None = None
        self._landings: deque[Reply] = deque(maxlen=MOST_LANDINGS)
        self._again: Reply | None = None
        self._again_due = False

    def begin(self, now: float, question: UserTurn, reply: Reply, toolbox: Toolbox) -> None:
        """Answer a user's turn with a reply that has calls; those that nobody declared are not made."""
        reply = replace(reply, faults=[*reply.faults, *self._model.taints])
        self._model.taints.clear()
        calls = issued(reply, toolbox)
        if unknown := [call.name for call in reply.calls if call.name not in toolbox.functions]:
            self._agenda.add(now, Note("undeclared", {"names": unknown}))
        if not calls:
            self._model.answer(now, question, replace(reply, calls=[]))
            return
        extended, blocking = self._profile.extended, self._blocks(calls, toolbox)
        wait_ms = next(
            ms for ms in (reply.call_ms, self._script.scenario.timing.call_ms, self._profile.call_ms) if ms is not None
        )
        manner = Manner(ends=not blocking, call_at=None if extended else now + wait_ms / 1000, promises=extended)
        turn = self._model.answer(now, question, before(reply, wait_ms, blocking, extended), manner)
        self._opening = Opening(turn.number, reply, calls, blocking, wait_ms / 1000, extended)

    def due(self, now: float, turn: int) -> None:
        """The functions of the reply that `turn` opened are called now."""
        opening = self._opening
        if opening is None or opening.turn != turn:
            return
        self._opening = None
        if "promise_no_call" in opening.reply.faults:
            self._say(now, opening.blocking, turn, self._after(opening.reply, []))
            return
        group = self._group(opening.turn, opening.blocking, opening.reply, opening.calls)
        self._watched = group
        self._call(now, group, list(group.waiting.values()))
        for after_s, mishap in mishaps(opening.reply):
            self._agenda.add(now + after_s, Misdo(mishap))
        if "call_reissued" in opening.reply.faults:
            repeat = self._group(opening.turn, False, None, opening.calls)
            self._send_calls(now + REPEAT_S, repeat, list(repeat.waiting.values()))

    def answered(self, now: float, responses: list[dict[str, Any]]) -> None:
        """A toolResponse. Raises ProtocolViolationError for one without id or with fields of the wrong type."""
        for answer in [read_answer(response) for response in responses]:
            verdict, group = self.book.take(answer)
            detail = {"id": answer.id, "verdict": verdict, "scheduling": answer.landing}
            self._agenda.add(now, Note("answer", detail))
            if group is not None and verdict is Verdict.EMPTY:
                asked = self.book.ask_again(group, answer.id, self._id())
                self._send_calls(now + ASK_AGAIN_S, group, [asked])
            elif group is not None:
                self._taken(now, group, answer, verdict)

    def watch(self, now: float) -> None:
        """Call after each step: a call whose turn was cut goes with it."""
        opening, group = self._opening, self._watched
        if opening is not None and self._model.last_cut == opening.turn:
            self._opening = None
        elif opening is not None and opening.promised and not self._is_under_way(opening.turn):
            opening.promised = False
            self._agenda.add(now + opening.call_s, CallDue(opening.turn))
        if group is None or self._is_under_way(group.turn):
            return
        self._watched = None
        if self._model.last_cut == group.turn and (ids := self.book.drop(group)):
            self._dropped(now, group, ids)

    def settle(self, now: float, speaking: bool) -> None:
        """Call when nobody's question waits: an answer that had to wait is spoken when it is quiet."""
        if self._landings and self._model.phase is Phase.LISTENING and not speaking:
            self._model.answer(now, UserTurn(), self._landings.popleft(), Manner(counted=False))

    def again(self, now: float, speaking: bool, toolbox: Toolbox) -> None:
        """The call that a barge-in dropped is made once more, or when the user has finished."""
        if self._again is None:
            return
        self._again_due = speaking
        if speaking:
            return
        again, self._again = self._again, None
        if self._model.phase is Phase.LISTENING:
            self.begin(now, UserTurn(), replace(again, filler=None, call_ms=0.0), toolbox)

    def takes(self, now: float, toolbox: Toolbox) -> bool:
        """Whether the user's turn is answered by a call that is made once more."""
        if self._again is not None and self._again_due:
            self.again(now, False, toolbox)
            return True
        return self._again is not None

    def _blocks(self, calls: list[Call], toolbox: Toolbox) -> bool:
        default = self._profile.functions.default
        return not self._profile.extended and any(toolbox.blocks(call.name, default) for call in calls)

    def _taken(self, now: float, group: Group, answer: Answer, verdict: Verdict) -> None:
        reply = group.reply
        self._memory.say(Said("function", answer.text))
        if reply is not None and "answered_call_cancelled" in reply.faults:
            self._plan(now + CANCEL_S, frames.tool_call_cancellation([answer.id]), "toolCallCancellation")
        if group.waiting:
            if verdict is Verdict.PARTIAL and reply is not None and reply.speak_answer and not group.blocking:
                self._land(now, group.landing, self._after(reply, [answer.text]))
                group.said.clear()
            return
        self._agenda.add(now + UPDATE_S, Tell())
        for fault in self._script.trip(TriggerKind.ANSWER):
            self._agenda.add(now + fault.at_s, Misdo(fault))
        if reply is None or (reply.speak_answer and not group.said and not group.blocking):
            return
        spoken = self._after(reply, group.said)
        if group.blocking:
            self._say(now, True, group.turn, spoken)
        else:
            self._land(now, group.landing if self._profile.scheduling else Landing.WHEN_IDLE, spoken)

    def _land(self, now: float, landing: Landing, reply: Reply) -> None:
        if landing is Landing.SILENT:
            return
        if landing is Landing.INTERRUPT:
            self._landings.appendleft(reply)
            self._watched = None  # this cut is no barge-in
            self._model.cut(now, generated=self._profile.interruption is Interruption.CANCELS)
        else:
            self._landings.append(reply)

    def _say(self, now: float, blocking: bool, turn: int, reply: Reply) -> None:
        """Speak in the turn that waits for it, or, if that is gone (a resumed session), in one of its own."""
        if blocking and self._is_under_way(turn):
            if self._model.phase is not Phase.CALLING:
                self._model.hold()
            self._model.go_on(now, reply)
        else:
            self._landings.append(reply)

    def _is_under_way(self, turn: int) -> bool:
        return self._model.turn is not None and self._model.turn.number == turn

    def _dropped(self, now: float, group: Group, ids: list[str]) -> None:
        self._agenda.add(now, Note("dropped", {"ids": ids}))
        if self._profile.interruption is Interruption.CANCELS:
            self._plan(now, frames.tool_call_cancellation(ids), "toolCallCancellation")
        elif group.reply is not None:
            self._again, self._again_due = group.reply, False
            first, last = self._script.scenario.timing.reissue_ms
            self._agenda.add(now + self._rng.uniform(first, last) / 1000, CallAgain())

    def _group(self, turn: int, blocking: bool, reply: Reply | None, calls: list[Call]) -> Group:
        waiting = {number: Asked(number, call.name, call.args) for call in calls for number in [self._id()]}
        retries = self._rng.randint(*ASK_AGAIN_TIMES) if self._profile.asks_again and reply is not None else 0
        group = Group(turn, blocking, reply, waiting, retries)
        self.book.open(group)
        return group

    def _call(self, now: float, group: Group, asked: list[Asked]) -> None:
        self._send_calls(now, group, asked)
        if group.blocking:
            self._model.hold()
        self._model.tell_busy(now)
        for fault in self._script.trip(TriggerKind.CALL):
            self._agenda.add(now + fault.at_s, Misdo(fault))

    def _send_calls(self, at: float, group: Group, asked: list[Asked]) -> None:
        args_are_text = group.reply is not None and "args_not_object" in group.reply.faults
        calls = [
            {"id": one.id, "name": one.name, "args": str(one.args) if args_are_text else one.args} for one in asked
        ]
        status = {"interactionStatus": IN_PROGRESS} if self._profile.extended else {}
        self._plan(at, {**frames.tool_call(calls), **status}, "toolCall")
        detail = {"ids": [one.id for one in asked], "names": [one.name for one in asked], "blocking": group.blocking}
        self._agenda.add(at, Note("call", detail))

    def _plan(self, at: float, frame: frames.Frame, what: str) -> None:
        self._agenda.add(at, Send(encode(frame), what))

    def _after(self, reply: Reply, said: list[str]) -> Reply:
        return after(reply, said, self._script.scenario.timing.answer_ms)

    def _id(self) -> str:
        return new_id(self._script.scenario.call_ids, self._rng)
