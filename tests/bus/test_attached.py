"""Whoever attaches, and whatever he does, is nobody's trouble but his own."""

import random
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import zmq

from fakes.daemon import Daemon, troubled, wait_until
from lived.bus import Bus, Endpoints, Publisher, Subscriber
from lived.bus.sockets import HIGH_WATER
from lived.errors import RuntimeDirError
from lived.units import MODEL_RATE
from lived.wire import decode_chunk, encode_header

pytestmark = pytest.mark.processes

PCM = bytes(1920)  # 40 ms, the largest regular chunk
BURST = 500
OPEN: list[Publisher | Subscriber] = []
"""Closed when a test ends."""


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon whose workers say nothing on the audio bus."""
    with troubled(tmp_path_factory.mktemp("attached")).up() as daemon:
        daemon.wait_state("ready")
        yield daemon


@pytest.fixture
def bus(daemon: Daemon) -> Iterator[Bus]:
    """This process's way to the daemon's buses."""
    bus = Bus(daemon.endpoints)
    yield bus
    for end in OPEN:
        end.close()
    OPEN.clear()
    bus.close()


class Speaker:
    """Publishes numbered chunks from inside."""

    def __init__(self, bus: Bus) -> None:
        self._publisher = bus.audio_publisher()
        OPEN.append(self._publisher)
        self.position = 0

    def say(self, chunks: int) -> None:
        """So many chunks at once."""
        for _ in range(chunks):
            self._publisher.send_sound(b"model/", encode_header(1, self.position, 0, 1, MODEL_RATE), PCM)
            self.position += 960


class Reader:
    """Reads everything and checks that nothing is missing."""

    def __init__(self, bus: Bus) -> None:
        self._subscriber = bus.audio(b"model/")
        OPEN.append(self._subscriber)
        self._subscriber.await_greeting()
        self.next: int | None = None
        self.chunks = 0

    def read(self) -> None:
        """What is there now."""
        for frames in self._subscriber.drain():
            chunk = decode_chunk(frames)
            assert self.next in (None, chunk.position), f"lost before {chunk.position}"
            self.next = chunk.end
            self.chunks += 1

    def read_up_to(self, position: int) -> None:
        """Until everything said so far was heard."""

        def there() -> bool:
            self._subscriber.wait(10)
            self.read()
            return self.next == position

        wait_until(there, 10, lambda: f"{self.next} of {position}")


def _warm_up(speaker: Speaker, reader: Reader) -> None:
    """Until the publisher's connection carries, which ZeroMQ does not tell a publisher."""

    def heard() -> bool:
        speaker.say(1)
        reader.read()
        return reader.chunks > 0

    wait_until(heard, 5)
    reader.read_up_to(speaker.position)


def test_after_the_greeting_nothing_is_missed(bus: Bus) -> None:
    """A message published at once after the greeting is heard, many times over."""
    speaker = Speaker(bus)
    _warm_up(speaker, Reader(bus))
    for _ in range(30):
        reader = Reader(bus)
        speaker.say(1)
        reader.read_up_to(speaker.position)
        assert reader.chunks == 1


def test_nobody_greets_where_no_daemon_is(tmp_path: Path) -> None:
    """An error after the limit, not a wait for ever."""
    endpoints = Endpoints(tmp_path)
    endpoints.make()
    bus = Bus(endpoints)
    subscriber = bus.events(b"")
    with pytest.raises(RuntimeDirError, match="still running"):
        subscriber.await_greeting(timeout_ms=50)
    subscriber.close()
    bus.close()


