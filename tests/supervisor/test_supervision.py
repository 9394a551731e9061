"""The supervisor over real child processes that misbehave."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from fakes.daemon import START_S, Daemon, troubled, wait_until
from fakes.troubled import SECRET
from lived.errors import DoorError
from lived.wire.events import Cut, Health, MicChanged, WorkerState

pytestmark = pytest.mark.processes


def test_a_killed_worker_is_back_and_the_others_never_noticed(tmp_path: Path) -> None:
    """SIGKILL of one: that one is restarted, with its cause in words; the others keep their processes."""
    with troubled(tmp_path).up() as daemon:
        before = {w["name"]: w["pid"] for w in daemon.wait_state("ready")["workers"]}
        os.kill(before["capture"], signal.SIGKILL)
        wait_until(lambda: daemon.worker("capture")["restarts"] == 1 and daemon.worker("capture")["ready"], 15)
        after = {w["name"]: w["pid"] for w in daemon.ask("status")["workers"]}
        assert after["capture"] != before["capture"]
        assert (after["playback"], after["gateway"]) == (before["playback"], before["gateway"])
        assert daemon.ear is not None
        backoff = daemon.ear.wait_for(WorkerState, 10, lambda e: e.state == "backoff")
        assert "killed by signal 9" in backoff.text


def test_health_is_said_when_it_changes(tmp_path: Path) -> None:
    """With its sentence where something is amiss; what does not change is not repeated."""
    with troubled(tmp_path).up() as daemon:
        assert daemon.ear is not None
        daemon.wait_state("ready")
        os.kill(daemon.worker("gateway")["pid"], signal.SIGKILL)
        degraded = daemon.ear.wait_for(Health, 15, lambda e: e.state == "degraded")
        assert degraded.text.startswith("gateway: killed by signal 9")
        daemon.wait_state("ready")
        wait_until(lambda: daemon.ear is not None and daemon.ear.of(Health)[-1] == Health(state="ready"), 15)
        said = daemon.ear.of(Health)
        assert all(before != after for before, after in pairwise(said))


def test_a_worker_that_dies_at_once_backs_off(tmp_path: Path) -> None:
    """It is not started for ever as fast as possible; the status says what is waited for."""
    with troubled(tmp_path, "gateway=dies").up() as daemon:
        wait_until(lambda: "again in 1 s" in daemon.worker("gateway")["text"], 10)
        status = daemon.ask("status")
        assert status["state"] == "degraded"
        assert "gateway: ended with code 3, again in" in status["text"]


@pytest.mark.parametrize("trouble", ["stuck", "deaf", "dumb"])
def test_a_hung_worker_is_restarted(tmp_path: Path, trouble: str) -> None:
    """Alive without progress, blocked, or never said hello: told apart from exited, ended by the ladder, restarted."""
    with troubled(tmp_path, f"playback={trouble}").up() as daemon:
        wait_until(lambda: daemon.worker("playback")["restarts"] >= 1, 15)
        assert "playback is hung: no progress for" in daemon.log


def test_a_deaf_worker_leaves_its_stacks_in_the_log(tmp_path: Path) -> None:
    """The third rung says where it hung."""
    with troubled(tmp_path, "playback=deaf").up() as daemon:
        wait_until(lambda: "playback does not stop: killed" in daemon.log, 15, lambda: daemon.log)
        assert "troublemaker.py" in daemon.log
        assert "most recent call first" in daemon.log


def test_a_configuration_fault_of_a_worker_ends_a_daemon_that_never_worked(tmp_path: Path) -> None:
    """Exit code 78 is passed on: systemd does not restart it either."""
    with troubled(tmp_path, "gateway=config") as daemon:
        assert daemon.wait_exit() == 78
        assert "gateway: ended with code 78" in daemon.log


def test_stopping_asks_first_and_ends_everything(tmp_path: Path) -> None:
    """SIGTERM: exit code 0, no process left, no kill needed."""
    with troubled(tmp_path).up() as daemon:
        pids = [w["pid"] for w in daemon.wait_state("ready")["workers"]]
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.wait_exit() == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
        assert "does not stop" not in daemon.log


def test_workers_of_a_killed_supervisor_end_too(tmp_path: Path) -> None:
    """No orphans that hold the card."""
    with troubled(tmp_path).up() as daemon:
        pids = [w["pid"] for w in daemon.wait_state("ready")["workers"]]
        daemon.process.kill()
        daemon.wait_exit()
        wait_until(lambda: not any(_lives(pid) for pid in pids), 20)


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_second_daemon_is_refused_and_a_dead_ones_sockets_are_not_in_the_way(tmp_path: Path) -> None:
    """One sentence with the process and the next step; a stale socket is nothing."""
    with troubled(tmp_path).up() as first:
        first.wait_state("ready")
        with troubled(tmp_path) as second:
            assert second.wait_exit() != 0
        assert f"already running here (process {first.process.pid}" in first.log
        first.process.kill()
        first.wait_exit()
        assert (tmp_path / "run" / "door.sock").exists()
    with troubled(tmp_path).up() as third:
        third.wait_state("ready")


def test_the_wanted_state_survives_workers_and_daemons(tmp_path: Path) -> None:
    """Mute and volume are kept: privacy does not end with a power cut."""
    with troubled(tmp_path).up() as daemon:
        daemon.wait_state("ready")
        assert daemon.ask("mute", on="toggle") == {"muted": True}
        assert daemon.ask("volume", change=-30) == {"percent": 70}
        assert daemon.ear is not None
        assert daemon.ear.wait_for(MicChanged, 10).muted
    with troubled(tmp_path).up() as daemon:
        status = daemon.ask("status")
        assert (status["muted"], status["volume"]) == (True, 70)


@pytest.mark.parametrize(
    ("op", "args", "code", "words"),
    [
        ("sing", {}, "unknown_op", "known are"),
        ("volume", {"percent": 101}, "bad_request", "0 to 100"),
        ("volume", {"percent": True}, "bad_request", "0 to 100"),
        ("mute", {}, "bad_request", "toggle"),
        ("say", {"text": " "}, "bad_request", "characters"),
        ("restart", {"worker": "drummer"}, "bad_request", "capture, playback, gateway"),
    ],
)
def test_wrong_requests_are_refused_in_words(
    shared: Daemon, op: str, args: dict[str, object], code: str, words: str
) -> None:
    """Each refusal has a code for programs and a sentence for people."""
    with pytest.raises(DoorError, match=words) as refusal:
        shared.ask(op, **args)
    assert refusal.value.code == code


def test_what_cannot_be_said_now_is_refused_with_the_reason(tmp_path: Path) -> None:
    """No session, no conversation: typed input is not silently lost."""
    with troubled(tmp_path, "gateway=unready").up() as daemon:
        with pytest.raises(DoorError, match="not open"):
            daemon.ask("say", text="hi")
        daemon.ask("stop")
        with pytest.raises(DoorError, match="livectl start"):
            daemon.ask("say", text="hi")


def test_interrupting_silence_cuts_nothing(shared: Daemon) -> None:
    """There is no turn to cut: 0, and no cut is published."""
    assert shared.ask("interrupt") == {"turn": 0}
    assert shared.ear is not None
    assert shared.ear.of(Cut) == []


def test_the_secret_goes_to_the_gateway_alone(shared: Daemon) -> None:
    """Not in any argv, environment, status, event or log."""
    assert shared.ear is not None
    said = f"{shared.ask('status')} {shared.ear.events} {shared.log}"
    for worker in shared.ask("status")["workers"]:
        said += Path(f"/proc/{worker['pid']}/cmdline").read_text() + Path(f"/proc/{worker['pid']}/environ").read_text()
    assert SECRET not in said


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One healthy daemon for the tests that only ask."""
    with troubled(tmp_path_factory.mktemp("shared")).up() as daemon:
        daemon.wait_state("ready")
        yield daemon


