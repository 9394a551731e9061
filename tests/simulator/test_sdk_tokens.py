"""A device with a token instead of a key: the real SDK mints it and opens sessions with it."""

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from google.genai import errors, types
from websockets.exceptions import InvalidStatus

from simulator.harness import MODEL, Stand, hear_turn, stand
from simulator.sdk_steps import FAST, SHORT, handle_of, in_loop, turn
from simulator.test_rest import KEY, by_sdk
from simulator.wire_client import PATH, SETUP, dial, set_up

pytestmark = pytest.mark.filterwarnings("ignore::google.genai.errors.ExperimentalWarning")


async def mint(simulator: Stand, **config: Any) -> str:
    """A new token's name."""
    token = await by_sdk(simulator, lambda client: client.auth_tokens.create(config=config))
    return str(token.name)


def soon(seconds: float) -> datetime.datetime:
    """A moment on the wall."""
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)


async def refused(simulator: Stand, token: str, handle: str | None = None) -> tuple[int, str]:
    """The close of a connection that is not to come about."""
    resume = types.SessionResumptionConfig(handle=handle)
    with pytest.raises(errors.APIError) as caught:
        async with simulator.connect(key=token, session_resumption=resume):
            pass
    return caught.value.code, str(caught.value.details)


@in_loop
async def test_uses(tmp_path: Path) -> None:
    """One fresh session, resumed as often as one likes; the second fresh one is closed 1011."""
    async with stand(tmp_path, SHORT, key=KEY) as simulator:
        token = await mint(simulator)
        async with simulator.connect(key=token) as session:
            handle = handle_of(await turn(session))
        assert simulator.journal("open")[0]["auth"] == "token header"
        for _ in range(2):
            resume = types.SessionResumptionConfig(handle=handle)
            async with simulator.connect(key=token, session_resumption=resume) as session:
                handle = handle_of(await turn(session))
        assert await refused(simulator, token) == (1011, "Token has been used too many times")
        assert token not in simulator.journal_text()


@in_loop
async def test_expiry(tmp_path: Path) -> None:
    """It closes the running session within a second; resuming needs a new token, which takes the same handle."""
    async with stand(tmp_path, "time_scale = 100\n" + SHORT, key=KEY) as simulator:
        expires = soon(300)  # 3 s on this clock
        token = await mint(simulator, expire_time=expires, new_session_expire_time=expires)
        async with simulator.connect(key=token) as session:
            handle = handle_of(await hear_turn(session, until=lambda heard: "update" in heard.order))
            with pytest.raises(errors.APIError) as caught:
                while True:
                    await hear_turn(session)
        assert (caught.value.code, caught.value.details) == (1011, "auth token has expired")
        lived_s = (simulator.journal("sent", "close")[0]["t_ns"] - simulator.journal("request")[0]["t_ns"]) / 1e9
        assert 2.5 < lived_s < 3 + 1
        assert await refused(simulator, token, handle) == (1011, "Token has expired")
        assert await refused(simulator, token) == (1011, "Token has expired")
        new = await mint(simulator)
        async with simulator.connect(
            key=new, session_resumption=types.SessionResumptionConfig(handle=handle)
        ) as session:
            assert (await turn(session)).pcm


@in_loop
async def test_a_pinned_setup_counts(tmp_path: Path) -> None:
    """The client's wishes are replaced: transcripts that the token does not name are off, its model is served."""
    constraints = {"model": MODEL, "config": {"response_modalities": ["AUDIO"], "output_audio_transcription": {}}}
    async with stand(tmp_path, FAST + "[[reply]]\ntext = 'Hello you.'\n", key=KEY) as simulator:
        token = await mint(simulator, live_connect_constraints=constraints)
        async with simulator.connect(model="gemini-of-nowhere", key=token) as session:
            heard = await turn(session)
    assert heard.output_text
    assert not heard.input_text


@pytest.mark.parametrize(
    ("target", "headers", "kind"),
    [
        ("?access_token={}", {}, "token query"),
        ("", {"Authorization": "Token {}"}, "token header"),
    ],
)
@in_loop
async def test_raw_forms(tmp_path: Path, target: str, headers: dict[str, str], kind: str) -> None:
    """Query and header alone open the constrained path, and no other."""
    async with stand(tmp_path, FAST, key=KEY) as simulator:
        token = await mint(simulator, uses=0)
        shown = {name: value.format(token) for name, value in headers.items()}
        async with dial(simulator, f"{PATH}Constrained{target.format(token)}", shown) as client:
            assert "setupComplete" in await set_up(client)
        assert simulator.journal("open")[0]["auth"] == kind
        async with dial(simulator, f"{PATH}{target.format(token)}", shown) as client:
            await client.send(json.dumps(SETUP))
            await client.wait_closed()
            assert client.close_code == 1008


@in_loop
async def test_tokens_of_nobody(tmp_path: Path) -> None:
    """With a key set, only what was minted here opens the door; without one any token does."""
    async with stand(tmp_path, FAST, key=KEY) as simulator:
        assert (await refused(simulator, "auth_tokens/nobody"))[0] == 1008
    async with stand(tmp_path, FAST) as simulator, simulator.connect(key="auth_tokens/any"):
        pass


@pytest.mark.parametrize(("shown", "status"), [({}, 403), ({"x-goog-api-key": "wrong"}, 401)])
@in_loop
async def test_refusal_at_the_upgrade(tmp_path: Path, shown: dict[str, str], status: int) -> None:
    """Models that refuse a key at the upgrade say 403 without one, 401 to a wrong one."""
    model = "gemini-2.5-flash-native-audio"
    async with stand(tmp_path, FAST, key=KEY, model=model) as simulator:
        with pytest.raises(InvalidStatus) as caught:
            async with dial(simulator, PATH, shown):
                pass
    assert caught.value.response.status_code == status
