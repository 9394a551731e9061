"""Entries of the agenda that the core keeps to itself: something to decide at a time, not something to send."""

import msgspec

from lived_workers.simulator.faults import Fault
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


class CompleteSetup(msgspec.Struct, frozen=True):
    """setupComplete is due."""


class Tell(msgspec.Struct, frozen=True):
    """A new resumption handle is due: issued when it is sent, so that it stands for what is then."""


Alarm = Barge | Quietly | Misdo | CompleteSetup | Tell
