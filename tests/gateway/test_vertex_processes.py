"""The gateway on Vertex AI's path, with a service account whose bearer tokens a token server gives. All played."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.talk import Talking, speaking
from lived.wire.events import SessionState

pytestmark = pytest.mark.processes

BEARER = "the-bearer-of-this-test"


class GoogleCloud:
    """Its token server, over plain HTTP. ``status`` other than 200 refuses."""

    def __init__(self) -> None:
        self.status = 200
        self.asked = 0
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            """One request."""

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                cloud.asked += 1
                good = {"access_token": BEARER, "expires_in": 3600, "token_type": "Bearer"}
                bad = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
                body = json.dumps(good if cloud.status == 200 else bad).encode()
                self.send_response(cloud.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def account(self) -> str:
        """A service account that trusts this server."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return json.dumps(
            {
                "type": "service_account",
                "project_id": "p",
                "private_key_id": "1",
                "private_key": pem.decode(),
                "client_email": "device@p.example",
                "client_id": "1",
                "token_uri": f"http://127.0.0.1:{self._server.server_address[1]}/token",
            }
        )


@pytest.fixture
def cloud() -> Iterator[GoogleCloud]:
    """One that works."""
    with GoogleCloud() as cloud:
        yield cloud


def test_a_session_with_a_bearer_token(talking: Talking, cloud: GoogleCloud) -> None:
    """One token for two connections; the model's long name; resumed like any other session."""
    with talking("", "--key", BEARER) as talk:
        talk.configure(vertex=True, project="p", location="europe-west4")
        with speaking(talk):
            talk.open(secret=cloud.account())
            talk.simulator.wait_for("sent", "sessionResumptionUpdate")
            talk.simulator.inject(do="close", code=1011, reason="Internal error encountered.")
            assert talk.await_open(2).resumed
        assert cloud.asked == 1
        opened = talk.simulator.journal("open")
        assert {entry["auth"] for entry in opened} == {"bearer"}
        assert opened[0]["path"] == "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"
        model = talk.simulator.wait_for("setup")["setup"]["model"]
        assert model == "projects/p/locations/europe-west4/publishers/google/models/gemini-3.8-live"


@pytest.mark.parametrize("account", ['{"type": "service_account"}', '{"type": "nothing"}', "{"])
def test_credentials_that_are_none(talking: Talking, account: str) -> None:
    """A person is needed, and told so; nothing of them is told."""
    with talking("", "--key", BEARER) as talk:
        talk.configure(vertex=True, project="p")
        talk.start(secret=account)
        failed = talk.bus.wait_event(SessionState, state="failed")
        assert isinstance(failed, SessionState)
        assert failed.text.startswith("Google Cloud refuses the credentials (")
        assert failed.text.endswith("correct live.credentials_file and restart lived.")


def test_credentials_that_google_cloud_refuses(talking: Talking, cloud: GoogleCloud) -> None:
    """In its own words."""
    cloud.status = 400
    with talking("", "--key", BEARER) as talk:
        talk.configure(vertex=True, project="p")
        account = cloud.account()
        talk.start(secret=account)
        failed = talk.bus.wait_event(SessionState, state="failed")
        assert isinstance(failed, SessionState)
        assert "invalid_grant" in failed.text
        assert "PRIVATE KEY" not in failed.text
