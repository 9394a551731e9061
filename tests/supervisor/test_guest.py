"""Workers that are no children of the supervisor: known by what they say, whoever starts them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.daemon import Daemon, wait_until
from lived.errors import DoorError
from lived.supervisor.guest import Guest
from lived.supervisor.member import Limits, Spec
from lived.supervisor.states import State
from lived.units import SECOND, Ns

KEY = "AIzaSplitSecret0123456789"  # what must not be found
LIMITS = Limits.of(start_s=20, hang_s=10, stop_s=3)


def at(seconds: float) -> Ns:
    """That moment."""
    return Ns(int(seconds * SECOND))


def met(pid: int = 12) -> Guest:
    """One that has said hello at second 1."""
    guest = Guest(Spec("capture", "no.module"), LIMITS)
    guest.start(lambda: b"", at(0))
    assert guest.hello(pid, at(1))
    guest.beat(1, {}, at(1))
    return guest


def asked(guest: Guest, now: Ns) -> list[str]:
    """Whom a tick orders to stop."""
    orders: list[str] = []
    guest.tick(now, orders.append)
    return orders


def test_one_that_does_not_come_is_missed() -> None:
    """After the patience for a start it is said where to look; it may still come."""
    guest = Guest(Spec("gateway", "no.module"), LIMITS)
    guest.start(lambda: b"", at(0))
    asked(guest, at(19))
    assert guest.text == ""
    asked(guest, at(21))
    assert guest.state is State.BACKOFF
    assert guest.text == "it has not come for 20 s: 'systemctl status lived-gateway' says why"
    assert guest.stranger
    guest.hello(12, at(60))
    assert (guest.state, guest.pid, guest.restarts) == (State.RUNNING, 12, 0)


def test_its_end_and_its_successor() -> None:
    """Whoever says hello is the worker, also when that is heard before the end of the one before."""
    guest = met()
    guest.reap(at(5))
    assert (guest.state, guest.pid, guest.text) == (State.BACKOFF, None, "it ended; its unit starts it again")
    guest.hello(13, at(6))
    assert (guest.state, guest.restarts) == (State.RUNNING, 1)
    guest.stop(at(7), again=True)
    guest.hello(14, at(8))
    assert (guest.state, guest.pid, guest.restarts) == (State.RUNNING, 14, 2)


def test_asked_once_to_begin_anew() -> None:
    """It is ordered to end; that it ends is no failure; signals are systemd's business."""
    guest = met()
    guest.stop(at(2), again=True)
    assert (asked(guest, at(2)), asked(guest, at(3))) == (["capture"], [])
    guest.kill()
    guest.reap(at(3))
    assert not guest.alive
    asked(guest, at(24))
    assert guest.state is State.BACKOFF, "it does not come back"


def test_one_that_hangs_is_told_of_until_it_gets_on() -> None:
    """Not ready, with a sentence; when it beats again it has to say how it is."""
    guest = met()
    guest.say(True, "fine")
    asked(guest, at(12))
    assert (guest.state, guest.ready) == (State.RUNNING, False)
    assert guest.text.startswith("no progress, though its process lives")
    assert guest.stranger
    assert guest.progressing(at(99), at(1)), "another supervisor would not help"
    guest.hello(12, at(13))
    assert not guest.stranger


def test_the_supervisors_end_waits_for_nobody() -> None:
    """In whatever state its guests are."""
    for guest in (met(), Guest(Spec("capture", "no.module"), LIMITS)):
        guest.stop(at(2))
        assert not guest.alive
        assert asked(guest, at(2)) == []


