"""The gateway with tokens in place of a key, against the stand-in, which mints, counts and ends them."""

import datetime
import itertools
import json
import ssl
import time
import urllib.request
from pathlib import Path

import msgspec
import pytest

from fakes.simulator import Simulator
from fakes.token_service import PASSWORD, TokenService
from gateway.talk import Talk, Talking, speaking
from lived.wire.events import SessionState, Swapped
from lived.wire.orders import Stop
from lived_workers.gateway.token import Created, Request, create

pytestmark = pytest.mark.processes

KEY = "the-key-that-stays-at-home"
TOKENS = ("--key", KEY)


def mint(simulator: Simulator, uses: int = 1, lasts_s: float = 1200.0) -> str:
    """What a token service does: the Live API's own answer, with the time that was asked for."""
    until = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=lasts_s)).isoformat()
    asked = {"uses": uses, "expireTime": until, "newSessionExpireTime": until}
    request = urllib.request.Request(  # noqa: S310 - the stand-in
        f"{simulator.base_url}/v1beta/auth_tokens", json.dumps(asked).encode(), {"x-goog-api-key": KEY}
    )
    trust = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=simulator.ca_file))
    with urllib.request.build_opener(urllib.request.ProxyHandler({}), trust).open(request, timeout=10) as answer:
        return json.dumps({**json.loads(answer.read()), "expireTime": until})


def use(talk: Talk, service: TokenService, folder: Path) -> None:
    """Let the gateway ask ``service``."""
    headers, trusted = folder / "headers", folder / "both.pem"
    headers.write_text(f"Authorization: {PASSWORD}\n")
    trusted.write_bytes(talk.simulator.ca_file.read_bytes() + service.ca_file.read_bytes())
    talk.configure(token_url=service.url, headers_file=str(headers), ca_file=str(trusted))


def test_a_token_is_minted_once_and_resumes(talking: Talking, tmp_path: Path) -> None:
    """No key here at all; a broken connection needs no other token; the token is told to nobody."""
    with talking("", *TOKENS) as talk, TokenService(tmp_path, lambda: mint(talk.simulator)) as service:
        use(talk, service, tmp_path)
        with speaking(talk):
            talk.open(secret="")
            talk.simulator.wait_for("sent", "sessionResumptionUpdate")
            talk.simulator.inject(do="close", code=1011, reason="Internal error encountered.")
            assert talk.await_open(2).resumed
        assert service.asked == [("GET", PASSWORD)]
        opened = talk.simulator.journal("open")
        assert {entry["auth"] for entry in opened} == {"token header"}
        assert {entry["path"].rpartition(".")[2] for entry in opened} == {"BidiGenerateContentConstrained"}
        assert "auth_tokens/" not in repr(talk.bus.events)


def test_a_token_that_expires_is_replaced_in_the_same_session(talking: Talking, tmp_path: Path) -> None:
    """The server ends the connection; another token resumes the session."""
    lifetimes = itertools.chain([600.0], itertools.repeat(70_000.0))  # the first is over in 6 s on this clock

    def give() -> str:
        """Without a word on how long it lasts: nobody can see its end coming."""
        return str(json.loads(mint(talk.simulator, lasts_s=next(lifetimes)))["name"])

    # no cap: ten minutes are 6 s too on this clock, and then it would be the server's own clock that ends it
    scenario = "time_scale = 100\n[limits]\nconnection_s = 0"
    with talking(scenario, *TOKENS) as talk, TokenService(tmp_path, give) as service:
        use(talk, service, tmp_path)
        with speaking(talk):
            talk.open(secret="")
            talk.simulator.wait_for("sent", "sessionResumptionUpdate")
            assert talk.await_open(2).resumed
        assert len(service.asked) == 2
        assert talk.states("retrying")[0].text.startswith("The access token has expired. Trying again in 0.")


