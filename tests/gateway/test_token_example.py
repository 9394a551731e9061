"""examples/token_service.py gives a device what it needs."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from fakes.bus import DEADLINE_S
from gateway.talk import Talking, speaking

pytestmark = pytest.mark.processes

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "token_service.py"
KEY = "the-key-that-stays-at-home"


def test_a_device_without_a_key(talking: Talking, tmp_path: Path) -> None:
    """The example, livectl behind it and the gateway before it: a session, twice refused without the password."""
    authority = trustme.CA()
    certificate = tmp_path / "service.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with talking("", "--key", KEY) as talk:
        trusted = tmp_path / "both.pem"
        trusted.write_bytes(talk.simulator.ca_file.read_bytes() + authority.cert_pem.bytes())
        home = tmp_path / "home.toml"
        home.write_text(f"[live]\nbase_url = '{talk.simulator.base_url}'\nca_file = '{talk.simulator.ca_file}'\n")
        environ = os.environ | {
            "GEMINI_API_KEY": KEY,
            "LIVED_CONFIG": str(home),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        service = subprocess.Popen([sys.executable, str(EXAMPLE), str(port), str(certificate), "pass"], env=environ)
        headers = tmp_path / "headers"
        try:
            headers.write_text("Authorization: Bearer wrong\n")
            talk.configure(
                token_url=f"https://127.0.0.1:{port}/", ca_file=str(trusted), headers_file=str(headers)
            )  # fmt: skip
            with speaking(talk):
                talk.start(secret="")
                talk.bus.wait_for(
                    lambda: any("answers HTTP 403" in state.text for state in talk.states("retrying")),
                    "its refusal",
                    DEADLINE_S,
                )
                headers.write_text("Authorization: Bearer pass\n")
                talk.await_open(1)
        finally:
            service.kill()
            service.wait()
