"""The REST methods: by the real SDK over TLS, and byte by byte."""

import asyncio
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from lived_workers.simulator.plain_http import MOST_BODY_BYTES
from simulator.harness import MODEL, Stand, stand
from simulator.sdk_steps import FAST, in_loop
from simulator.wire_client import PATH, ask, dial, set_up

pytestmark = pytest.mark.filterwarnings("ignore::google.genai.errors.ExperimentalWarning")
KEY = "the-key-of-this-test"


@contextmanager
def rest(simulator: Stand, key: str = KEY) -> Iterator[genai.Client]:
    """The SDK's REST side, unpatched, closed afterwards."""
    options = types.HttpOptions(
        base_url=f"https://127.0.0.1:{simulator.ready.port}",
        api_version="v1alpha",
        client_args={"verify": ssl.create_default_context(cafile=simulator.ready.ca_file), "trust_env": False},
    )
    with genai.Client(api_key=key, http_options=options) as client:
        yield client


async def by_sdk(simulator: Stand, call: Callable[[genai.Client], Any], key: str = KEY) -> Any:
    """What a call of the SDK gives, beside the simulator's loop."""

    def run() -> Any:
        with rest(simulator, key) as client:
            return call(client)

    return await asyncio.to_thread(run)


def get(target: str, verb: str = "GET", headers: str = f"x-goog-api-key: {KEY}\r\n", body: str = "") -> bytes:
    """A request as bytes."""
    return f"{verb} {target} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}".encode()


@in_loop
async def test_models_are_listed(tmp_path: Path) -> None:
    """All of them, over several pages, the Live ones marked; one by its name; an unknown one is 404."""
    async with stand(tmp_path, FAST, key=KEY) as simulator:
        models = await by_sdk(simulator, lambda client: list(client.models.list(config={"page_size": 2})))
        live = [m.name for m in models if "bidiGenerateContent" in m.supported_actions]
        assert f"models/{MODEL}" in live
        assert 0 < len(live) < len(models)
        assert len({m.name for m in models}) == len(models)
        model = await by_sdk(simulator, lambda client: client.models.get(model=MODEL))
        assert (model.input_token_limit, model.output_token_limit) == (131_072, 65_536)
        with pytest.raises(errors.ClientError) as caught:
            await by_sdk(simulator, lambda client: client.models.get(model="nobody"))
    assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("shown", "status", "name"),
    [
        ("", 403, "PERMISSION_DENIED"),
        ("x-goog-api-key: wrong\r\n", 400, "INVALID_ARGUMENT"),
        ("x-goog-api-key: auth_tokens/x\r\n", 401, "UNAUTHENTICATED"),
        ("Authorization: Token auth_tokens/x\r\n", 401, "UNAUTHENTICATED"),
        ("Authorization: Bearer wrong\r\n", 401, "UNAUTHENTICATED"),
        (f"Authorization: Bearer {KEY}\r\n", 200, None),
        (f"X-GOOG-API-KEY: {KEY}\r\n", 200, None),
    ],
)
@in_loop
async def test_keys(tmp_path: Path, shown: str, status: int, name: str | None) -> None:
    """No key 403, a wrong one 400, a token 401, a wrong bearer 401; the kind and no value is in the journal."""
    async with stand(tmp_path, FAST, key=KEY) as simulator:
        got, headers, body = await ask(simulator, get("/v1beta/models", headers=shown))
        journal = simulator.journal_text()
        (entry,) = simulator.journal("request")
    assert (got, body.get("error", {}).get("status"), entry["status"]) == (status, name, status)
    assert headers["content-type"] == "application/json; charset=UTF-8"
    assert KEY not in journal
    assert "auth_tokens/x" not in journal


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get("/v1beta/nothing"), 404),
        (get("/v1beta/auth_tokens"), 404),
        (get("/v1beta/auth_tokens/abc"), 404),
        (get("/v1beta/auth_tokens/abc", "DELETE"), 404),
        (get("/v9/models"), 404),
        (get(PATH), 404),
        (get("//v1beta//models"), 200),
        (get("/v1/models?pageSize=1&pageToken=0"), 200),
        (get("/v1/models?pageSize=x"), 400),
        (get("/v1/models?pageToken=999"), 200),
        (get("/v1beta/auth_tokens", "POST", body="no JSON"), 400),
        (get("/v1beta/auth_tokens", "POST", body="[]"), 400),
        (get("/v1beta/auth_tokens", "POST", body='{"liveConnectConstraints": {}}'), 400),
        (get("/v1beta/auth_tokens", "POST", body='{"new_session_expire_time": "x"}'), 400),
        (get("/v1beta/auth_tokens", "POST", body='{"uses": 2}'), 200),
        (get("/v1beta/auth_tokens", "POST"), 200),
        (b"garbage\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MOST_BODY_BYTES + 1), 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
    ],
)
@in_loop
async def test_routes(tmp_path: Path, request_: bytes, status: int) -> None:
    """Each answer is JSON of Google's form, whether the request comes at once or in pieces; nothing is in the log."""
    async with stand(tmp_path, FAST, key=KEY, plain_port=0) as simulator:
        for pieces, plain in ((1, False), (7, True)):
            got, _, body = await ask(simulator, request_, plain, pieces)
            assert got == status
            assert ("error" in body) is (status != 200)
            assert "error" not in body or body["error"]["code"] == status
        assert "auth_tokens/abc" not in simulator.journal_text()
        async with dial(simulator, f"{PATH}?key={KEY}") as client:
            assert "setupComplete" in await set_up(client)


