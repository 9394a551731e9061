"""Workers that are forked are like executed ones, and so are their successors."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from fakes.daemon import Daemon, wait_until

pytestmark = pytest.mark.processes

KEY = "AIzaUnbornSecret0123456789"  # what must not be found


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


def killed(daemon: Daemon, worker: str) -> psutil.Process:
    """Its successor after a SIGKILL."""
    before = daemon.worker(worker)["pid"]
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: daemon.worker(worker)["pid"] not in (None, before), 20, lambda: daemon.log)
    wait_until(lambda: bool(daemon.worker(worker)["state"] == "running"), 20, lambda: daemon.log)
    return psutil.Process(daemon.worker(worker)["pid"])


def test_a_forked_worker_is_as_if_it_had_been_executed(tmp_path: Path) -> None:
    """Parent, session, name, command line and open files; its successor, which is executed, too."""
    with started(tmp_path).up() as daemon:
        wait_until(lambda: daemon.worker("playback")["ready"], 10, lambda: daemon.log)
        worker = psutil.Process(daemon.worker("playback")["pid"])
        assert worker.name() == "lived-playback"
        assert worker.cmdline()[:3] == ["python", "-m", "lived_workers.playback"]
        assert psutil.Process(daemon.process.pid).name() == "lived", "although it executed itself anew"
        again = killed(daemon, "playback")
        assert again.name() == "lived-playback"
        assert again.cmdline()[1:3] == ["-m", "lived_workers.playback"]
        for process in (psutil.Process(daemon.worker("capture")["pid"]), again):
            assert process.ppid() == daemon.process.pid
            assert os.getsid(process.pid) == process.pid
            assert "NOTIFY_SOCKET" not in process.environ()
            assert not _shared(process.pid, daemon.process.pid)


def _shared(one: int, other: int) -> set[str]:
    """Sockets and pipes that both have open, but for the standard ones."""

    def links(pid: int) -> set[str]:
        files = [file for file in Path(f"/proc/{pid}/fd").iterdir() if int(file.name) > 2]
        return {str(file.readlink()) for file in files if file.exists() or file.is_symlink()}

    return {link for link in links(one) & links(other) if link.startswith(("socket", "pipe"))}


def test_the_key_is_in_no_memory_but_that_of_supervisor_and_gateway(tmp_path: Path) -> None:
    """Sound workers were forked from a process that was started with the key: no byte of it is left."""
    with started(tmp_path).up() as daemon:
        wait_until(lambda: daemon.worker("gateway")["state"] == "running", 20, lambda: daemon.log)
        for worker in ("capture", "playback"):
            assert not _in_memory(daemon.worker(worker)["pid"], KEY.encode()), worker
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


def test_who_is_not_wanted_ends_without_a_word(tmp_path: Path) -> None:
    """A second daemon ends before it starts anybody: the workers that it had forked do too, and say nothing."""
    with started(tmp_path).up() as daemon:
        wait_until(lambda: daemon.worker("gateway")["state"] == "running", 20, lambda: daemon.log)
        again, environ = daemon.process.args, os.environ | {"GEMINI_API_KEY": KEY}
        second = subprocess.run(again, capture_output=True, text=True, timeout=20, check=False, env=environ)
        assert second.returncode == 75
        assert len(second.stderr.splitlines()) == 1, second.stderr
        assert len(psutil.Process(daemon.process.pid).children()) == 3


def test_nobody_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    """Workers end when their supervisor is gone."""
    with started(tmp_path).up() as daemon:
        wait_until(lambda: daemon.worker("gateway")["state"] == "running", 20, lambda: daemon.log)
        family = psutil.Process(daemon.process.pid).children(recursive=True)
        assert len(family) == 3
        daemon.process.kill()
        daemon.wait_exit()
        _gone, alive = psutil.wait_procs(family, timeout=20)
        assert not alive
