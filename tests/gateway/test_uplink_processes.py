"""From microphone to server nothing is lost and nothing is doubled, whatever happens to network and processes.

Every sample is numbered; what the server received must be one unbroken run of numbers.
"""

import itertools
import time

import pytest

from fakes.bus import stopped
from fakes.microphone import Microphone
from gateway.talk import Talk, Talking
from lived.units import MIC_RATE, SECOND
from lived.wire.events import Loss
from lived_workers.gateway.pings import PING_EVERY
from lived_workers.simulator.marks import PERIOD, Run, runs

pytestmark = pytest.mark.processes

OUTAGE_S = 5.0

HALF_OPEN = 'old_socket = "replace"'
"""The stand-in never learns that its half-open connection was left: it need not be believed for that."""

MESSAGE = 320
"""Frames in 20 ms."""

BUSY_S = 8.0
"""It takes about 1 s of processor time (bench/): here four others want the processor too."""


def received(talk: Talk, microphone: Microphone) -> list[Run]:
    """The runs that arrived, once everything published until now has."""
    microphone.end()
    wanted = (microphone.frames - MESSAGE) * 2
    talk.bus.wait_for(lambda: len(talk.simulator.heard()) >= wanted, "the sound to arrive")
    return runs(talk.simulator.heard(), shortest=1)


def twice(found: list[Run]) -> int:
    """Frames that came on an old connection and again on the next one."""
    return (found[0].end - found[-1].first) % PERIOD if len(found) == 2 else 0


def arrived(talk: Talk) -> int:
    """Frames that have come, once or twice. Counted: the last number says nothing of one that is a period behind."""
    found = runs(talk.simulator.heard(), shortest=1)
    return sum(run.frames for run in found) - twice(found)


def assert_whole(found: list[Run], microphone: Microphone) -> None:
    """One run, from the first sample published to the last message."""
    assert [run.first for run in found] == [0], found
    assert microphone.frames - MESSAGE <= found[0].frames <= microphone.frames


def test_everything_said_while_the_session_opens_arrives(talking: Talking) -> None:
    """What was said before there was a session, and even before the gateway ran, is sent afterwards."""
    with talking("timing.setup_ms = 1500") as talk, Microphone(talk.bus) as microphone:
        talk.bus.wait_for(lambda: microphone.frames > 8_000, "half a second of sound")
        talk.open()
        assert_whole(received(talk, microphone), microphone)


def test_a_gateway_that_stood_still_loses_nothing(talking: Talking) -> None:
    """SIGSTOP for 5 s: everything is sent afterwards."""
    with talking() as talk, Microphone(talk.bus) as microphone:
        worker = talk.open()
        with stopped(worker):
            time.sleep(OUTAGE_S)
        assert_whole(received(talk, microphone), microphone)
        assert len(talk.states("open")) == 1


def test_a_server_that_does_not_read_loses_nothing(talking: Talking) -> None:
    """5 s without reading: the receiving side lives on, the sound is kept and sent."""
    with talking() as talk, Microphone(talk.bus) as microphone:
        microphone.numbered = False
        talk.open()
        microphone.numbered = True
        talk.relay.stall()
        time.sleep(OUTAGE_S)
        talk.simulator.say("Can you hear me?")
        talk.bus.wait_for(lambda: any(c.stream == "model" for c in talk.bus.chunks), "a reply meanwhile")
        talk.relay.go()
        (run,) = received(talk, microphone)
        assert talk.simulator.heard()[: run.at * 2] == bytes(run.at * 2)
        assert microphone.frames - MESSAGE <= run.at + run.frames <= microphone.frames
        assert len(talk.states("open")) == 1


def test_a_network_that_was_cut_loses_nothing(talking: Talking) -> None:
    """5 s without a packet, the connection survives."""
    with talking() as talk, Microphone(talk.bus) as microphone:
        talk.open()
        talk.relay.cut()
        time.sleep(OUTAGE_S)
        talk.relay.heal()
        assert_whole(received(talk, microphone), microphone)
        assert len(talk.states("open")) == 1