@in_loop
async def test_a_client_that_stops_in_the_middle(tmp_path: Path) -> None:
    """Half a request, then nothing: it keeps nobody waiting, not even the end of the stand-in."""
    async with stand(tmp_path, FAST, key=KEY, plain_port=0) as simulator:
        _, writer = await asyncio.open_connection("127.0.0.1", simulator.ready.plain_port)
        writer.write(get("/v1beta/auth_tokens", "POST", body="{}")[:-1])
        await writer.drain()
        assert await by_sdk(simulator, lambda client: client.models.get(model=MODEL))
    writer.close()


@in_loop
async def test_a_failing_rest_server(tmp_path: Path) -> None:
    """A fault on a request answers it with its status, and the next one is served."""
    fault = "[[fault]]\non = 'request:1'\ndo = 'refuse'\nstatus = 503\n"
    async with stand(tmp_path, FAST + fault, key=KEY) as simulator:
        with pytest.raises(errors.ServerError) as caught:
            await by_sdk(simulator, lambda client: client.models.get(model=MODEL))
        assert (caught.value.code, caught.value.status) == (503, "UNAVAILABLE")
        assert await by_sdk(simulator, lambda client: client.models.get(model=MODEL))


@in_loop
async def test_sdk_mints_tokens(tmp_path: Path) -> None:
    """What the SDK writes for each way of locking is taken; no name comes twice and none is in the journal."""
    constraints = {"model": MODEL, "config": {"temperature": 0.5, "response_modalities": ["AUDIO"]}}
    configs: list[dict[str, Any]] = [
        {},
        {"uses": 3},
        {"live_connect_constraints": constraints},
        {"live_connect_constraints": constraints, "lock_additional_fields": []},
        {"live_connect_constraints": constraints, "lock_additional_fields": ["top_p"]},
    ]
    async with stand(tmp_path, FAST, key=KEY) as simulator:
        names = await by_sdk(simulator, lambda client: [client.auth_tokens.create(config=c).name for c in configs])
        journal = simulator.journal_text()
    assert all(name.startswith("auth_tokens/") for name in names)
    assert len(set(names)) == len(configs)
    assert not any(name in journal or name.removeprefix("auth_tokens/") in journal for name in names)
    assert json.loads(journal.splitlines()[0])["route"] == "auth_tokens"
