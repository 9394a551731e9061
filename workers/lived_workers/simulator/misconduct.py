"""Carrying out a fault in a running session: one function for each name that is not merely a frame."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from lived_workers.simulator import closes, frames
from lived_workers.simulator.agenda import Agenda
from lived_workers.simulator.alarms import Alarm, FallSilent, Misdo
from lived_workers.simulator.answering import Model
from lived_workers.simulator.effects import CloseSocket, Effect, HalfOpen, ResetConnection, Send, StopReading
from lived_workers.simulator.faults import NAMED_CLOSES, ONLY_REPLY_FAULTS, Fault
from lived_workers.simulator.frame_faults import FRAME_FAULTS, garbage
from lived_workers.simulator.frames import encode

STORM_PERIOD_S: Final = 0.5

DEFAULT_REASONS: Final[Mapping[int, str]] = {
    1001: closes.GOING_AWAY.reason,
    1007: closes.INVALID_ARGUMENT.reason,
    1008: closes.ABORTED.reason,
    1011: closes.INTERNAL.reason,
}
"""What the API says with a code where the fault names no reason."""


class Scene(msgspec.Struct, frozen=True):
    """Where a fault acts: the agenda of the connection, the model if it is set up, the time."""

    agenda: Agenda[Effect | Alarm]
    model: Model | None
    now: float

    def plan(self, effect: Effect | Alarm, after_s: float = 0.0) -> None:
        """Do `effect` after a while."""
        self.agenda.add(self.now + after_s, effect)


def _close(scene: Scene, fault: Fault) -> None:
    reason = DEFAULT_REASONS.get(fault.code, "") if fault.reason is None else fault.reason
    scene.plan(CloseSocket(fault.code, closes.Close(fault.code, reason).cut_reason))


def _go_away(scene: Scene, fault: Fault) -> None:
    scene.plan(Send(encode(frames.go_away(fault.s)), "goAway"))


def _go_away_and_close(scene: Scene, fault: Fault) -> None:
    _go_away(scene, fault)
    reason = closes.DEADLINE.reason if fault.reason is None else fault.reason
    scene.plan(CloseSocket(fault.code, reason), fault.s)


def _go_away_silence(scene: Scene, fault: Fault) -> None:
    _go_away_and_close(scene, fault)
    scene.plan(FallSilent())


def _stall_reply(scene: Scene, fault: Fault) -> None:
    if scene.model is not None:
        scene.model.stall(fault.s)


def _interrupt(scene: Scene, _: Fault) -> None:
    if scene.model is not None:
        scene.model.cut(scene.now)


def _storm(scene: Scene, fault: Fault) -> None:
    for number in range(fault.count):
        scene.plan(Misdo(Fault(do="interrupt")), number * STORM_PERIOD_S)


def _unasked_reply(scene: Scene, _: Fault) -> None:
    if scene.model is not None:
        scene.model.speak_up(scene.now)


def _double_interrupted(scene: Scene, _: Fault) -> None:
    for _count in range(2):
        scene.plan(Send(encode(frames.content(interrupted=True)), "interrupted"))


MISCONDUCT: Final[Mapping[str, Callable[[Scene, Fault], None]]] = {
    "close": _close,
    "reset": lambda scene, _: scene.plan(ResetConnection()),
    "half_open": lambda scene, _: scene.plan(HalfOpen()),
    "stall_reading": lambda scene, fault: scene.plan(StopReading(fault.s)),
    "go_away": _go_away,
    "go_away_and_close": _go_away_and_close,
    "go_away_silence": _go_away_silence,
    "go_away_now": lambda scene, fault: _go_away_and_close(scene, msgspec.structs.replace(fault, s=0.0)),
    "stall_reply": _stall_reply,
    "interrupt": _interrupt,
    "double_interrupted": _double_interrupted,
    "interruption_storm": _storm,
    "unasked_reply": _unasked_reply,
}


def _misdo_in_next_reply(scene: Scene, fault: Fault) -> None:
    if scene.model is not None:
        scene.model.taints.append(fault.do)


def misdo(scene: Scene, fault: Fault) -> None:
    """Plan what `fault` does; its name has been checked."""
    if (close := NAMED_CLOSES.get(fault.do)) is not None:
        scene.plan(CloseSocket(close.code, close.cut_reason))
        return
    act = _misdo_in_next_reply if fault.do in ONLY_REPLY_FAULTS else MISCONDUCT.get(fault.do)
    if act is not None:
        act(scene, fault)
        return
    for _ in range(fault.count):
        for data in garbage() if fault.do == "garbage" else FRAME_FAULTS[fault.do]():
            scene.plan(Send(data, fault.do))
