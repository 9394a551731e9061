"""Functions that the model has called and waits for: every call is answered, once, in the session that asked or,
when that session is forgotten, as a text to the next one. Pure: time is a parameter.

All changes of a call's state are in ``TABLE``. A call is answered by the worker ``tools``, or by its deadline, or at
once when nobody could. What the server does not want any more (a cancellation, a duplicate, a late answer) goes
nowhere, and the worker is told so.
"""

import json
from collections import OrderedDict
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

from lived.units import SECOND, Ns, Turn
from lived.wire.events import Event, Function, ToolAnswer, ToolCall, ToolCancel, ToolTaken
from lived_workers.gateway.messages import Answer, Text

MARGIN = Ns(5 * SECOND)
"""Beyond the tool's own limit: the worker notices that one first, and can say more about it."""

MOST_OPEN = 64
"""Calls that wait at the same time; a model that asks for more is told so. An answer has at most 1 MiB, and real ones
a few hundred bytes."""

MOST_KNOWN = 256
"""Calls remembered after their answer, so that a duplicate or a late answer is known as such: 256 * ~300 B."""

LOCAL = "local-"
"""Calls that a person made (livectl tools call): their answers are not ours."""


class State(StrEnum):
    """Of one call."""

    ASKED = "asked"
    """The server waits; parts of an answer may have gone already."""
    ANSWERED = "answered"
    """The last answer waits to be sent."""
    SENT = "sent"
    """It was handed to the network; a broken connection may bring it back."""
    DROPPED = "dropped"
    """Nobody waits for it any more."""


class Input(StrEnum):
    """What can happen to it."""

    PART = "part"
    """An answer, and more follow."""
    LAST = "last answer"
    """Of the worker, or ours when it did not come."""
    HANDED = "handed over"
    """The last answer went to the network."""
    CANCELLED = "cancelled"


TABLE: dict[tuple[State, Input], State] = {
    (State.ASKED, Input.PART): State.ASKED,
    (State.ASKED, Input.LAST): State.ANSWERED,
    (State.ASKED, Input.HANDED): State.ASKED,
    (State.ASKED, Input.CANCELLED): State.DROPPED,
    (State.ANSWERED, Input.PART): State.ANSWERED,
    (State.ANSWERED, Input.LAST): State.ANSWERED,
    (State.ANSWERED, Input.HANDED): State.SENT,
    (State.ANSWERED, Input.CANCELLED): State.DROPPED,
    (State.SENT, Input.PART): State.SENT,
    (State.SENT, Input.LAST): State.SENT,
    (State.SENT, Input.HANDED): State.SENT,
    (State.SENT, Input.CANCELLED): State.SENT,  # too late: the answer is on its way
    (State.DROPPED, Input.PART): State.DROPPED,
    (State.DROPPED, Input.LAST): State.DROPPED,
    (State.DROPPED, Input.HANDED): State.DROPPED,
    (State.DROPPED, Input.CANCELLED): State.DROPPED,
}

_OPEN = (State.ASKED, State.ANSWERED)


class _Call:
    """One call; changed by ``Calls`` alone."""

    def __init__(self, name: str, deadline: Ns) -> None:
        self.name = name
        self.state = State.ASKED
        self.deadline = deadline
        self.next_number = 0
        self.kept_by_handle = False
        """The newest handle is younger than the call: a resumed session will know it."""
        self.stranger = False
        """The session that asked is not the one that is open, nor resumed by it."""


class Reply(NamedTuple):
    """What to do: events to publish, answers to send."""

    events: list[Event]
    answers: list[Answer]


