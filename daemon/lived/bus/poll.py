"""Waiting for several sockets and file descriptors at once, for programs without asyncio."""

from collections.abc import Callable

import zmq

from lived.bus.door import DoorServer
from lived.bus.proxy import Greeter
from lived.bus.sockets import Subscriber

Source = Subscriber | DoorServer | Greeter | int


class Poller:
    """Calls a handler for each source that has something; an ``int`` is a file descriptor."""

    def __init__(self) -> None:
        self._poller = zmq.Poller()
        self._handlers: dict[object, Callable[[], None]] = {}

    def add(self, source: Source, handler: Callable[[], None]) -> None:
        """Call ``handler`` when ``source`` is readable."""
        key = source if isinstance(source, int) else source.socket
        self._handlers[key] = handler
        self._poller.register(key, zmq.POLLIN)

    def remove(self, source: Source) -> None:
        """Forget ``source``; unknown ones are ignored."""
        key = source if isinstance(source, int) else source.socket
        if self._handlers.pop(key, None):
            self._poller.unregister(key)

    def wait(self, timeout_ms: int) -> None:
        """Wait at most ``timeout_ms``, then call the handlers of what is ready."""
        for key, _ in self._poller.poll(timeout_ms):
            handler = self._handlers.get(key)
            if handler:  # an earlier handler of this round may have removed it
                handler()
