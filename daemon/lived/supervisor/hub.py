"""The supervisor's sockets: both buses with their greeters, the door, and what it hears and says itself."""

from lived.bus import Bus, DoorServer, Endpoints, Greeter, Poller, Proxy, Usher
from lived.supervisor import room
from lived.wire import encode_event, encode_order
from lived.wire.events import Event
from lived.wire.orders import Order


class Hub:
    """Makes all sockets at once, or none."""

    def __init__(self, endpoints: Endpoints, group: str) -> None:
        """Bind everything.

        Raises:
            RuntimeDirError: a directory or socket cannot be made.
        """
        endpoints.make()
        room.make()
        self.inner = endpoints.inner
        """The directory that only the daemon's user may enter."""
        self._bus = Bus(endpoints, inside=True)
        context = self._bus.context
        self._proxies = [
            Proxy(endpoints.audio_in, endpoints.audio_out),
            Proxy(endpoints.event_in, endpoints.event_out),
        ]
        self._usher = Usher()
        self._usher.admit(endpoints.audio_out, endpoints.audio)
        self._usher.admit(endpoints.event_out, endpoints.event)
        self.door = DoorServer(context, endpoints.door)
        endpoints.open_to(group)
        for proxy in self._proxies:
            proxy.start()
        self._usher.start()
        self._audio = Greeter(context, endpoints.audio_in)
        self._event = Greeter(context, endpoints.event_in)
        self.heard = self._bus.events(b"")

    def publish(self, event: Event) -> None:
        """Say something on the event bus."""
        self._event.publish(encode_event(event))

    def order(self, worker: str, order: Order) -> None:
        """Tell one worker something."""
        self._event.publish(encode_order(worker, order))

    def register(self, poller: Poller) -> None:
        """Have new subscribers greeted while ``poller`` waits."""
        poller.add(self._audio, self._audio.greet)
        poller.add(self._event, self._event.greet)

    def close(self) -> None:
        """Close every socket; ends the proxies."""
        self._bus.close()
        self._usher.stop()
        for proxy in self._proxies:
            proxy.stop()
