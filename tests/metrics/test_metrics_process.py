"""The worker of a real daemon: what it serves of a conversation, and what its troubles are to others."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.bus import BusFixture
from fakes.daemon import wait_until
from fakes.door import STATUS, FakeDoor
from lived.config import Config
from lived.config.options import Metrics
from lived.wire.events import CutDone, Ready, TurnHeard, Unready, WorkerState
from metrics.stage import Series, scrape, value
from processes.talk import EXACT, Talk

pytestmark = pytest.mark.processes

SCENARIO = EXACT + "[vad]\nstart_db = 60.0\n[[reply]]\nmarks_s = 20.0\n"


@pytest.fixture
def port() -> int:
    """One that is free now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_conversation_in_figures(tmp_path: Path, port: int) -> None:
    """Delays, an interruption, a restart, memory and time of every process; no word and no key."""
    with Talk(tmp_path, SCENARIO, f"metrics.listen=127.0.0.1:{port}").start() as talk:
        assert talk.ear
        talk.daemon.ask("say", text="Tell me a long and secret story.")
        talk.ear.wait_for(TurnHeard, 20)
        talk.daemon.ask("interrupt")
        talk.ear.wait_for(CutDone, 10, lambda e: e.heard_turn > 0)

        def measured() -> bool:
            now = scrape(port)
            uplink = value(now, "lived_uplink_delay_seconds_count")
            handover = value(now, "lived_capture_handover_seconds_count")
            cuts = value(now, "lived_cut_silence_seconds_count", cause="user")
            return uplink > 10 and handover > 10 and cuts == 1

        wait_until(measured, 10)
        found = scrape(port)
        assert value(found, "lived_cut_silence_seconds_bucket", cause="user", le="0.5") == 1
        assert value(found, "lived_first_sound_seconds_count") == 1
        assert 0 < value(found, "lived_first_sound_seconds_sum") < 5
        assert value(found, "lived_health", state="ready") == 1
        assert value(found, "lived_session_state", state="open") == 1
        assert value(found, "lived_floor_seconds_total", floor="model") > 0
        workers = {"supervisor", "capture", "playback", "gateway", "metrics"}
        assert labels(found, "lived_worker_memory_bytes") == workers
        assert all(value(found, "lived_worker_memory_bytes", worker=worker) > 1e6 for worker in workers)
        assert labels(found, "lived_worker_cpu_seconds_total") == workers

        talk.back("playback", talk.kill("playback"), 10)
        wait_until(lambda: value(scrape(port), "lived_worker_restarts_total", worker="playback") == 1, 10)
        assert "secret story" not in str(scrape(port))
        assert "AIza" not in str(scrape(port))


def labels(found: Series, name: str) -> set[str]:
    """The workers of a metric."""
    return {dict(labels)["worker"] for sample, labels in found if sample == name}


@pytest.fixture
def bus() -> Iterator[BusFixture]:
    """Both buses."""
    with BusFixture() as fixture:
        yield fixture


def start(bus: BusFixture, port: int) -> None:
    """The worker alone."""
    config = Config(metrics=Metrics(listen=f"127.0.0.1:{port}"))
    bus.start_worker("lived_workers.metrics", bus.launch("metrics", config))


def test_a_port_that_is_taken_is_waited_for(bus: BusFixture, port: int) -> None:
    """It says so in a sentence, lives, and serves when the port is free."""
    with socket.socket() as owner, FakeDoor(bus.directory) as door:
        door.answers["status"] = STATUS | {"usage": {}}
        owner.bind(("127.0.0.1", port))
        owner.listen()
        start(bus, port)
        said = bus.wait_event(Unready, worker="metrics")
        assert isinstance(said, Unready)
        assert said.text.startswith(f"No metrics at 127.0.0.1:{port} (Address already in use): it is tried again")
        owner.close()
        bus.wait_event(Ready, worker="metrics", text=f"http://127.0.0.1:{port}/metrics")
        assert value(scrape(port), "lived_worker_state", worker="gateway", state="running") == 1


def test_without_a_door_it_begins_with_what_it_hears(bus: BusFixture, port: int) -> None:
    """A supervisor that does not answer is asked again; the port is served all the same."""
    start(bus, port)
    bus.wait_event(Ready, worker="metrics")
    bus.say(WorkerState(worker="capture", state="running"))
    wait_until(lambda: ("lived_worker_ready", (("worker", "capture"),)) in scrape(port), 10)
