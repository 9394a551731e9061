"""A relay of one's own: its path, its certificate, its header. The key is there, not here."""

from pathlib import Path

import pytest

from fakes.own_relay import WHO, OwnRelay
from gateway.talk import Talking, speaking
from lived.wire.events import SessionState

pytestmark = pytest.mark.processes

KEY = "the-key-that-stays-at-home"


def test_a_conversation_over_a_relay(talking: Talking, tmp_path: Path) -> None:
    """A path before the API's own, a header that says who is there; and what the relay is not told."""
    headers = tmp_path / "headers"
    headers.write_text(f"# who we are\nX-Device: {WHO}\n")
    with talking("", "--key", KEY) as talk:
        ca_file = talk.simulator.ca_file
        with OwnRelay(tmp_path, talk.simulator.base_url, ca_file, KEY) as relay, speaking(talk):
            talk.configure(base_url=relay.base_url, ca_file=str(relay.ca_file), headers_file=str(headers))
            talk.open(secret="the-relay-has-it")  # noqa: S106
            talk.simulator.wait_for("sent", "sessionResumptionUpdate")
            talk.simulator.inject(do="close", code=1011, reason="Internal error encountered.")
            assert talk.await_open(2).resumed
            assert [seen["X-Device"] for seen in relay.seen] == [WHO, WHO]
        assert {entry["auth"] for entry in talk.simulator.journal("open")} == {"header"}


def test_headers_are_for_ones_own_server_alone(talking: Talking, tmp_path: Path) -> None:
    """A wrong header: refused, and the file that cannot be read is named, its contents are not."""
    headers = tmp_path / "headers"
    headers.write_text("X-Device: somebody-else\n")
    with talking("", "--key", KEY) as talk:
        ca_file = talk.simulator.ca_file
        with OwnRelay(tmp_path, talk.simulator.base_url, ca_file, KEY) as relay:
            talk.configure(base_url=relay.base_url, ca_file=str(relay.ca_file), headers_file=str(headers))
            talk.start(secret="the-relay-has-it")  # noqa: S106
            failed = talk.bus.wait_event(SessionState, state="failed")
            assert isinstance(failed, SessionState)
            assert "HTTP 403" in failed.text
            assert "somebody" not in failed.text


def test_a_file_of_headers_that_is_gone(talking: Talking, tmp_path: Path) -> None:
    """Said, and waited for."""
    with talking("", "--key", KEY) as talk:
        talk.configure(headers_file=str(tmp_path / "headers"))
        talk.start()
        retrying = talk.bus.wait_event(SessionState, state="retrying")
        assert isinstance(retrying, SessionState)
        assert retrying.text.startswith("live.headers_file: ")
        assert "does not exist" in retrying.text