def test_a_subscriber_that_never_reads_costs_little_and_delays_nobody(daemon: Daemon, bus: Bus) -> None:
    """Four times as much as its queue holds: the daemon grows by at most 16 MiB, and the other reader loses nothing."""
    lazy = bus.audio(b"")
    lazy.socket.setsockopt(zmq.RCVHWM, 1)
    lazy.await_greeting()
    speaker, reader = Speaker(bus), Reader(bus)
    _warm_up(speaker, reader)
    process = psutil.Process(daemon.process.pid)
    before = process.memory_info().rss
    for _ in range(4 * HIGH_WATER // BURST):
        speaker.say(BURST)
        reader.read_up_to(speaker.position)
    grown = process.memory_info().rss - before
    assert grown <= 16 * 1024 * 1024, f"{grown / 1024 / 1024:.1f} MiB"
    lazy.close()


def test_many_subscribers_lose_nothing(bus: Bus) -> None:
    """32 attached readers, each hears every chunk."""
    speaker = Speaker(bus)
    readers = [Reader(bus) for _ in range(32)]
    _warm_up(speaker, readers[0])
    for _ in range(10):
        speaker.say(50)
        for reader in readers:
            reader.read_up_to(speaker.position)


def test_coming_and_going_a_thousand_times_leaves_nothing(daemon: Daemon, bus: Bus) -> None:
    """Subscriptions are forgotten with their subscriber: files and memory of the daemon stay as they were."""
    speaker, reader = Speaker(bus), Reader(bus)
    _warm_up(speaker, reader)
    process = psutil.Process(daemon.process.pid)

    def come_and_go(times: int) -> None:
        for i in range(times):
            visitor = bus.audio(f"visitor/{i}/".encode(), b"mic/")
            visitor.await_greeting()
            visitor.close()

    come_and_go(200)
    files, memory = process.num_fds(), process.memory_info().rss
    come_and_go(800)
    speaker.say(100)
    reader.read_up_to(speaker.position)
    wait_until(lambda: process.num_fds() <= files + 5, 5)
    assert process.memory_info().rss - memory < 8 * 1024 * 1024


def test_a_subscriber_cannot_publish(daemon: Daemon, bus: Bus) -> None:
    """Attaching is read-only: what a subscriber sends upstream reaches no one."""
    reader, speaker = Reader(bus), Speaker(bus)
    _warm_up(speaker, reader)
    intruder = bus.context.socket(zmq.XSUB)
    intruder.linger = 0
    intruder.connect(daemon.endpoints.audio)
    intruder.send(b"\x01model/")
    header = encode_header(9, 9_000_000, 0, 1, MODEL_RATE)
    for _ in range(20):
        intruder.send_multipart([b"model/", header, PCM])
    speaker.say(10)
    reader.read_up_to(speaker.position)
    intruder.close()


def test_garbage_on_the_event_bus_is_survived(daemon: Daemon, bus: Bus) -> None:
    """From inside: logged, and the daemon and its workers go on as the same processes."""
    publisher = bus.event_publisher()
    OPEN.append(publisher)
    pids = [w["pid"] for w in daemon.ask("status")["workers"]]
    rng = random.Random(7)  # noqa: S311

    def thrown() -> bool:
        publisher.send([rng.choice([b"cut/", b"order/capture/", b"x", b"worker.hello/"]), rng.randbytes(40)])
        publisher.send([b"worker.heartbeat/"])
        publisher.send([b"order/gateway/", b'{"type":"stop"', b"more"])
        return "on the event bus" in daemon.log and daemon.worker("capture")["counters"].get("bad_messages", 0) > 0

    wait_until(thrown, 10)
    assert [w["pid"] for w in daemon.ask("status")["workers"]] == pids


def test_garbage_at_the_door_is_survived(daemon: Daemon, bus: Bus) -> None:
    """Any frames from any kind of socket: an answer in words or nothing, and the door stays open."""
    rng = random.Random(8)  # noqa: S311
    dealer = bus.context.socket(zmq.DEALER)
    dealer.linger = 0
    dealer.connect(daemon.endpoints.door)
    for size in range(200):
        dealer.send_multipart([rng.randbytes(size) for _ in range(rng.randrange(1, 4))])
    dealer.send_multipart([b"", b"\xff" * 60_000])
    assert daemon.ask("status")["state"] == "ready"
    assert dealer.poll(2_000)
    assert b"bad_request" in dealer.recv_multipart()[-1]
    dealer.close()


def test_a_flood_at_the_door_starves_nobody(daemon: Daemon, bus: Bus) -> None:
    """20,000 requests from a client that reads no answers: others are answered, memory stays bounded."""
    process = psutil.Process(daemon.process.pid)
    before = process.memory_info().rss
    dealer = bus.context.socket(zmq.DEALER)
    dealer.linger = 0
    dealer.set_hwm(0)
    dealer.connect(daemon.endpoints.door)
    for _ in range(20_000):
        dealer.send_multipart([b"", b'{"op":"status"}'])
    assert daemon.ask("status")["state"] == "ready"
    assert process.memory_info().rss - before < 32 * 1024 * 1024
    dealer.close()


def test_the_modes_keep_others_out(daemon: Daemon) -> None:
    """Publishing is for the daemon's user, attaching for its group."""
    folder = daemon.folder / "run"
    assert (folder / "inner").stat().st_mode & 0o777 == 0o700
    for name in ("audio.sock", "event.sock", "door.sock"):
        assert (folder / name).stat().st_mode & 0o777 == 0o660
    assert folder.stat().st_mode & 0o007 == 0
