"""The scenario as it is being played: which reply comes next, which fault is due, how far the numbered samples are.

One for the whole simulator, so that numbers in the journal are unique. Owned by the event loop's thread.
"""

from collections import Counter
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from lived_workers.simulator.faults import Armed, Fault, TriggerKind
from lived_workers.simulator.scenario import Reply, Scenario


class Mode(StrEnum):
    """What is answered where the scenario says nothing."""

    SPEECH = "speech"
    """The bundled recordings, in order."""
    PARROT = "parrot"
    """What was heard."""
    MARKS = "marks"
    """Numbered samples."""


DEFAULT_MARKS_S: Final = 5.0
HEARD: Final = (
    "Hello, can you hear me?",
    "What is the weather like today?",
    "Please set a timer for ten minutes.",
    "Thank you, that is all for now.",
)
"""Input transcripts for speech that nobody wrote down."""


class Script:
    """Plays one scenario. Turns, speeches and connections are counted over all connections; replies by session."""

    def __init__(self, scenario: Scenario, mode: Mode, answers: list[str]) -> None:
        self.scenario = scenario
        self._mode = mode
        self._answers = answers
        self._counts: Counter[TriggerKind] = Counter()
        self._armed = [Armed(fault, fault.times) for fault in scenario.fault]
        self._marks = 0

    def reply(self, index: int) -> Reply:
        """The reply to user turn `index` (from 0) of a session."""
        replies = self.scenario.reply
        if not replies:
            return self._default(index, Reply())
        reply = replies[index % len(replies) if self.scenario.loop else min(index, len(replies) - 1)]
        return self.complete(index, reply)

    def complete(self, index: int, reply: Reply) -> Reply:
        """`reply` with content as the mode has it, if it has none of its own."""
        return reply if reply.kinds else self._default(index, reply)

    def heard(self, index: int) -> str:
        """The input transcript of user turn `index`."""
        return self.reply(index).heard or HEARD[index % len(HEARD)]

    def count_up(self, kind: TriggerKind) -> int:
        """The number (from 1) of one more `kind`."""
        self._counts[kind] += 1
        return self._counts[kind]

    def count(self, kind: TriggerKind) -> int:
        """How many `kind` there were."""
        return self._counts[kind]

    def due(self, kind: TriggerKind, number: int) -> list[Fault]:
        """The faults that the `number`th `kind` sets off."""
        return self._fire(kind, number)

    def trip(self, kind: TriggerKind) -> list[Fault]:
        """One more `kind` happens: the faults that it sets off."""
        return self._fire(kind, self.count_up(kind))

    def after_setup(self) -> list[Armed]:
        """The faults that wait for a time after setupComplete; `go_off` when it has come.

        They are counted only then: a connection that does not live so long leaves them to the next one.
        """
        return [armed for armed in self._armed if armed.waits_for(TriggerKind.AFTER_S, None)]

    def go_off(self, armed: Armed) -> bool:
        """The time of `armed` has come; False when it has fired often enough meanwhile."""
        if not any(other is armed for other in self._armed):
            return False
        self._spend([armed])
        return True

    def arm(self, fault: Fault) -> None:
        """Add a fault to those that wait for their trigger."""
        self._armed.append(Armed(fault, fault.times))

    def take_marks(self, frames: int) -> int:
        """The first position of the next `frames` numbered samples: no position is given out twice."""
        first, self._marks = self._marks, self._marks + frames
        return first

    def _default(self, index: int, reply: Reply) -> Reply:
        recording = self._answers[index % len(self._answers)]
        return {
            Mode.SPEECH: replace(reply, recording=recording),
            Mode.PARROT: replace(reply, parrot=True),
            Mode.MARKS: replace(reply, marks_s=DEFAULT_MARKS_S),
        }[self._mode]

    def _fire(self, kind: TriggerKind, number: int) -> list[Fault]:
        fired = [armed for armed in self._armed if armed.waits_for(kind, number)]
        self._spend(fired)
        return [armed.fault for armed in fired]

    def _spend(self, fired: list[Armed]) -> None:
        for armed in fired:
            armed.left -= 1
        # `times = 0` starts at 0 and never comes back to it
        spent = [armed for armed in fired if armed.left == 0]
        self._armed = [armed for armed in self._armed if not any(armed is gone for gone in spent)]
