"""Sessions that outlive their connections: kept here by handle, as the API keeps them. Time is a parameter.

Every handle is a snapshot: resuming with an older one rolls the session back to it. Missing yet: `resumable: false`
while generating, rotation of handles on a timer, tool calls after a pre-call handle.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import msgspec

from lived_workers.simulator.closes import INTERNAL, INVALID_ARGUMENT, Close, ProtocolViolationError
from lived_workers.simulator.scenario import OldSocket

LIFETIME_S: Final = 2 * 3600.0
MOST_HANDLES: Final = 4096
"""Two for each turn: enough for a day's test, some 100 bytes each beside the history."""
MOST_HISTORY: Final = 1000


class Said(msgspec.Struct, frozen=True):
    """One entry of the history; of an interrupted reply only what was sent."""

    role: str
    text: str
    interrupted: bool = False


class Memory(msgspec.Struct):
    """What the server knows of a session. Owned by the connection that serves it."""

    model: str
    connection: int | None
    replies: int = 0
    """User turns answered."""
    history: list[Said] = []
    audio_s: float = 0.0
    """Sound received, for the prompt's tokens."""

    def say(self, said: Said) -> None:
        """Add to the history; the oldest goes when there is too much."""
        self.history.append(said)
        del self.history[:-MOST_HISTORY]


class Snapshot(msgspec.Struct, frozen=True):
    """What one handle stands for."""

    memory: Memory
    replies: int
    history: tuple[Said, ...]
    audio_s: float
    issued: float


class Sessions:
    """All sessions by handle."""

    def __init__(self, old_socket: OldSocket, new_handle: Callable[[], str]) -> None:
        self._old_socket = old_socket
        self._new_handle = new_handle
        self._handles: OrderedDict[str, Snapshot] = OrderedDict()

    def begin(self, model: str, connection: int) -> Memory:
        """A fresh session."""
        return Memory(model, connection, history=[])

    def resume(self, handle: str, model: str, connection: int, now: float, foreign: Close) -> Memory:
        """The session behind `handle`, as it was then.

        Raises ProtocolViolationError: `foreign` for a handle not issued here or over two hours old, 1007 for another
        model, 1011 while the old connection is open.
        """
        snapshot = self._handles.get(handle)
        if snapshot is None or now - snapshot.issued > LIFETIME_S:
            raise ProtocolViolationError(foreign)
        memory = snapshot.memory
        if memory.model != model:
            raise ProtocolViolationError(INVALID_ARGUMENT)
        if memory.connection is not None and self._old_socket is OldSocket.REFUSE:
            raise ProtocolViolationError(INTERNAL)
        memory.connection = connection
        memory.replies, memory.audio_s = snapshot.replies, snapshot.audio_s
        memory.history = list(snapshot.history)
        return memory

    def issue(self, memory: Memory, now: float) -> str:
        """A new handle for the session as it is."""
        handle = self._new_handle()
        self._handles[handle] = Snapshot(memory, memory.replies, tuple(memory.history), memory.audio_s, now)
        while len(self._handles) > MOST_HANDLES:
            self._handles.popitem(last=False)
        return handle

    def release(self, memory: Memory, connection: int) -> None:
        """`connection` is gone; the session waits for the next one."""
        if memory.connection == connection:
            memory.connection = None