class _Systemd:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(0.05)
        self.said: list[str] = []

    def heard(self, field: str) -> int:
        """How often a field that begins so has been received."""
        while True:
            try:
                self.said += self._socket.recv(4096).decode().split("\n")
            except TimeoutError:
                return sum(line.startswith(field) for line in self.said)

    def close(self) -> None:
        """Go away."""
        self._socket.close()


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[_Systemd]:
    """Listens at ``tmp_path``/notify."""
    listener = _Systemd(tmp_path / "notify")
    yield listener
    listener.close()


def test_systemd_is_told_the_truth(tmp_path: Path, systemd: _Systemd) -> None:
    """READY once sound flows, STATUS in words, WATCHDOG while there is progress, STOPPING at the end."""
    environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "600000"}
    with troubled(tmp_path, environ=environ) as daemon:
        wait_until(lambda: systemd.heard("READY=1") == 1, 10, lambda: daemon.log)
        wait_until(lambda: systemd.heard("WATCHDOG=1") >= 3, 15)
        assert systemd.heard("STATUS=") >= 1
        daemon.process.send_signal(signal.SIGTERM)
        daemon.wait_exit()
        assert systemd.heard("STOPPING=1") == 1


def test_status_has_what_the_page_promises(tmp_path: Path) -> None:
    """Every field of the example in docs/protocol.md, to the caller at the door too."""
    page = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
    promised = json.loads(page.partition("```json\n")[2].partition("```")[0])
    with troubled(tmp_path).up() as daemon:
        told = daemon.ask("status")
        assert set(promised) <= set(told)
        assert set(promised["session"]) <= set(told["session"])
        assert set(promised["workers"][0]) <= set(told["workers"][0])
        assert Path(told["runtime_dir"]).is_dir()