class Split:
    """A supervisor without children, and workers that this test starts as their units would."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.daemon = self.start()
        self.workers: dict[str, subprocess.Popen[bytes]] = {}

    def _environ(self) -> dict[str, str]:
        return {
            "LIVED_DAEMON__RUNTIME_DIR": str(self._folder / "run"),
            "LIVED_DAEMON__STATE_DIR": str(self._folder / "state"),
            "LIVED_AUDIO__INPUT": "null",
            "LIVED_AUDIO__OUTPUT": "null",
            "LIVED_LIVE__BASE_URL": "https://127.0.0.1:9",
        }

    def start(self) -> Daemon:
        """The supervisor."""
        self.daemon = Daemon([sys.executable, "-m", "lived", "--no-spawn"], self._folder, self._environ())
        return self.daemon.up()

    def work(self, name: str) -> None:
        """A worker, with the key in the gateway's environment."""
        environ = {**os.environ, **self._environ(), **({"GEMINI_API_KEY": KEY} if name == "gateway" else {})}
        with (self._folder / f"{name}.log").open("ab") as log:
            self.workers[name] = subprocess.Popen(
                [sys.executable, "-m", "lived.worker_main", name], stdin=subprocess.DEVNULL, stderr=log, env=environ
            )

    def wait_running(self, *names: str) -> None:
        """These are known, with the processes that they are."""
        for name in names:
            wait_until(
                lambda name=name: (  # type: ignore[misc]
                    self.daemon.worker(name)["pid"] == self.workers[name].pid
                    and self.daemon.worker(name)["state"] == "running"
                ),
                20,
                lambda: json.dumps(self.daemon.ask("status")),
            )

    def close(self) -> None:
        """End all."""
        for worker in self.workers.values():
            if worker.poll() is None:
                worker.kill()
            worker.wait()
        self.daemon.__exit__()


@pytest.fixture
def split(tmp_path: Path) -> Iterator[Split]:
    """All of them, running."""
    found = Split(tmp_path)
    try:
        for name in ("capture", "playback", "gateway"):
            found.work(name)
        found.wait_running("capture", "playback", "gateway")
        yield found
    finally:
        found.close()


@pytest.mark.processes
def test_workers_that_nobody_started(split: Split) -> None:
    """They do their job, muted as the supervisor says; none ends with it, and a new one learns how everything is."""
    daemon = split.daemon
    daemon.ask("mute", on=True)
    wait_until(lambda: daemon.worker("capture")["ready"] and daemon.worker("playback")["ready"], 10)
    with pytest.raises(DoorError, match=r"systemctl stop lived\.target"):
        daemon.ask("shutdown")
    daemon.process.send_signal(signal.SIGKILL)
    daemon.wait_exit()
    daemon.__exit__()
    split.start()
    split.wait_running("capture", "playback", "gateway")
    wait_until(lambda: split.daemon.worker("capture")["ready"] and split.daemon.worker("playback")["ready"], 10)
    wait_until(lambda: split.daemon.ask("status")["session"]["state"] == "retrying", 10)
    assert split.daemon.ask("status")["muted"]


@pytest.mark.processes
def test_restart_and_stop(split: Split) -> None:
    """An order or SIGTERM ends a worker with exit code 0, and whoever comes then is known."""
    assert split.daemon.ask("restart", worker="capture") == {}
    assert split.workers["capture"].wait(10) == 0
    split.work("capture")
    split.wait_running("capture")
    for name, worker in split.workers.items():
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(10) == 0, name
    # the gateway alone has been a reason to be degraded all along
    wait_until(
        lambda: "it ended; its unit starts it again" in split.daemon.ask("status")["text"],
        10,
        lambda: json.dumps(split.daemon.ask("status")),
    )
    assert split.daemon.ask("status")["state"] == "degraded"


@pytest.mark.processes
def test_the_key_reaches_the_gateway_alone(split: Split) -> None:
    """And there by no way that anybody sees."""
    for name, worker in split.workers.items():
        process = Path(f"/proc/{worker.pid}")
        assert KEY.encode() not in (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
        assert (process / "comm").read_text().strip() == f"lived-{name}"
    assert KEY not in split.daemon.log


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ([], 64, "Name one worker"),
        (["--help"], 64, "Name one worker"),
        (["tools"], 78, "has no worker 'tools'; it has: capture, playback, gateway."),
        (["capture"], 75, "No daemon answers in"),
    ],
)
def test_what_cannot_begin(tmp_path: Path, arguments: list[str], code: int, sentence: str) -> None:
    """One sentence, and the exit code that tells systemd whether to try again."""
    environ = {**os.environ, "LIVED_DAEMON__RUNTIME_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "lived.worker_main", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environ)
    assert done.returncode == code
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
