"""The Vertex path: the real SDK with a bearer token."""

import ssl
from pathlib import Path

import pytest
from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials

from simulator.harness import MODEL, Stand, stand
from simulator.sdk_steps import FAST, SHORT, in_loop, turn

BEARER = "the-bearer-of-this-test"


def client(simulator: Stand, token: str = BEARER) -> genai.Client:
    """The SDK, unpatched, as for Vertex."""
    arguments = {"ssl": ssl.create_default_context(cafile=simulator.ready.ca_file), "proxy": None}
    options = types.HttpOptions(
        base_url=f"https://127.0.0.1:{simulator.ready.port}", api_version="v1beta1", async_client_args=arguments
    )
    credentials = Credentials(token=token)  # type: ignore[no-untyped-call]
    return genai.Client(vertexai=True, project="P", location="L", credentials=credentials, http_options=options)


@in_loop
async def test_bearer(tmp_path: Path) -> None:
    """A spoken turn on the Vertex path; the journal says how the client showed itself, not with what."""
    config = types.LiveConnectConfig(response_modalities=[types.Modality.AUDIO])
    async with stand(tmp_path, SHORT, key=BEARER) as simulator:
        async with client(simulator).aio.live.connect(model=MODEL, config=config) as session:
            assert (await turn(session)).pcm
        (entry,) = simulator.journal("open")
        assert (entry["auth"], entry["path"]) == (
            "bearer",
            "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent",
        )
        assert BEARER not in simulator.journal_text()


@in_loop
async def test_wrong_bearer(tmp_path: Path) -> None:
    """It is refused as a wrong key is."""
    async with stand(tmp_path, FAST, key=BEARER) as simulator:
        with pytest.raises(errors.APIError) as caught:
            async with client(simulator, "wrong").aio.live.connect(model=MODEL):
                pass
    assert caught.value.code == 1008
