"""Sessions that outlive their connections: kept here by handle, as the API keeps them. Time is a parameter.

Every handle is a snapshot: resuming with an older one rolls the session back to it, so that it knows neither what was
said since nor the ids of functions called since.
"""

from collections import OrderedDict
from collections.abc import Callable
from copy import deepcopy
from typing import Final

import msgspec

from lived_workers.simulator.call_book import Group
from lived_workers.simulator.closes import INTERNAL, INVALID_ARGUMENT, Close, ProtocolViolationError
from lived_workers.simulator.scenario import OldSocket
from lived_workers.simulator.usage import Context, Modality, Tokens

LIFETIME_S: Final = 2 * 3600.0
"""Unless told otherwise."""
MOST_HANDLES: Final = 4096
"""Of all sessions: 4096 x 10 kB (below) = 40 MB at the very most."""
HANDLES_PER_SESSION: Final = 64
"""A minute of handles that roll every second: a busy session must not push out the last handle of a quiet one."""
MOST_HISTORY: Final = 1000
"""Entries: 8 kB as a tuple in each handle, with the 2 kB of the context."""


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
    context: Context = msgspec.field(default_factory=Context)
    """What the next prompt costs."""
    calls: list[Group] = []
    """Functions that wait for their answer."""
    begun: float | None = None
    """When its first connection was set up."""
    limited: bool = True
    """It has no compression, and so an end."""
    ends: float | None = None
    """When it is over for good."""
    handles: list[str] = []
    """Those that can still be used, oldest first."""
    images: int = 0
    """How many it has seen."""

    def say(self, said: Said) -> None:
        """Add to the history; the oldest goes when there is too much."""
        self.history.append(said)
        self.context.enter()
        del self.history[:-MOST_HISTORY]

    def user_said(self, text: str, modality: Modality, tokens: float) -> None:
        """The user begins a turn, with what it costs."""
        self.context.begin_turn()
        self.context.spend(modality, tokens)
        self.say(Said("user", text))

    def compress(self, target: int) -> None:
        """Take the oldest turns out until `target` tokens are left."""
        del self.history[: self.context.compress(target)]

    def forget_last_turn(self) -> None:
        """A fault: the last question and its answer were never said."""
        asked = max((at for at, said in enumerate(self.history) if said.role == "user"), default=len(self.history))
        del self.history[asked:]
        self.replies = max(0, self.replies - 1)


class Snapshot(msgspec.Struct, frozen=True):
    """What one handle stands for."""

    memory: Memory
    replies: int
    history: tuple[Said, ...]
    context: tuple[Tokens, ...]
    calls: list[Group]
    issued: float


class Sessions:
    """All sessions by handle."""

    def __init__(
        self, old_socket: OldSocket, new_handle: Callable[[], str], lifetime_s: float | None = LIFETIME_S
    ) -> None:
        """`lifetime_s`: how long a handle can be used; None is for ever."""
        self._old_socket = old_socket
        self._lifetime_s = lifetime_s
        self._new_handle = new_handle
        self._handles: OrderedDict[str, Snapshot] = OrderedDict()

    def begin(self, model: str, connection: int) -> Memory:
        """A fresh session."""
        return Memory(model, connection)

    def resume(self, handle: str, model: str, connection: int, now: float, foreign: Close) -> Memory:
        """The session behind `handle`, as it was then.

        Raises ProtocolViolationError: `foreign` for a handle not issued here or too old and for a session that is over,
        1007 for another model, 1011 while the old connection is open.
        """
        snapshot = self._handles.get(handle)
        if snapshot is None or (self._lifetime_s is not None and now - snapshot.issued > self._lifetime_s):
            raise ProtocolViolationError(foreign)
        memory = snapshot.memory
        if memory.ends is not None and now >= memory.ends:
            raise ProtocolViolationError(foreign)
        if memory.model != model:
            raise ProtocolViolationError(INVALID_ARGUMENT)
        if memory.connection is not None and self._old_socket is OldSocket.REFUSE:
            raise ProtocolViolationError(INTERNAL)
        memory.connection = connection
        memory.replies, memory.history = snapshot.replies, list(snapshot.history)
        memory.context, memory.calls = Context(snapshot.context), deepcopy(snapshot.calls)
        return memory

    def issue(self, memory: Memory, now: float) -> str:
        """A new handle for the session as it is."""
        handle = self._new_handle()
        history, context = tuple(memory.history), memory.context.snapshot()
        self._handles[handle] = Snapshot(memory, memory.replies, history, context, deepcopy(memory.calls), now)
        memory.handles.append(handle)
        for old in memory.handles[:-HANDLES_PER_SESSION]:
            self._handles.pop(old, None)
        del memory.handles[:-HANDLES_PER_SESSION]
        while len(self._handles) > MOST_HANDLES:
            self._handles.popitem(last=False)
        return handle

    def release(self, memory: Memory, connection: int) -> None:
        """`connection` is gone; the session waits for the next one."""
        if memory.connection == connection:
            memory.connection = None
