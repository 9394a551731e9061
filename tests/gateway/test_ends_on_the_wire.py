"""Every way in which the Live API ends a connection, sent by the stand-in and heard through the real SDK."""

from typing import Any

import pytest

from gateway.talk import Talk, Talking

pytestmark = pytest.mark.processes

RESUMED: list[dict[str, Any]] = [
    {"do": "close", "code": 1000, "reason": ""},
    {"do": "close", "code": 1001, "reason": "going away"},
    {"do": "reset"},
    {"do": "close", "code": 1011, "reason": "Internal error encountered."},
    {"do": "close", "code": 1011, "reason": "The service is currently unavailable."},
    {"do": "close", "code": 1011, "reason": "Deadline expired before operation could complete."},
    {"do": "close", "code": 1011, "reason": "RPC::DEADLINE_EXCEEDED"},
    {"do": "close", "code": 1011, "reason": "keepalive ping timeout"},
]
"""Trouble of the server or the network: the session goes on."""

FRESH: list[dict[str, Any]] = [
    {"do": "close", "code": 1007, "reason": "Request contains an invalid argument."},
    {"do": "close", "code": 1007, "reason": "Invalid JSON payload received. Unknown name \"x\" at 'setup'"},
    {"do": "close", "code": 1007, "reason": "No turn to complete"},
    {"do": "context_exhausted"},
    {"do": "close", "code": 1008, "reason": "The operation was aborted."},
    {"do": "close", "code": 1008, "reason": "Operation is not implemented, or supported, or enabled."},
]
"""The session itself may be at fault: another one is tried, once."""

STOPPED: list[dict[str, Any]] = [
    {"do": "close", "code": 1007, "reason": "API key not valid. Please pass a valid API key."},
    {"do": "close", "code": 1008, "reason": "models/x is not found for API version v1beta, or is not supported"},
    {"do": "close", "code": 1008, "reason": "Method doesn't allow unregistered callers"},
    {"do": "token_spent"},
    {"do": "token_expired"},
]
"""A person has to change something."""

LATER: list[dict[str, Any]] = [
    {"do": "quota"},
    {"do": "close", "code": 1011, "reason": "Resource has been exhausted (e.g. check quota)."},
]
"""In minutes."""


def _ended(talk: Talk, fault: dict[str, Any]) -> None:
    talk.open()
    talk.simulator.wait_for("sent", "sessionResumptionUpdate")
    talk.simulator.inject(**fault)


def _id(fault: dict[str, Any]) -> str:
    return f"{fault.get('code', fault['do'])} {fault.get('reason', '')[:24]}".strip()


@pytest.mark.parametrize("fault", RESUMED, ids=_id)
def test_resumed(talking: Talking, fault: dict[str, Any]) -> None:
    """By the handle, within seconds."""
    with talking() as talk:
        _ended(talk, fault)
        assert talk.await_open(2).resumed


@pytest.mark.parametrize("fault", FRESH, ids=_id)
def test_fresh(talking: Talking, fault: dict[str, Any]) -> None:
    """Another session, and the sentence says so."""
    with talking() as talk:
        _ended(talk, fault)
        assert not talk.await_open(2).resumed
        assert "as a new session" in talk.states("retrying")[0].text


@pytest.mark.parametrize("fault", STOPPED, ids=_id)
def test_stopped(talking: Talking, fault: dict[str, Any]) -> None:
    """One sentence, and nobody hammers."""
    with talking() as talk:
        _ended(talk, fault)
        talk.bus.wait_for(lambda: talk.states("failed"), "the sentence")
        assert not talk.states("retrying")
        assert talk.relay.accepted == 1


@pytest.mark.parametrize("fault", LATER, ids=_id)
def test_later(talking: Talking, fault: dict[str, Any]) -> None:
    """With the handle kept for then."""
    with talking() as talk:
        _ended(talk, fault)
        talk.bus.wait_for(lambda: talk.states("retrying"), "the sentence")
        (retrying,) = talk.states("retrying")
        assert float(retrying.text.split()[-2]) >= 30


@pytest.mark.parametrize(
    ("status", "state"),
    [(400, "failed"), (401, "failed"), (403, "failed"), (404, "failed"), (429, "retrying"), (503, "retrying")],
)
def test_refused_before_it_began(talking: Talking, status: int, state: str) -> None:
    """An HTTP status in place of a connection: again only where that may help."""
    with talking(f'[[fault]]\non = "connect:1"\ndo = "refuse"\nstatus = {status}\n') as talk:
        talk.start()
        talk.bus.wait_for(lambda: talk.states("failed") or talk.states("retrying"), "the verdict")
        assert talk.states(state)
        if status == 503:
            talk.await_open(1)
        else:
            assert not talk.states("open")