def test_a_token_is_replaced_before_it_expires(talking: Talking, tmp_path: Path) -> None:
    """Known to end in a good minute: swapped for another at a quiet moment, and nobody notices."""
    lifetimes = iter([63.0, 1200.0])
    with (
        talking("", *TOKENS) as talk,
        TokenService(tmp_path, lambda: mint(talk.simulator, lasts_s=next(lifetimes))) as service,
    ):
        use(talk, service, tmp_path)
        with speaking(talk):
            talk.open(secret="")
            swapped = talk.bus.wait_event(Swapped)
        assert isinstance(swapped, Swapped)
        assert (swapped.cause, swapped.kept) == ("token", "resumed")
        assert not talk.states("retrying")
        assert len(service.asked) == 2


def test_a_spent_token_in_a_file(talking: Talking, tmp_path: Path) -> None:
    """What is waited for is said; the next token in the file is taken."""
    path = tmp_path / "token"
    with talking("", *TOKENS) as talk:
        spent = json.loads(mint(talk.simulator))["name"]
        talk.configure(token_file=str(path))
        with speaking(talk):
            talk.start(secret="")
            missing = talk.bus.wait_event(SessionState, state="retrying")
            assert isinstance(missing, SessionState)
            assert missing.text.startswith(f"The token file {path} cannot be read (No such file or directory). Trying")
            path.write_text(f"{spent}-unknown")
            talk.bus.wait_for(lambda: len(talk.states("retrying")) > 1, "its refusal")
            path.write_text(spent)
            talk.await_open(1)


def test_a_service_that_is_down_is_waited_for(talking: Talking, tmp_path: Path) -> None:
    """Its status is told, and as soon as it works the session opens."""
    with talking("", *TOKENS) as talk, TokenService(tmp_path, lambda: mint(talk.simulator)) as service:
        use(talk, service, tmp_path)
        service.status = 503
        with speaking(talk):
            talk.start(secret="")
            talk.bus.wait_for(lambda: len(talk.states("retrying")) > 1, "its refusal")
            assert "answers HTTP 503. Trying again" in talk.states("retrying")[-1].text
            service.status = 200
            talk.await_open(1)


@pytest.mark.filterwarnings("ignore::google.genai.errors.ExperimentalWarning")
def test_a_locked_token(talking: Talking) -> None:
    """The model is that of the machine that made it, whatever the device asks; resuming is the device's affair."""
    with talking("", *TOKENS) as talk:
        asked = Request(
            config=talk.config, key=KEY, runtime_dir="", uses=1, expire_s=600, new_session_expire_s=600, lock=True
        )
        now = datetime.datetime.now(datetime.UTC)
        tokens = [create(msgspec.structs.replace(asked, lock=lock), now) for lock in (True, False)]
        talk.configure(model="gemini-of-nowhere")
        with speaking(talk):
            assert isinstance(tokens[0], Created)
            worker = talk.open(secret=tokens[0].name)
            talk.simulator.wait_for("sent", "sessionResumptionUpdate")
            talk.simulator.inject(do="close", code=1011, reason="Internal error encountered.")
            assert talk.await_open(2).resumed
            talk.bus.order("gateway", Stop())
            assert worker.wait(10) == 0

            assert isinstance(tokens[1], Created)
            talk.configure(model="gemini-of-elsewhere")
            talk.start(secret=tokens[1].name)
            failed = talk.bus.wait_event(SessionState, state="failed")
        assert isinstance(failed, SessionState)
        assert "There is no live model 'gemini-of-elsewhere'" in failed.text


def test_without_a_source_a_person_is_needed(talking: Talking, tmp_path: Path) -> None:
    """A token that was given like a key, and used: nothing here can make another."""
    with talking("", *TOKENS) as talk:
        token = json.loads(mint(talk.simulator))["name"]
        with speaking(talk):
            talk.open(secret=token)
            begun = time.monotonic()
            talk.simulator.inject(do="close", code=1011, reason="Token has been used too many times")
            failed = talk.bus.wait_event(SessionState, state="failed")
            assert time.monotonic() - begun < 10
        assert isinstance(failed, SessionState)
        assert failed.text.startswith("The access token was used up")
