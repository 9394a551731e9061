"""Function calls that wait for their answer, and what an answer is worth. Pure bookkeeping; `calling` acts on it."""

from collections import OrderedDict
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from lived_workers.simulator.closes import INVALID_ARGUMENT, ProtocolViolationError, invalid_value
from lived_workers.simulator.scenario import Reply

MOST_GROUPS: Final = 64
"""toolCalls that may wait at once; the oldest is forgotten. Far over what one reply can lead to."""
MOST_CLOSED: Final = 1_000
"""Ids remembered as answered or dropped: 1000 x 100 bytes."""


class Landing(StrEnum):
    """`scheduling`: how an answer to a non-blocking call makes itself heard, weakest first."""

    SILENT = "SILENT"
    WHEN_IDLE = "WHEN_IDLE"
    INTERRUPT = "INTERRUPT"


_LANDINGS: Final[Mapping[str, Landing]] = {
    **{landing.value: landing for landing in Landing},
    "INTERRUPTED": Landing.INTERRUPT,  # one page of the documentation writes it so
    "SCHEDULING_UNSPECIFIED": Landing.WHEN_IDLE,
}
_STRENGTH: Final = list(Landing)


class Verdict(StrEnum):
    """What became of one answer."""

    TAKEN = "taken"
    PARTIAL = "partial"
    """A generator (`willContinue`): the call still waits."""
    EMPTY = "empty"
    """It said nothing: the model asks again."""
    TWICE = "answered before"
    DROPPED = "dropped"
    """Its call went with an interruption."""
    UNKNOWN = "unknown"
    """Never issued in this session, or after the handle with which it was resumed."""


class Answer(msgspec.Struct, frozen=True):
    """One function response."""

    id: str
    response: Any
    landing: Landing
    will_continue: bool

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it; a landing alone is nothing."""
        if not isinstance(self.response, Mapping):
            return not self.response
        return not any(value not in (None, "", [], {}) for key, value in self.response.items() if key != "scheduling")

    @property
    def text(self) -> str:
        """What can be said of it."""
        values = self.response if isinstance(self.response, Mapping) else {"result": self.response}
        error = values.get("error")
        if error:
            return f"That did not work: {error}."
        said = [
            str(value) if key in {"result", "output"} else f"{key.replace('_', ' ')}: {value}"
            for key, value in values.items()
            if key != "scheduling"
        ]
        return ", ".join(said).rstrip(".") + "."


def read_answer(body: Mapping[str, Any]) -> Answer:
    """One item of `functionResponses`. Raises ProtocolViolationError."""
    number, response = body.get("id"), body.get("response", {})
    if not isinstance(number, str) or not number:
        raise ProtocolViolationError(INVALID_ARGUMENT)
    will_continue = body.get("willContinue", False)
    if not isinstance(will_continue, bool):
        at = "tool_response.function_responses.will_continue"
        raise ProtocolViolationError(invalid_value(at, "TYPE_BOOL", "expected true or false"))
    beside = body.get("scheduling")
    if beside is not None and beside not in _LANDINGS:
        at = "tool_response.function_responses.scheduling"
        raise ProtocolViolationError(invalid_value(at, "TYPE_ENUM", f'"{beside}"'[:60]))
    # the documentation's examples write it inside the response, the schema has it beside
    inside = response.get("scheduling") if isinstance(response, Mapping) else None
    landing = _LANDINGS.get(str(beside if beside is not None else inside), Landing.WHEN_IDLE)
    return Answer(number, response, landing, will_continue)


class Asked(msgspec.Struct):
    """One call that waits."""

    id: str
    name: str
    args: Any
    heard_from: bool = False
    """A generator has said something already: its last word may be empty."""


class Group(msgspec.Struct):
    """The calls of one toolCall frame."""

    turn: int
    blocking: bool
    reply: Reply | None
    """What is said when all are answered; None: nothing, it only repeats others."""
    waiting: dict[str, Asked]
    retries: int = 0
    """How often an empty answer still makes the model ask again."""
    landing: Landing = Landing.SILENT
    """The strongest so far."""
    said: list[str] = []
    """What the answers say."""


class CallBook:
    """Who waits for what. `groups` belongs to the session's memory, so that a resumed session knows them."""

    def __init__(self, groups: list[Group]) -> None:
        self.groups = groups
        self._closed: OrderedDict[str, Verdict] = OrderedDict()

    @property
    def waiting(self) -> bool:
        """Whether a call waits for its answer."""
        return bool(self.groups)

    @property
    def aborts_on_audio(self) -> bool:
        """Whether a call with the fault audio_aborts_call waits: the microphone ends the connection."""
        return any(group.reply and "audio_aborts_call" in group.reply.faults for group in self.groups)

    def open(self, group: Group) -> None:
        """A toolCall goes out."""
        self.groups.append(group)
        while len(self.groups) > MOST_GROUPS:
            self.drop(self.groups[0])

    def take(self, answer: Answer) -> tuple[Verdict, Group | None]:
        """What `answer` is worth, and the group it belongs to while that was waiting for it."""
        group = next((group for group in self.groups if answer.id in group.waiting), None)
        if group is None:
            return self._closed.get(answer.id, Verdict.UNKNOWN), None
        asked = group.waiting[answer.id]
        if answer.empty and not asked.heard_from and group.retries:
            return Verdict.EMPTY, group
        group.landing = max(group.landing, answer.landing, key=_STRENGTH.index)
        if not answer.empty:
            group.said.append(answer.text)
        if answer.will_continue:
            asked.heard_from = True
            return Verdict.PARTIAL, group
        del group.waiting[answer.id]
        self._close(answer.id, Verdict.TWICE)
        if not group.waiting:
            self.groups.remove(group)
        return Verdict.TAKEN, group

    def ask_again(self, group: Group, old: str, new: str) -> Asked:
        """The call `old` is issued once more as `new`."""
        group.retries -= 1
        asked = group.waiting.pop(old)
        self._close(old, Verdict.TWICE)
        group.waiting[new] = Asked(new, asked.name, asked.args)
        return group.waiting[new]

    def drop(self, group: Group) -> list[str]:
        """Forget a group: later answers are ignored. Returns the ids that waited; nothing if it was over."""
        if group not in self.groups:
            return []
        self.groups.remove(group)
        for number in group.waiting:
            self._close(number, Verdict.DROPPED)
        return list(group.waiting)

    def _close(self, number: str, verdict: Verdict) -> None:
        self._closed[number] = verdict
        while len(self._closed) > MOST_CLOSED:
            self._closed.popitem(last=False)
