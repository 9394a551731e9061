"""Outsiders are served apart: what they say half, or too much of, stops nobody."""

import time
from collections.abc import Callable, Iterator

import pytest
import zmq

from fakes.bus import BusFixture
from lived.bus import Bus, Subscriber
from lived.bus.usher import MOST_TOPICS
from lived.errors import RuntimeDirError
from lived.wire.events import VolumeChanged

pytestmark = pytest.mark.processes


@pytest.fixture
def bus() -> Iterator[BusFixture]:
    """Both buses, without a daemon."""
    with BusFixture() as bus:
        yield bus


@pytest.fixture
def upstream(bus: BusFixture) -> Iterator["zmq.Socket[bytes]"]:
    """A socket that can say to the event bus whatever it likes, as an outsider."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    socket = context.socket(zmq.XSUB)
    socket.set_hwm(0)  # a flood of subscriptions is not to be thinned out here already
    socket.connect(bus.endpoints.event)
    yield socket
    context.destroy(linger=0)


def hears(bus: BusFixture, subscriber: Subscriber) -> Callable[[], bool]:
    """Say something, and whether it was heard by now."""

    def heard() -> bool:
        bus.say(VolumeChanged(percent=60))
        subscriber.wait(20)
        return any(frames[0] == b"volume/" for frames in subscriber.drain())

    return heard


def test_half_a_message_stops_nobody(bus: BusFixture, upstream: "zmq.Socket[bytes]") -> None:
    """A message whose second frame is too long ends in the middle, with its connection: all others go on hearing."""
    inside = Bus(bus.endpoints, inside=True)
    outsider, worker = bus.bus.events(b"volume/"), inside.events(b"volume/")
    for subscriber in (outsider, worker):
        subscriber.await_greeting()
    for _ in range(20):
        upstream.send_multipart([b"x", b"y", bytes(1_000)])
        bus.wait_for(hears(bus, outsider), "the outsider to hear")
        bus.wait_for(hears(bus, worker), "the worker to hear")
    outsider.close()
    worker.close()
    inside.close()


def test_workers_are_spared_a_flood_of_subscriptions(
    bus: BusFixture, upstream: "zmq.Socket[bytes]", caplog: pytest.LogCaptureFixture
) -> None:
    """Beyond the bound they are not passed on; who was there before goes on hearing; when it has gone there is room."""
    outsider = bus.bus.events(b"volume/")
    outsider.await_greeting()
    for number in range(2 * MOST_TOPICS):
        upstream.send(b"\x01nothing/%d/" % number)
    bus.wait_for(lambda: "further ones are not served" in caplog.text, "the bound")
    bus.wait_for(hears(bus, outsider), "the outsider to hear")

    def refused() -> bool:
        upstream.send(b"\x01nothing more/%d/" % time.monotonic_ns())  # who has just been greeted may have left room
        late = bus.bus.events(b"volume/")
        try:
            late.await_greeting(timeout_ms=200)
        except RuntimeDirError:
            return True
        finally:
            late.close()
        return False

    bus.wait_for(refused, "somebody to be refused")
    upstream.close()

    def served() -> bool:
        newcomer = bus.bus.events(b"volume/")
        try:
            newcomer.await_greeting(timeout_ms=500)
        except RuntimeDirError:
            return False
        finally:
            newcomer.close()
        return True

    bus.wait_for(served, "room")
    outsider.close()
