"""Connections that end, conversations that begin and end: what the gateway does, and what it says about it."""

from typing import Any

import msgspec
import pytest

from gateway.talk import SECRET, Talking, await_complete, await_sound, speaking
from lived.wire.events import Heartbeat, Ready, SessionState, Unready
from lived.wire.orders import Converse

pytestmark = pytest.mark.processes

ENDS: list[tuple[dict[str, Any], str]] = [
    ({"code": 1000, "reason": ""}, "now and then"),
    ({"code": 1011, "reason": "Deadline expired before operation could complete."}, "longest duration"),
]


@pytest.mark.parametrize(("close", "words"), ENDS)
def test_a_closed_connection_is_resumed(talking: Talking, close: dict[str, Any], words: str) -> None:
    """In the middle of a reply: the turn ends as lost, the sentence says why, and the session goes on."""
    with talking() as talk:
        talk.open()
        talk.simulator.say(marks_s=8.0, burst=1.0)
        await_sound(talk, 1, 4_800)
        talk.simulator.inject(do="close", **close)
        assert await_complete(talk, 1).reason == "lost"
        again = talk.await_open(2)
        assert again.resumed
        (retrying,) = talk.states("retrying")
        assert words in retrying.text
        assert "Trying again in" in retrying.text
        assert [e for e in talk.bus.heard(Unready) if e == Unready(worker="gateway", text=retrying.text)]


def test_a_quota_waits_for_minutes(talking: Talking) -> None:
    """No hammering; the sentence says what is wrong and when it goes on."""
    with talking() as talk:
        talk.open()
        talk.simulator.inject(do="close", code=1011, reason="You exceeded your current quota, please check your plan")
        talk.bus.wait_for(lambda: talk.states("retrying"), "the sentence")
        (retrying,) = talk.states("retrying")
        assert "plan and billing" in retrying.text
        assert float(retrying.text.split()[-2]) >= 30


STOPS = [
    ('do = "refuse"\nstatus = 403', "GEMINI_API_KEY"),
    ('do = "refuse"\nstatus = 404', "live.api_version"),
    ('do = "close"\ncode = 1008\nreason = "models/x is not found for API version v1beta"', "live.model"),
    ('do = "close"\ncode = 1007\nreason = "Request contains an invalid argument."', "under live"),
]


@pytest.mark.parametrize(("fault", "words"), STOPS)
def test_what_needs_a_person_is_not_retried(talking: Talking, fault: str, words: str) -> None:
    """One connection, one sentence; a new order to converse tries again."""
    with talking(f'[[fault]]\non = "connect:1"\n{fault}\n') as talk:
        talk.start()
        talk.bus.wait_for(lambda: talk.states("failed"), "the failure")
        (failed,) = talk.states("failed")
        assert words in failed.text
        assert "rying again" not in failed.text
        talk.bus.wait_event(Unready, text=failed.text)
        assert talk.relay.accepted == 1
        talk.bus.order("gateway", Converse(on=True))
        talk.await_open(1)


def test_a_broken_setup_with_a_handle_is_tried_fresh(talking: Talking) -> None:
    """1007 on resumption: once more without the handle, and that works."""
    with talking('[[fault]]\ndo = "close"\non = "connect:2"\ncode = 1007\n') as talk:
        talk.open()
        talk.simulator.wait_for("sent", "sessionResumptionUpdate")
        talk.simulator.inject(do="reset")
        assert not talk.await_open(2).resumed


def test_an_untrusted_certificate(talking: Talking) -> None:
    """A sentence that names what to look at, and another try: the device's date may be what is wrong."""
    with talking() as talk:
        talk.configure(ca_file="")
        talk.start()
        talk.bus.wait_for(lambda: talk.states("retrying"), "the sentence")
        assert "ca_file" in talk.states("retrying")[0].text


def test_no_key(talking: Talking) -> None:
    """Says which variable to set, and does not even connect."""
    with talking() as talk:
        talk.start(secret="")
        talk.bus.wait_for(lambda: talk.states("failed"), "the failure")
        assert "GEMINI_API_KEY" in talk.states("failed")[0].text
        assert talk.relay.accepted == 0


def test_a_silent_server_times_out(talking: Talking) -> None:
    """No setupComplete: after live.setup_timeout_s another attempt."""
    with talking('[[fault]]\ndo = "no_setup_complete"\non = "connect:1"\n') as talk:
        talk.configure(setup_timeout_s=1.0)
        talk.start()
        talk.await_open(1)
        assert "setup_timeout_s" in talk.states("retrying")[0].text


def test_the_key_is_nowhere(talking: Talking, capfd: pytest.CaptureFixture[str]) -> None:
    """Not in what is logged, published or kept, not even when the server repeats it in a close reason."""
    with talking() as talk:
        talk.config = msgspec.structs.replace(
            talk.config, daemon=msgspec.structs.replace(talk.config.daemon, log_level="debug")
        )
        worker = talk.open()
        talk.simulator.inject(do="close", code=1008, reason=f"Bad key {SECRET}")
        talk.bus.wait_for(lambda: talk.states("failed"), "the failure")
        assert worker.stdin is not None
        worker.stdin.close()
        assert worker.wait(5) == 0
        said = capfd.readouterr()
        everything = said.out + said.err + repr(talk.bus.events)
        everything += "".join(p.read_text(errors="replace") for p in talk.bus.directory.iterdir() if p.is_file())
        assert "Bad key [hidden]" in everything
        assert SECRET not in everything


def test_the_end_of_a_conversation(talking: Talking) -> None:
    """Off: the socket is closed at once, the session is not resumed later; on: a new one."""
    with talking() as talk, speaking(talk):
        talk.open()
        talk.simulator.wait_for("sent", "sessionResumptionUpdate")
        talk.bus.order("gateway", Converse(on=False))
        talk.simulator.wait_for("close", timeout=2.0)
        talk.bus.wait_for(lambda: talk.states("off"), "the state")  # the server and the bus tell it independently
        before = len(talk.simulator.heard())
        talk.bus.order("gateway", Converse(on=True))
        again = talk.await_open(2)
        assert not again.resumed
        talk.bus.wait_for(lambda: len(talk.simulator.heard()) > before, "sound again")
        assert again.connection == 1


def test_a_gateway_without_a_conversation_connects_to_nobody(talking: Talking) -> None:
    """It is ready all the same: there is nothing to do."""
    with talking() as talk:
        talk.start(conversing=False)
        talk.bus.wait_event(Ready, worker="gateway", text="no conversation")
        talk.bus.wait_for(lambda: len(talk.bus.heard(Heartbeat)) >= 3, "heartbeats")
        assert talk.relay.accepted == 0
        talk.bus.order("gateway", Converse(on=True))
        talk.await_open(1)


def test_states_are_told_in_their_order(talking: Talking) -> None:
    """connecting, open, and off at the end."""
    with talking() as talk:
        talk.open()
        talk.bus.order("gateway", Converse(on=False))
        talk.bus.wait_for(lambda: talk.states("off"), "the end")
        assert [e.state for e in talk.bus.events if isinstance(e, SessionState)] == ["connecting", "open", "off"]
