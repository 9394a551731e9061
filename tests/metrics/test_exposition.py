"""What is served: the formats, one at a time, and who asks and goes away."""

import socket
import urllib.error
import urllib.request

import pytest

from lived.units import Ns
from lived.wire.events import Event, Ready, Spent, WorkerState
from lived_workers.metrics.account import Account
from lived_workers.metrics.catalogue import CATALOGUE, Kind
from lived_workers.metrics.exposition import Exposition
from metrics.stage import ages, beat, began, scrape, value


def served(account: Account) -> int:
    """The port at which ``account`` is served."""
    return Exposition(lambda: list(account.store.samples())).serve("127.0.0.1", 0)


def test_everything_of_the_catalogue_is_exported_and_nothing_else() -> None:
    """As soon as a worker and a currency are known; all but what only the system knows."""
    account = Account("1.2.3")
    told: list[Event] = [*began("capture"), Ready(worker="capture"), beat("capture", bad_messages=1, opened=1)]
    told.append(Spent(currency="EUR", turn=0, session=0, day=0))
    for event in told:
        account.take(event, Ns(0))
    names = {name for name, _ in scrape(served(account))}
    wanted = set()
    for metric in CATALOGUE.values():
        parts = ("_bucket", "_count", "_sum") if metric.kind is Kind.HISTOGRAM else ("",)
        wanted |= {metric.name + part for part in parts}
    of_the_system = {"lived_worker_memory_bytes", "lived_worker_cpu_seconds_total"}
    assert names == wanted - of_the_system


def test_a_histogram_is_cumulative() -> None:
    """As Prometheus wants it: each bucket has all below it, +Inf is the count."""
    account = Account("1")
    for event in (*began("gateway"), beat("gateway", uplink=ages(us20000=2, us25000=3))):
        account.take(event, Ns(0))
    found = scrape(served(account))
    name = "lived_uplink_delay_seconds"
    assert value(found, f"{name}_bucket", le="0.015") == 0
    assert value(found, f"{name}_bucket", le="0.02") == 2
    assert value(found, f"{name}_bucket", le="0.025") == 5
    assert value(found, f"{name}_bucket", le="+Inf") == value(found, f"{name}_count") == 5
    assert value(found, f"{name}_sum") == pytest.approx(0.115)


def test_it_is_there_for_openmetrics_too() -> None:
    """A newer Prometheus asks for that."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{served(Account('1'))}/metrics",
        headers={"Accept": "application/openmetrics-text;version=1.0.0"},
    )
    with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310  (our own port)
        assert answer.read().endswith(b"# EOF\n")


def test_nothing_can_be_changed_there(caplog: pytest.LogCaptureFixture) -> None:
    """Only asked."""
    with pytest.raises(urllib.error.HTTPError, match="405"):
        urllib.request.urlopen(f"http://127.0.0.1:{served(Account('1'))}/", data=b"x", timeout=5)
    assert not caplog.messages


def test_the_rude_hold_nobody_up_for_long(caplog: pytest.LogCaptureFixture) -> None:
    """One that says nothing, one that says half of something, one that says garbage: the next is answered."""
    port = served(Account("1"))
    rude = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
    rude[1].sendall(b"GET /metr")
    rude[2].sendall(b"\x00\xff\r\n\r\n")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
        assert b"lived_build_info" in answer.read()
    for one in rude:
        one.close()
    assert not caplog.messages


def test_a_label_of_a_stranger_is_escaped() -> None:
    """A worker's name is the configuration's, and a text in quotes here."""
    account = Account("1")
    account.take(WorkerState(worker='a"b\n', state="running"), Ns(0))
    assert value(scrape(served(account)), "lived_worker_ready", worker='a"b\n') == 0


def test_a_port_that_is_taken_is_an_error_of_the_system() -> None:
    """Not a crash of the thread that answers."""
    port = served(Account("1"))
    with pytest.raises(OSError, match="in use"):
        Exposition(list).serve("127.0.0.1", port)