@pytest.mark.parametrize("silent_s", [0.0, 1.0])
def test_a_connection_that_was_reset_loses_and_doubles_nothing(talking: Talking, silent_s: float) -> None:
    """RST (at once, or after a silent second), then 5 s of refused connections: the session is resumed, and every
    frame has arrived exactly once."""
    with talking() as talk, Microphone(talk.bus) as microphone:
        talk.open()
        talk.simulator.wait_for("audio", count=100)
        if silent_s:
            talk.relay.cut()
            time.sleep(silent_s)
        talk.relay.refuse()
        talk.relay.reset()
        time.sleep(OUTAGE_S)
        talk.relay.accept()
        assert talk.await_open(2).resumed
        assert_whole(received(talk, microphone), microphone)
        assert not talk.bus.heard(Loss)


@pytest.mark.parametrize("planned", [False, True])
def test_a_server_that_stopped_reading_loses_nothing(talking: Talking, planned: bool) -> None:
    """Its machine goes on acknowledging, and its program neither reads nor answers any more. Found out (hung), or left
    before that (goAway): what it may not have read is sent again on the next connection, and at most half a second
    of what it had read."""
    with talking(HALF_OPEN) as talk, Microphone(talk.bus) as microphone:
        talk.configure(nudge_s=2.0, hung_s=5.0)
        talk.open()
        talk.simulator.wait_for("audio", count=100)
        if planned:
            talk.simulator.inject(do="go_away", s=5.0)
        talk.simulator.inject(do="half_open")
        talk.await_open(2)
        microphone.end()

        talk.bus.wait_for(lambda: arrived(talk) >= microphone.frames - MESSAGE, "the last of the sound")
        found = runs(talk.simulator.heard(), shortest=1)
        assert found[0].first == 0
        assert len(found) <= 2, found
        assert twice(found) <= (PING_EVERY * MIC_RATE) // SECOND + 5 * MESSAGE
        assert arrived(talk) <= microphone.frames
        assert not talk.bus.heard(Loss)


def test_the_oldest_sound_is_given_up_when_too_much_waits(talking: Talking) -> None:
    """More than live.backlog_s: the newest is kept, the rest is counted to the frame."""
    with talking() as talk:
        talk.configure(backlog_s=1.0)
        talk.open()
        microphone = talk.stack.enter_context(Microphone(talk.bus))
        talk.simulator.wait_for("audio", count=50)
        talk.relay.refuse()
        talk.relay.reset()
        time.sleep(3.0)
        talk.relay.accept()
        talk.await_open(2)
        microphone.end()

        def lost() -> int:
            return sum(loss.frames for loss in talk.bus.heard(Loss) if isinstance(loss, Loss))

        def accounted_for() -> bool:
            return len(talk.simulator.heard()) // 2 + lost() >= microphone.frames

        talk.bus.wait_for(accounted_for, "every frame to have arrived or to be told as lost")
        found = runs(talk.simulator.heard(), shortest=1)
        assert lost() > 0
        # given up once, unless this machine was too busy to send the rest in time
        assert sum((b.first - a.end) % PERIOD for a, b in itertools.pairwise(found)) % PERIOD == lost() % PERIOD, found


def test_a_killed_gateway_goes_on_where_it_was(talking: Talking) -> None:
    """SIGKILL: its successor resumes the same session and sends what was said meanwhile; nothing is lost."""
    with talking() as talk, Microphone(talk.bus) as microphone:
        worker = talk.open()
        talk.simulator.wait_for("audio", count=100)
        worker.kill()
        worker.wait()
        began = time.monotonic()
        talk.open()
        assert time.monotonic() - began < BUSY_S
        assert talk.states("open")[-1].resumed
        microphone.end()

        talk.bus.wait_for(lambda: arrived(talk) >= microphone.frames - MESSAGE // 2, "the last of the sound")
        # what the server's machine had received, but not acknowledged, when the process died may come twice
        found = runs(talk.simulator.heard(), shortest=1)
        assert found[0].first == 0
        assert len(found) <= 2, found
        assert twice(found) <= 3 * MESSAGE
        assert arrived(talk) <= microphone.frames
        assert not talk.bus.heard(Loss)
