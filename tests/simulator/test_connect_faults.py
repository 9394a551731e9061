"""What goes wrong below and before the session: TCP, TLS, the upgrade, pings, idle hops; as the SDK sees it."""

import asyncio
import json
import socket
import ssl
import time
from pathlib import Path

import pytest
from google.genai import errors
from websockets.exceptions import ConnectionClosed, InvalidStatus

from fakes.simulator import Simulator, SimulatorError
from lived_workers.simulator.certificates import BAD_CERTIFICATES
from lived_workers.simulator.faults import ACCEPT_FAULTS, UPGRADE_FAULTS
from simulator.harness import hear_turn, silence, speak, stand
from simulator.sdk_steps import FAST, SHORT, in_loop, settled, turn
from simulator.wire_client import dial, set_up

CERTIFICATES = {
    "untrusted_certificate": "unable to get local issuer certificate|self-signed|unable to get issuer",
    "expired_certificate": "certificate has expired",
    "wrong_name_certificate": "not valid for '127.0.0.1'|mismatch",
}


@pytest.mark.parametrize(("fault", "words"), CERTIFICATES.items())
@in_loop
async def test_bad_certificates(tmp_path: Path, fault: str, words: str) -> None:
    """One connection is shown a certificate that the client must refuse, with the right reason; the next a good one."""
    async with stand(tmp_path, FAST + f"[[fault]]\non = 'accept:1'\ndo = '{fault}'\n") as simulator:
        with pytest.raises(ssl.SSLCertVerificationError, match=words):
            async with simulator.connect():
                pass
        async with simulator.connect():
            assert simulator.journal("sent", fault)


@in_loop
async def test_slow_accept(tmp_path: Path) -> None:
    """TCP is there at once, and then nothing for a while: a client that waits is served, one that does not gives up."""
    faults = "[[fault]]\non = 'accept:1'\ndo = 'slow_accept'\ns = 0.4\n[[fault]]\non = 'accept:2'\ndo = 'slow_accept'\n"
    async with stand(tmp_path, FAST + faults + "s = 20\n") as simulator:
        begun = time.monotonic()
        async with simulator.connect():
            assert time.monotonic() - begun >= 0.4
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5), simulator.connect():
                pass
        async with simulator.connect():
            pass


@in_loop
async def test_refuse_tcp(tmp_path: Path) -> None:
    """For a while nobody listens; the session that is there goes on, and the same port listens again."""
    async with stand(tmp_path, SHORT + "[[fault]]\non = 'after_s:0.05'\ndo = 'refuse_tcp'\ns = 0.5\n") as simulator:
        async with simulator.connect() as session:
            await settled(lambda: simulator.journal("sent", "refuse_tcp"))
            with pytest.raises(ConnectionRefusedError):
                async with simulator.connect():
                    pass
            await session.send_realtime_input(text="Are you still there?")
            assert (await hear_turn(session)).pcm
        begun = time.monotonic()
        while True:
            try:
                async with simulator.connect():
                    break
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)
        assert time.monotonic() - begun < 5


@in_loop
async def test_stop_while_refusing(tmp_path: Path) -> None:
    """The stand-in ends cleanly while its port is closed and a session is open: the client is told 1001."""
    async with stand(tmp_path, SHORT + "[[fault]]\non = 'after_s:0'\ndo = 'refuse_tcp'\ns = 60\n") as simulator:
        session = await simulator.connect().__aenter__()
        await settled(lambda: simulator.journal("sent", "refuse_tcp"))
    with pytest.raises(errors.APIError) as caught:
        await hear_turn(session)
    assert caught.value.code == 1001


@pytest.mark.parametrize(("status", "name"), [(400, "INVALID_ARGUMENT"), (429, "RESOURCE_EXHAUSTED")])
@in_loop
async def test_refusals_are_googles_json(tmp_path: Path, status: int, name: str) -> None:
    """The body of a refused upgrade has the form of all of Google's errors."""
    async with stand(tmp_path, FAST + f"[[fault]]\non = 'connect:1'\ndo = 'refuse'\nstatus = {status}\n") as simulator:
        with pytest.raises(InvalidStatus) as caught:
            async with simulator.connect():
                pass
    response = caught.value.response
    assert response.headers["Content-Type"].startswith("application/json")
    error = json.loads(response.body or b"")["error"]
    assert (response.status_code, error["code"], error["status"]) == (status, status, name)


