"""Entries of the agenda that the core keeps to itself: something to decide at a time, not something to send."""

import msgspec

from lived_workers.simulator.faults import Armed, Fault
from lived_workers.simulator.phases import Event


class Barge(msgspec.Struct, frozen=True):
    """The user has been talking over `turn` for long enough."""

    turn: int


class Quietly(msgspec.Struct, frozen=True):
    """`event` happens without a frame: a scenario kept it from the client."""

    turn: int
    event: Event


class Misdo(msgspec.Struct, frozen=True):
    """Carry out a fault."""

    fault: Fault


class Wait(msgspec.Struct, frozen=True):
    """A fault has waited for its time; it may have fired often enough meanwhile."""

    armed: Armed


class CompleteSetup(msgspec.Struct, frozen=True):
    """setupComplete is due."""


class FallSilent(msgspec.Struct, frozen=True):
    """From now on no new turn is begun: the connection is about to end."""


class CallDue(msgspec.Struct, frozen=True):
    """The model calls the functions of the reply that turn `turn` opened."""

    turn: int


class CallAgain(msgspec.Struct, frozen=True):
    """A call that went with an interruption is made once more."""


class Tell(msgspec.Struct, frozen=True):
    """A new resumption handle is due: issued when it is sent, so that it stands for what is then."""

    every_s: float | None = None
    """Due again after so long."""


Alarm = Barge | Quietly | Misdo | Wait | CompleteSetup | FallSilent | CallDue | CallAgain | Tell
