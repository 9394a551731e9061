"""Workers born in the nursery are like executed ones; a nursery that fails costs nothing but time."""

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from fakes.daemon import Daemon, troubled, wait_until

pytestmark = pytest.mark.processes

KEY = "AIzaNurserySecret0123456789"  # what must not be found
NURSERY = "lived.worker.nursery"


def started(folder: Path) -> Daemon:
    """The real program, without devices and server, with the key in its environment."""
    settings = {
        "daemon.runtime_dir": folder / "run",
        "daemon.state_dir": folder / "state",
        "audio.input": "null",
        "audio.output": "null",
        "live.base_url": "https://127.0.0.1:9",
    }
    overrides = [f"--set={key}={value}" for key, value in settings.items()]
    return Daemon([sys.executable, "-m", "lived", *overrides], folder, {"GEMINI_API_KEY": KEY})


def nursery_of(daemon: Daemon) -> psutil.Process | None:
    """The living nursery; None while there is none."""
    for child in psutil.Process(daemon.process.pid).children():
        try:
            if NURSERY in child.cmdline() and child.status() != psutil.STATUS_ZOMBIE:
                return child
        except psutil.NoSuchProcess:
            continue
    return None


def killed(daemon: Daemon, worker: str) -> psutil.Process:
    """Its successor after a SIGKILL."""
    before = daemon.worker(worker)["pid"]
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: daemon.worker(worker)["pid"] not in (None, before), 20, lambda: daemon.log)
    wait_until(lambda: bool(daemon.worker(worker)["state"] == "running"), 20, lambda: daemon.log)
    return psutil.Process(daemon.worker(worker)["pid"])


def test_a_born_worker_is_the_supervisors_own_child(tmp_path: Path) -> None:
    """Parent, session, name, command line, environment and open files are as if it had been executed."""
    with started(tmp_path).up() as daemon:
        wait_until(lambda: daemon.worker("playback")["ready"], 10, lambda: daemon.log)
        worker = psutil.Process(daemon.worker("playback")["pid"])
        nursery = nursery_of(daemon)
        assert nursery is not None
        assert worker.ppid() == daemon.process.pid
        assert os.getsid(worker.pid) == worker.pid
        assert worker.name() == "lived-playback"
        assert worker.cmdline()[:3] == ["python", "-m", "lived_workers.playback"]
        assert not _sockets(nursery.pid) & _sockets(worker.pid)
        again = killed(daemon, "playback")
        assert again.ppid() == daemon.process.pid
        assert nursery_of(daemon) == nursery


def _sockets(pid: int) -> set[str]:
    links = [str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()]
    return {link for link in links if link.startswith("socket")}


def test_the_key_is_in_no_memory_but_that_of_supervisor_and_gateway(tmp_path: Path) -> None:
    """Nursery and sound workers were forked from a process that was started with the key: no byte of it is left."""
    with started(tmp_path).up() as daemon:
        wait_until(lambda: daemon.worker("gateway")["state"] == "running", 20, lambda: daemon.log)
        nursery = nursery_of(daemon)
        assert nursery is not None
        for pid in (nursery.pid, daemon.worker("capture")["pid"], daemon.worker("playback")["pid"]):
            assert not _in_memory(pid, KEY.encode()), Path(f"/proc/{pid}/cmdline").read_text()
        assert _in_memory(daemon.worker("gateway")["pid"], KEY.encode()), "it is found where it is"
        assert KEY.encode() not in Path(f"/proc/{daemon.process.pid}/environ").read_bytes()


def _in_memory(pid: int, text: bytes) -> bool:
    with Path(f"/proc/{pid}/mem").open("rb") as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            start, end = (int(edge, 16) for edge in span.split("-"))
            try:
                memory.seek(start)
                if text in memory.read(end - start):
                    return True
            except OSError:  # not a page that can be read
                continue
    return False


def test_workers_start_without_a_nursery_and_it_comes_back(tmp_path: Path) -> None:
    """SIGKILL of the nursery, as by the kernel for memory: the next worker starts, later ones are born again."""
    with started(tmp_path).up() as daemon:
        nursery = nursery_of(daemon)
        assert nursery is not None
        nursery.kill()
        killed(daemon, "capture")
        wait_until(lambda: nursery_of(daemon) not in (None, nursery), 15, lambda: daemon.log)
        assert killed(daemon, "playback").cmdline()[0] == "python"
        assert daemon.log.count("the nursery of the workers has ended") == 1


def test_a_nursery_that_does_not_answer_is_replaced(tmp_path: Path) -> None:
    """Stopped, it answers nothing: the worker is executed all the same, and another nursery takes its place."""
    with started(tmp_path).up() as daemon:
        nursery = nursery_of(daemon)
        assert nursery is not None
        nursery.suspend()
        assert killed(daemon, "capture").ppid() == daemon.process.pid
        wait_until(lambda: nursery_of(daemon) not in (None, nursery), 15, lambda: daemon.log)
        assert "does not answer" in daemon.log


def test_nobody_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    """Nursery and workers end when their supervisor is gone."""
    with started(tmp_path).up() as daemon:
        wait_until(lambda: daemon.worker("gateway")["state"] == "running", 20, lambda: daemon.log)
        family = psutil.Process(daemon.process.pid).children(recursive=True)
        assert len(family) == 4
        daemon.process.kill()
        daemon.wait_exit()
        _gone, alive = psutil.wait_procs(family, timeout=5)
        assert not alive


def test_what_workers_leave_behind_is_buried(tmp_path: Path) -> None:
    """A worker's own child that outlives its parent becomes the supervisor's, and is no zombie when it ends."""
    with troubled(tmp_path, "capture=leaves").up() as daemon:
        wait_until(lambda: "orphan" in daemon.worker("capture")["counters"], 5)
        orphan = daemon.worker("capture")["counters"]["orphan"]
        wait_until(lambda: not Path(f"/proc/{orphan}").exists(), 5, lambda: f"{orphan} is still there")
        assert daemon.worker("capture")["restarts"] == 0
