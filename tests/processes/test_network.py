"""The network goes away and comes back: what was said meanwhile arrives, once, in order."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.daemon import wait_until
from fakes.relay import Relay
from fakes.simulator import Simulator
from lived.units import MIC_RATE
from lived.wire.events import Loss, SessionState, TurnComplete
from processes.talk import DEAF, Talk, marked_wav

pytestmark = pytest.mark.processes


@contextlib.contextmanager
def talk_through_a_relay(tmp_path: Path, *overrides: str) -> Iterator[tuple[Talk, Relay]]:
    """Numbered samples on their way up through a network that can be cut."""
    relays: list[Relay] = []

    def through(simulator: Simulator) -> str:
        relays.append(Relay(simulator.port).__enter__())
        return f"https://127.0.0.1:{relays[0].port}"

    audio = marked_wav(tmp_path / "user.wav", 90)
    with Talk(tmp_path, DEAF, *overrides, audio=audio, base_url=through) as talk:
        try:
            yield talk.start(), relays[0]
        finally:
            relays[0].__exit__(None, None, None)


def for_seconds(seconds: float) -> None:
    """The outage itself: it lasts as long as it lasts."""
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() >= end, seconds + 5)


def all_arrived(talk: Talk, seconds: float) -> None:
    """One unbroken stretch, and nobody believes in a loss."""
    talk.wait_server_heard(seconds, 40)
    found = talk.heard_by_server()
    assert len(found) == 1, f"{found}\n{talk.daemon.log}"
    assert found[0].frames >= seconds * MIC_RATE
    assert talk.ear is not None
    assert talk.ear.of(Loss) == []


def test_a_cut_cable_for_five_seconds(tmp_path: Path) -> None:
    """Every packet is dropped, both ends believe in the connection: it survives, nothing is lost or doubled."""
    with talk_through_a_relay(tmp_path) as (talk, relay):
        talk.wait_server_heard(2, 10)
        relay.cut()
        for_seconds(5)
        relay.heal()
        all_arrived(talk, 10)
        assert len(talk.simulator.journal("setup")) == 1


def test_a_reset_connection_and_nobody_to_connect_to_for_five_seconds(tmp_path: Path) -> None:
    """The session is resumed by its handle; what was in flight and what was said meanwhile arrive once, in order."""
    with talk_through_a_relay(tmp_path) as (talk, relay):
        talk.wait_server_heard(2, 10)
        relay.refuse()
        relay.reset()
        assert talk.ear
        talk.ear.wait_for(SessionState, 5, lambda e: e.state == "retrying")
        status = talk.daemon.wait_state("degraded", 5)
        assert "gateway" in status["text"]
        for_seconds(5)
        relay.accept()
        talk.ear.wait_for(SessionState, 20, lambda e: e.state == "open" and e.resumed)
        all_arrived(talk, 10)
        talk.daemon.wait_state("ready", 5)


def test_a_reply_that_the_network_ends(tmp_path: Path) -> None:
    """What arrived of it is heard; the turn is closed, and the next one is not held up by it."""
    with talk_through_a_relay(tmp_path) as (talk, relay):
        talk.simulator.say(marks_s=20.0, burst=1.0)
        talk.wait_played(1, 10)
        relay.reset()
        assert talk.ear
        lost = talk.ear.wait_for(TurnComplete, 10)
        assert lost.reason == "lost"
        talk.ear.wait_for(SessionState, 10, lambda e: e.state == "open" and e.resumed)
        talk.simulator.say(marks_s=1.0)
        talk.ear.wait_for(TurnComplete, 10, lambda e: e.turn > lost.turn and e.reason == "")


def test_an_outage_longer_than_the_backlog_costs_the_oldest_and_says_so(tmp_path: Path) -> None:
    """With room for 2 s, an outage of 5 s loses the oldest seconds, as one loss, counted to the frame."""
    with talk_through_a_relay(tmp_path, "live.backlog_s=2") as (talk, relay):
        talk.wait_server_heard(1, 10)
        relay.refuse()
        relay.reset()
        for_seconds(5)
        relay.accept()
        assert talk.ear
        talk.ear.wait_for(SessionState, 20, lambda e: e.state == "open" and e.resumed)
        heard = len(talk.simulator.heard()) / 2 / MIC_RATE
        talk.wait_server_heard(heard + 3, 15)
        found = talk.heard_by_server()
        assert len(found) == 2, found
        lost = sum(e.frames for e in talk.ear.of(Loss))
        assert lost % 32_768 == (found[1].first - found[0].end) % 32_768
        wait_until(lambda: talk.daemon.ask("status")["lost_frames"] == lost, 5)
