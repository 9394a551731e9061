"""Ephemeral tokens: how often, how long, and for which setup."""

import datetime
from typing import Any

import pytest

from lived_workers.simulator.client_messages import Setup
from lived_workers.simulator.closes import ProtocolViolationError
from lived_workers.simulator.plain_http import HttpError
from lived_workers.simulator.tokens import EXPIRED, MOST_TOKENS, SPENT, Token, Tokens

WALL = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
FRESH = Setup({"model": "models/theirs"})
RESUMED = Setup({"model": "models/theirs", "sessionResumption": {"handle": "H"}})


def minted(now: float = 0.0, time_scale: float = 1.0, **request: Any) -> Token:
    """A token made at `now`."""
    tokens = Tokens(lambda: "auth_tokens/1", time_scale)
    found = tokens.find(tokens.mint(request, now, WALL))
    assert found is not None
    return found


def after(**passed: float) -> str:
    """A moment after the minting, as REST clients write it."""
    return (WALL + datetime.timedelta(**passed)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(("uses", "taken"), [({}, 1), ({"uses": 3}, 3), ({"uses": 0}, 50)])
def test_uses_count_fresh_sessions(uses: dict[str, int], taken: int) -> None:
    """One unless told otherwise, 0 is any number; resuming is free before and after."""
    token = minted(**uses)
    for _ in range(taken):
        token.admit(1.0, RESUMED)
        token.admit(1.0, FRESH)
    token.admit(1.0, RESUMED)
    if uses.get("uses") != 0:
        with pytest.raises(ProtocolViolationError) as caught:
            token.admit(1.0, FRESH)
        assert caught.value.close == SPENT


def test_an_empty_handle_is_a_fresh_session() -> None:
    """`sessionResumption: {}` asks for handles and resumes nothing."""
    token = minted()
    token.admit(0.0, Setup({"model": "m", "sessionResumption": {}}))
    with pytest.raises(ProtocolViolationError):
        token.admit(0.0, Setup({"model": "m", "sessionResumption": {"handle": ""}}))


@pytest.mark.parametrize("time_scale", [1.0, 60.0])
def test_two_clocks_run_out(time_scale: float) -> None:
    """60 s for fresh sessions, 30 min for all, on the scaled clock; exactly then it is over."""
    token = minted(100.0, time_scale, uses=0)
    minute = 60 / time_scale
    token.admit(100 + 0.99 * minute, FRESH)
    for now, setup in ((100 + minute, FRESH), (100 + 30 * minute, RESUMED), (100 + 99 * minute, FRESH)):
        with pytest.raises(ProtocolViolationError) as caught:
            token.admit(now, setup)
        assert caught.value.close == EXPIRED
    token.admit(100 + 29.9 * minute, RESUMED)


def test_told_times() -> None:
    """expireTime and newSessionExpireTime are moments on the wall, in any zone and precision."""
    token = minted(5.0, expireTime=after(hours=20), newSessionExpireTime="2026-11-22T14:00:01.500000000+01:00")
    assert token.expires == 5 + 20 * 3600
    assert token.new_sessions_until == 5 + 3601.5


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"liveConnectConstraints": {}}, 'Unknown name "liveConnectConstraints"'),
        ({"bidiGenerateContentSetup": {"setup": {}}}, 'Unknown name "setup" at \'auth_token.bidi'),
        ({"bidiGenerateContentSetup": []}, "TYPE_MESSAGE"),
        ({"uses": -1}, "uses"),
        ({"uses": "1"}, "uses"),
        ({"uses": True}, "uses"),
        ({"expireTime": "tomorrow"}, "Timestamp"),
        ({"expireTime": "2026-11-22T13:00:00"}, "Timestamp"),
        ({"expireTime": after(hours=20, seconds=1)}, "20 hours"),
        ({"newSessionExpireTime": after(hours=21)}, "20 hours"),
        ({"expireTime": after(seconds=-1)}, "future"),
        ({"fieldMask": ["a"]}, "field_mask"),
    ],
)
def test_senseless_requests(request_: dict[str, Any], words: str) -> None:
    """400, naming the field."""
    with pytest.raises(HttpError, match=words) as caught:
        minted(**request_)
    assert caught.value.answer.status == 400


def test_a_pinned_setup_replaces() -> None:
    """What the token does not pin falls to the default, not to the client's wish; only the handle stays theirs."""
    token = minted(bidiGenerateContentSetup={"model": "models/ours", "generationConfig": {"temperature": 0.5}}, uses=0)
    asked = {"model": "models/theirs", "tools": [], "generationConfig": {"topP": 1}, "sessionResumption": {}}
    pinned = {"model": "models/ours", "generationConfig": {"temperature": 0.5}}
    assert token.admit(0, Setup(asked)).body == pinned | {"sessionResumption": {}}
    assert token.admit(0, FRESH).body == pinned
    assert minted().admit(0, FRESH) == FRESH


def test_a_mask_pins_fields() -> None:
    """Named fields are the token's, also those that it leaves empty; the others are the client's."""
    token = minted(
        bidiGenerateContentSetup={"model": "models/ours", "generationConfig": {"temperature": 0.5}},
        fieldMask="model,generationConfig.temperature,generation_config.top_p,system_instruction",
    )
    asked = {
        "model": "models/theirs",
        "systemInstruction": {"parts": []},
        "generationConfig": {"topP": 1, "topK": 7, "temperature": 1.0},
        "tools": [1],
    }
    assert token.admit(0, Setup(asked)).body == {
        "model": "models/ours",
        "generationConfig": {"topK": 7, "temperature": 0.5},
        "tools": [1],
    }


def test_tokens_are_bounded() -> None:
    """The oldest goes when there are too many."""
    names = iter(range(MOST_TOKENS + 1))
    tokens = Tokens(lambda: f"auth_tokens/{next(names)}", 1.0)
    for _ in range(MOST_TOKENS + 1):
        tokens.mint({}, 0.0, WALL)
    assert tokens.find("auth_tokens/0") is None
    assert tokens.find("auth_tokens/1") is not None
