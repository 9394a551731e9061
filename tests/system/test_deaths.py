"""What dies or stands still is replaced: a worker by the supervisor, the supervisor by systemd."""

import pytest

from system.service import CONFIG, Service

pytestmark = pytest.mark.system

WORKERS = ("capture", "playback", "gateway")
BACK_S = 2.0
TALKING_S = 6.0
WATCHDOG_S = 20
"""WatchdogSec= of the unit."""


@pytest.mark.parametrize("worker", WORKERS)
def test_a_killed_worker(service: Service, worker: str) -> None:
    """SIGKILL: another one answers within two seconds, the conversation goes on, systemd has nothing to do."""
    main, restarts = service.main_pid(), service.restarts()
    times = service.machine.probe("hurt", worker, "SIGKILL", "20")
    assert times["back"] < BACK_S, times
    assert times["ready"] < TALKING_S, times
    assert (service.main_pid(), service.restarts()) == (main, restarts)
    assert service.machine.run("systemctl is-active lived").strip() == "active"
    assert len(service.processes()) == 4


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_that_stands_still(service: Service, worker: str) -> None:
    """SIGSTOP: replaced after daemon.hang_s and the ladder (ask, dump, kill), and nobody else is."""
    service.configure(f"{CONFIG}\n[daemon]\nhang_s = 2\nstop_s = 1\n")
    service.machine.run("systemctl restart lived")
    service.wait_ready()
    before = service.workers()
    # 2 s without progress, 1 s for asking, 0.5 s for the dump; heartbeats every 0.5 s, a look every 0.25 s
    times = service.machine.probe("hurt", worker, "SIGSTOP", "20")
    assert 2.0 < times["back"] < 2 + 1 + 0.5 + 0.5 + 0.25 + BACK_S, times
    after = service.workers()
    assert [name for name in WORKERS if after[name] != before[name]] == [worker]
    assert service.restarts() == 0
    assert len(service.processes()) == 4


def test_a_killed_supervisor(service: Service) -> None:
    """SIGKILL: systemd starts all anew, no process of the old life is left, and the session goes on."""
    before, main, restarts = service.processes(), service.main_pid(), service.restarts()
    service.machine.run(f"kill -KILL {main}")
    service.wait_until_other_main(main, timeout=20)
    assert service.restarts() == restarts + 1
    after = service.processes()
    assert not before & after
    assert len(after) == 4
    assert service.machine.run(f"ls -d {' '.join(f'/proc/{pid}' for pid in before)} 2>/dev/null || true") == ""
    everywhere = {int(pid) for pid in service.machine.run("pgrep -f 'lived_workers|bin/lived$'").split()}
    assert everywhere == after
    assert service.machine.probe("status")["session"]["resumed"]


def test_a_supervisor_that_stands_still(service: Service) -> None:
    """SIGSTOP: the watchdog ends it, where it stood is in the journal, and all is started anew."""
    before, main = service.processes(), service.main_pid()
    restarts, begin = service.restarts(), service.now()
    service.machine.run(f"kill -STOP {main}")
    service.wait_until_other_main(main, timeout=2 * WATCHDOG_S)
    said = [entry["MESSAGE"] for entry in service.journal(begin)]
    assert any("Watchdog timeout" in text for text in said)
    # the beginning of that line is lost when it was stopped in the middle of writing another
    assert any("Aborted" in text for text in said), said
    assert any("supervisor/run.py" in text for text in said)
    assert service.restarts() == restarts + 1
    assert not before & service.processes()