def test_a_lost_hello_holds_nobody_up(tmp_path: Path) -> None:
    """ZeroMQ drops what is published before it is connected. A worker that beats is there, and is told what is wanted:
    else the daemon waited for it for ever, and systemd for the daemon."""
    with troubled(tmp_path, "capture=unheard").up() as daemon:
        assert daemon.wait_state("ready")
        assert daemon.worker("capture")["state"] == "running"
        assert daemon.worker("capture")["restarts"] == 0


def test_ready_waits_for_sound(tmp_path: Path, systemd: _Systemd) -> None:
    """A worker that cannot do its job holds READY back for the patience of a start, and then says so in STATUS:
    what waits for somebody to plug in a card must not be killed for it."""
    began = time.monotonic()
    with troubled(tmp_path, "capture=unready", environ={"NOTIFY_SOCKET": str(tmp_path / "notify")}).up() as daemon:
        daemon.wait_state("degraded")
        wait_until(lambda: systemd.heard("READY=1") == 1, 10)
        assert time.monotonic() - began >= START_S
        assert systemd.heard("STATUS=capture: No sound device matches 'USB'") == 1


def test_systemd_is_told_why_it_ended(tmp_path: Path, systemd: _Systemd) -> None:
    """A worker that must not be restarted ends a daemon that never worked: the last STATUS is its sentence."""
    with troubled(tmp_path, "gateway=config", environ={"NOTIFY_SOCKET": str(tmp_path / "notify")}) as daemon:
        assert daemon.wait_exit() == 78
        assert systemd.heard("STATUS=gateway: ended with code 78") >= 1
        assert systemd.said[-1].startswith("STATUS=gateway: ended with code 78")


def test_a_reload_takes_what_changed_and_refuses_what_is_wrong(tmp_path: Path) -> None:
    """SIGHUP: the workers concerned are restarted, a wrong file changes nothing and is explained."""
    file = tmp_path / "lived.toml"
    file.write_text("[live]\nvoice = 'Kore'\n")
    with troubled(tmp_path).up() as daemon:
        before = {w["name"]: w["pid"] for w in daemon.wait_state("ready")["workers"]}
        file.write_text("[live]\nvoice = 'Puck'\n")
        assert daemon.ask("reload") == {"changed": ["live.voice"], "restarted": ["gateway"], "need_restart": []}
        wait_until(lambda: daemon.worker("gateway")["pid"] not in (None, before["gateway"]), 15)
        assert daemon.worker("capture")["pid"] == before["capture"]
        file.write_text("[live]\nvoic = 'Puck'\n")
        with pytest.raises(DoorError, match=r"old configuration stays in force.*voic"):
            daemon.ask("reload")
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: daemon.log.count("old configuration stays") >= 1, 15)
        assert daemon.ask("status")["state"] in ("ready", "starting")
