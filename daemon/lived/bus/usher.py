"""Lets outsiders hear the buses. Sound between workers never passes here, whatever outsiders do.

ZeroMQ's own proxy reads what subscribers say, and waits for the rest of a message when somebody says half of one and
leaves: then nobody hears anything any more. So workers have a proxy that only they can reach, and everybody else is
served by this thread, which waits for nobody and passes on nothing but sane subscriptions.
"""

import logging
import threading

import zmq

from lived.bus.sockets import HIGH_WATER, MAX_MESSAGE_BYTES, MODERN
from lived.errors import RuntimeDirError

MAX_SUBSCRIPTION_BYTES = 128
"""All that a subscriber has to say is which topics it wants, and those are short. Who sends more is disconnected:
4,000 waiting messages of the longest legal frame would be 512 MB, of this length they are 0.5 MB."""

MOST_TOPICS = 1_000
"""Different subscriptions of all outsiders together that are passed on to the workers, who look through them for each
message: ten times as many as there are topics."""

BATCH = 200
"""Messages passed on in one direction before the other is looked at: about 5 ms."""

log = logging.getLogger("lived.bus")


class Usher:
    """One thread for any number of buses."""

    def __init__(self) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._lanes: list[_Lane] = []
        self._thread = threading.Thread(target=self._run, name="usher", daemon=True)

    def admit(self, inside: str, outer: str) -> None:
        """Serve a bus: what is heard at ``inside`` can be heard at ``outer``. Before ``start``.

        Raises:
            RuntimeDirError: the socket cannot be made.
        """
        self._lanes.append(_Lane(self._context, inside, outer))

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; the thread closes its sockets, since nobody else may."""
        self._context.term()
        self._thread.join()

    def _run(self) -> None:
        poller = zmq.Poller()
        for lane in self._lanes:
            poller.register(lane.inside, zmq.POLLIN)
            poller.register(lane.outer, zmq.POLLIN)
        try:
            while True:
                ready = dict(poller.poll())
                for lane in self._lanes:
                    if lane.outer in ready:
                        lane.up()
                    if lane.inside in ready:
                        lane.down()
        except zmq.ContextTerminated:
            pass
        finally:
            for lane in self._lanes:
                lane.close()


class _Lane:
    """One bus. Belongs to the usher's thread."""

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", inside: str, outer: str) -> None:
        self.inside = context.socket(zmq.SUB)
        self.outer = context.socket(zmq.XPUB)
        self._topics: set[bytes] = set()  # passed on
        self._complained = False
        for socket, longest in ((self.inside, MAX_MESSAGE_BYTES), (self.outer, MAX_SUBSCRIPTION_BYTES)):
            socket.set_hwm(HIGH_WATER)
            socket.linger = 0
            socket.setsockopt(zmq.MAXMSGSIZE, longest)
        self.outer.setsockopt(zmq.ZAP_DOMAIN, MODERN)
        try:
            self.outer.bind(outer)
        except zmq.ZMQError as error:
            self.close()
            raise RuntimeDirError(f"Cannot make the socket {outer}: {error.strerror or error}.") from error
        self.inside.connect(inside)

    def down(self) -> None:
        """Pass on what was published. A subscriber whose queue is full loses its own messages; nobody is waited for."""
        for _ in range(BATCH):
            if not int(self.inside.getsockopt(zmq.EVENTS)) & zmq.POLLIN:
                return
            self.outer.send_multipart(self.inside.recv_multipart())

    def up(self) -> None:
        """Want what outsiders want. ZeroMQ tells of the first who wants a topic, and when the last has left it."""
        for _ in range(BATCH):
            try:
                said = self.outer.recv(zmq.NOBLOCK)
            except zmq.Again:
                return
            if said.startswith(b"\x01"):
                self._want(said[1:])
            elif said.startswith(b"\x00") and said[1:] in self._topics:
                self._topics.remove(said[1:])
                self.inside.unsubscribe(said[1:])
            # anything else was never asked for

    def _want(self, topic: bytes) -> None:
        if topic in self._topics:
            return
        if len(self._topics) < MOST_TOPICS:
            self._topics.add(topic)
            self.inside.subscribe(topic)
        elif not self._complained:
            self._complained = True
            log.warning("more than %d different subscriptions: further ones are not served", MOST_TOPICS)

    def close(self) -> None:
        """Both sockets."""
        self.inside.close()
        self.outer.close()