@in_loop
async def test_idle_reap(tmp_path: Path) -> None:
    """125 s without a frame either way, on a clock 125 times as fast: the client sees 1006."""
    text = FAST + "[[fault]]\non = 'after_s:0'\ndo = 'idle_reap'\ns = 125\n"
    async with stand(tmp_path, "time_scale = 125\n" + text) as simulator:
        async with simulator.connect() as session:
            await speak(session, silence(1.3))  # longer than the second: what flows is not reaped
            assert not simulator.journal("sent", "idle_reap")
            with pytest.raises(errors.APIError) as caught:
                await hear_turn(session)
        assert caught.value.code == 1006
        (reaped,) = simulator.journal("sent", "idle_reap")
        assert reaped["t_ns"] - simulator.journal("audio")[-1]["t_ns"] >= 1e9


@in_loop
async def test_pings_keep_an_idle_connection(tmp_path: Path) -> None:
    """A ping is a frame: a connection that carries nothing else is not idle."""
    async with stand(tmp_path, FAST + "[[fault]]\non = 'after_s:0'\ndo = 'idle_reap'\ns = 1\n") as simulator:
        async with dial(simulator) as client:
            await set_up(client)
            for _ in range(25):
                await (await client.ping())
                await asyncio.sleep(0.05)
            assert not simulator.journal("sent", "idle_reap")
            with pytest.raises(ConnectionClosed):
                while True:
                    await client.recv()
        assert simulator.journal("sent", "idle_reap")


@in_loop
async def test_late_pongs(tmp_path: Path) -> None:
    """Pongs come late, in order, and nothing else does: frames go on."""
    text = SHORT + "[[fault]]\non = 'after_s:0'\ndo = 'late_pongs'\ns = 0.5\n"
    async with stand(tmp_path, text) as simulator, dial(simulator) as client:
        await set_up(client)
        await settled(lambda: simulator.journal("fault"))
        begun = time.monotonic()
        first, second = [asyncio.ensure_future(await client.ping()) for _ in range(2)]
        await client.send(json.dumps({"realtimeInput": {"text": "Go on."}}))
        while "modelTurn" not in json.loads(await client.recv()).get("serverContent", {}):
            pass
        assert not first.done()
        await first
        await second
        assert time.monotonic() - begun >= 0.5


@in_loop
async def test_no_pongs(tmp_path: Path) -> None:
    """No pong at all while frames go on; who closes for it ends one connection only."""
    text = SHORT + "[[fault]]\non = 'after_s:0'\ndo = 'no_pongs'\n"
    async with stand(tmp_path, text) as simulator:
        async with dial(simulator) as client:
            await set_up(client)
            await settled(lambda: simulator.journal("fault"))
            pong = asyncio.ensure_future(await client.ping())
            await client.send(json.dumps({"realtimeInput": {"text": "Go on."}}))
            while "turnComplete" not in json.loads(await client.recv()).get("serverContent", {}):
                pass
            assert not pong.done()
            pong.cancel()
        async with simulator.connect() as session:
            assert (await turn(session)).pcm


def test_every_network_fault_is_in_its_page() -> None:
    """Whoever looks for a fault below the session finds it in docs/simulator-network.md."""
    page = (Path(__file__).parents[2] / "docs" / "simulator-network.md").read_text()
    below = {"refuse_tcp", "reset", "half_open", "stall_reading", "late_pongs", "no_pongs", "idle_reap"}
    wanted = ACCEPT_FAULTS | UPGRADE_FAULTS | {"no_setup_complete", "slow_setup"} | below
    assert [name for name in sorted(wanted) if f"`{name}`" not in page] == []
    assert [name for name in ACCEPT_FAULTS if name != "slow_accept" and name not in BAD_CERTIFICATES] == []


@pytest.mark.processes
def test_faults_of_the_port_by_control(tmp_path: Path) -> None:
    """The port can be closed while nobody is connected; a bad certificate "now" is for the next TCP connection."""
    with Simulator(tmp_path / "s", FAST) as simulator:
        simulator.inject(do="refuse_tcp", s=60)
        simulator.wait_for("sent", "refuse_tcp")
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", simulator.port)):
            pass
        simulator.inject(do="refuse_tcp", s=0)
        simulator.inject(do="expired_certificate")
        assert simulator.state()["accepts"] == 0
        with pytest.raises(SimulatorError, match="accept"):
            simulator.inject(do="close", on="accept:1")
        with pytest.raises(SimulatorError, match="accept"):
            simulator.inject(do="slow_accept", on="connect:1")
