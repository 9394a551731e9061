"""What a conversation is made of; all of it outlives the single connection."""

from typing import Protocol

from lived_workers.gateway.downlink import Downlink
from lived_workers.gateway.health import Health
from lived_workers.gateway.hearing import Hearing
from lived_workers.gateway.preamble import Preamble
from lived_workers.gateway.sender import Sender
from lived_workers.gateway.thread import Thread
from lived_workers.gateway.uplink import Uplink


class PendingCalls(Protocol):
    """Functions that the model called (``calls.Calls``), as far as a swap cares."""

    @property
    def open(self) -> int:
        """Asked by the server and not yet answered on the wire."""

    def reopened(self, resumed: bool) -> None:
        """A session is open; ``resumed``: the server still knows its calls."""


class Parts:
    """The parts by name."""

    def __init__(
        self,
        uplink: Uplink,
        hearing: Hearing,
        sender: Sender,
        downlink: Downlink,
        thread: Thread,
        health: Health,
        calls: PendingCalls,
        preamble: Preamble,
    ) -> None:
        self.uplink, self.hearing, self.sender, self.downlink = uplink, hearing, sender, downlink
        self.thread, self.health, self.calls, self.preamble = thread, health, calls, preamble
