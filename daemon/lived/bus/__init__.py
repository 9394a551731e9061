"""The two buses and the door: the only importer of zmq. High-water marks are set here, with their arithmetic."""

from lived.bus.door import DoorClient, DoorServer
from lived.bus.endpoints import Endpoints
from lived.bus.poll import Poller
from lived.bus.proxy import Greeter, Proxy
from lived.bus.sockets import Bus, Publisher, Subscriber
from lived.bus.usher import Usher

__all__ = [
    "Bus",
    "DoorClient",
    "DoorServer",
    "Endpoints",
    "Greeter",
    "Poller",
    "Proxy",
    "Publisher",
    "Subscriber",
    "Usher",
]