class Calls:
    """All calls of one conversation."""

    def __init__(self, patience: Callable[[str, int], Ns], strangers: bool) -> None:
        """``patience(name, open)``: how long function ``name`` may take while so many are open, without the margin.
        ``strangers``: answers to calls that a former process has asked for are wanted (its session goes on)."""
        self._patience = patience
        self._strangers = strangers
        self._calls: OrderedDict[str, _Call] = OrderedDict()
        self.offered: dict[str, Function] = {}
        """By name; empty while nobody offers anything."""

    @property
    def open(self) -> int:
        """Calls asked by the server and not yet answered on the wire."""
        return sum(call.state in _OPEN for call in self._calls.values())

    # what the server says

    def asked(self, call_id: str, name: str, args: dict[str, Any], turn: Turn, now: Ns) -> Reply:
        """The model calls a function."""
        known = self._calls.get(call_id)
        if known is not None and known.state is not State.DROPPED:
            return Reply([], [])  # said twice; one answer is on its way
        refusal = self._refusal()
        limit = Ns(now + self._patience(name, self.open) + MARGIN)
        self._calls[call_id] = _Call(name, limit)
        self._calls.move_to_end(call_id)
        self._forget_oldest()
        if refusal:
            return Reply([], [self._own(call_id, refusal)])
        return Reply([ToolCall(call=call_id, name=name, args=args, turn=turn)], [])

    def cancelled(self, ids: list[str]) -> Reply:
        """The server does not wait for these any more."""
        dropped = [call_id for call_id in ids if self._move(call_id, Input.CANCELLED) is State.DROPPED]
        return Reply([ToolCancel(calls=dropped)] if dropped else [], [])

    def handle_came(self) -> None:
        """A resumable handle: a session resumed with it knows every call so far."""
        for call in self._calls.values():
            call.kept_by_handle = True

    # what the worker says

    def answered(self, answer: ToolAnswer, now: Ns) -> Reply:
        """The worker has run a function, or repeats that it has."""
        if answer.call.startswith(LOCAL):
            return Reply([], [])
        call = self._calls.get(answer.call)
        if call is None and self._strangers:
            call = self._calls[answer.call] = _Call(answer.name, now)
            call.stranger = True
            call.next_number = answer.number
            self._forget_oldest()
        if call is None or call.state is not State.ASKED:
            waits = call is not None and call.state is State.ANSWERED
            return Reply([] if waits else [taken(answer)], [])
        if answer.number < call.next_number:
            return Reply([], [])  # repeated; it waits to be sent, or was sent
        call.next_number = answer.number + 1
        self._move(answer.call, Input.PART if answer.more else Input.LAST)
        call.deadline = Ns(now + self._patience(call.name, self.open) + MARGIN)
        told = Answer(answer.call, call.name, answer.response, answer.scheduling, answer.more, answer.number)
        return Reply([], [told])

    def restarted(self) -> Reply:
        """The worker is another process now: what the former one was running has ended with it."""
        return self._give_up(
            lambda _: True, "The tool was interrupted: nobody knows whether it did its work. Ask before trying again."
        )

    def tick(self, now: Ns) -> Reply:
        """Calls whose answer did not come in time are answered by us, and the worker need not go on."""
        return self._give_up(lambda call: now >= call.deadline, "The tool did not answer in time.")

    # what the connection does

    def reopened(self, resumed: bool) -> None:
        """A session is open again. What it has not asked for itself is told it as text: it forgets all calls when it
        is a new one, and those that are younger than the handle when it was resumed."""
        for call in self._calls.values():
            call.stranger |= not (resumed and call.kept_by_handle)

    def ended(self) -> Reply:
        """The conversation was ended: nobody waits for anything."""
        waiting = [call_id for call_id, call in self._calls.items() if call.state is State.ASKED]
        self._calls.clear()
        self._strangers = False
        return Reply([ToolCancel(calls=waiting)] if waiting else [], [])

    # what the sender does

    def form(self, answer: Answer) -> Answer | Text | None:
        """How ``answer`` is sent now: as the answer to a call, as text, or not at all."""
        call = self._calls.get(answer.call)
        if call is None or call.state is State.DROPPED:
            return None
        if not call.stranger:
            return answer
        if answer.more:
            return None  # a text starts a reply: one is enough
        words = json.dumps(answer.response, ensure_ascii=False)
        return Text(f"The answer to the function call {answer.name} from before is: {words}")

    def handed(self, answer: Answer) -> Reply:
        """``answer`` was handed to the network, or turned out not to be wanted."""
        if not answer.more:
            self._move(answer.call, Input.HANDED)
        return Reply([ToolTaken(call=answer.call, number=answer.number)], [])

    # inside

    def _refusal(self) -> str:
        if self.open >= MOST_OPEN:
            return f"Too many calls at once: at most {MOST_OPEN}. Wait for the answers."
        if not self.offered:
            return "No tool can be used at the moment."
        return ""

    def _give_up(self, concerned: Callable[[_Call], bool], sentence: str) -> Reply:
        late = [i for i, call in self._calls.items() if call.state is State.ASKED and concerned(call)]
        return Reply([ToolCancel(calls=late)] if late else [], [self._own(i, sentence) for i in late])

    def _own(self, call_id: str, sentence: str) -> Answer:
        """Our own answer: an error that the model can speak of."""
        call = self._calls[call_id]
        self._move(call_id, Input.LAST)
        return Answer(call_id, call.name, {"error": sentence}, number=call.next_number)

    def _move(self, call_id: str, what: Input) -> State | None:
        call = self._calls.get(call_id)
        if call is None:
            return None
        call.state = TABLE[call.state, what]
        return call.state

    def _forget_oldest(self) -> None:
        """Never one that waits: there are at most MOST_OPEN of those, and they end by their deadline."""
        while len(self._calls) > MOST_KNOWN:
            oldest = next((i for i, call in self._calls.items() if call.state not in _OPEN), None)
            if oldest is None:
                return
            del self._calls[oldest]


def taken(answer: ToolAnswer) -> ToolTaken:
    """``answer`` is not wanted."""
    return ToolTaken(call=answer.call, number=answer.number)
