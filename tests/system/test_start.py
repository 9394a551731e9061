"""lived.service from start to stop, in the middle of nothing in particular."""

import subprocess
import time

import pytest

from fakes.daemon import wait_until
from system.machine import eventually
from system.service import ERROR, Service

pytestmark = pytest.mark.system

IN_WORDS = ("listening", "the user speaks", "the model speaks")
STOP_S = 5.0


def test_ready_and_in_words(service: Service) -> None:
    """Type=notify was understood, the unit is active, and STATUS says in words what goes on."""
    shown = service.machine.show("lived", "Type", "NotifyAccess", "ActiveState", "SubState", "StatusText", "NRestarts")
    assert (shown["Type"], shown["NotifyAccess"]) == ("notify", "main")
    assert (shown["ActiveState"], shown["SubState"]) == ("active", "running")
    assert shown["StatusText"] in IN_WORDS
    assert service.machine.run("systemctl is-active lived").strip() == "active"
    assert service.machine.probe("status")["state"] == "ready"


def test_start_returns_when_sound_flows(service: Service) -> None:
    """`systemctl start` waits for READY: when it returns, microphone and loudspeaker have moved frames."""
    service.machine.run("systemctl stop lived")
    service.machine.run("systemctl start lived")
    workers = {worker["name"]: worker for worker in service.machine.probe("status")["workers"]}
    assert workers["capture"]["ready"]
    assert workers["playback"]["ready"]


def test_a_conversation_goes_on(service: Service) -> None:
    """Under the sandbox the user's sound reaches the server, which answers; the answer is heard, and STATUS says so."""

    def answers() -> int:
        return sum("turnComplete" in str(entry.get("what")) for entry in service.heard_by_server())

    before = answers()
    eventually(service.machine, "systemctl show lived -P StatusText | grep -qx 'the model speaks'", 30)
    wait_until(lambda: answers() > before, 30, lambda: "the server has ended no turn")


def test_livectl_finds_it(service: Service) -> None:
    """Root asks the service as anybody would."""
    said = service.machine.run("/opt/lived/bin/livectl status")
    assert said.startswith("Ready: ")
    assert "restarted" not in said


def test_journal_with_priorities(service: Service) -> None:
    """What it says stands in the journal with a priority of its own, and without the mark that carried it."""
    begin = service.now()
    service.machine.run("systemctl stop lived")
    service.machine.run("systemctl start lived")
    service.machine.probe("hurt", "playback", "SIGKILL", "20")
    ours = [entry for entry in service.journal(begin) if entry["_COMM"].startswith(("lived", "python"))]
    assert [e["MESSAGE"] for e in ours if e["MESSAGE"].startswith("<")] == []
    priorities = {e["MESSAGE"]: e["PRIORITY"] for e in ours}
    assert priorities["gateway: talking to the Live API"] == "6"
    (killed,) = [text for text in priorities if text.startswith("lived: playback: killed by signal 9")]
    assert priorities[killed] == "4"
    assert killed in service.machine.run("journalctl -u lived -p warning -o cat --no-pager").splitlines()


def test_stop(service: Service) -> None:
    """Within five seconds all processes have ended by themselves, and the sockets are gone."""
    pids = service.processes()
    assert len(pids) == 4
    begin, began = service.now(), time.monotonic()
    service.machine.run("systemctl stop lived")
    assert time.monotonic() - began < STOP_S
    shown = service.machine.show("lived", "ActiveState", "Result", "ExecMainStatus")
    assert shown == {"ActiveState": "inactive", "Result": "success", "ExecMainStatus": "0"}
    assert service.machine.run(f"ls -d {' '.join(f'/proc/{pid}' for pid in pids)} 2>/dev/null || true") == ""
    assert service.machine.run("ls -d /run/lived 2>/dev/null || true") == ""
    said = [entry["MESSAGE"] for entry in service.journal(begin)]
    assert [text for text in said if "Killing" in text] == []


def test_reload(service: Service) -> None:
    """`systemctl reload`: another voice in the same session, the gateway alone is replaced, systemd sees no restart."""
    before, main = service.workers(), service.main_pid()
    config = service.machine.run("cat /etc/lived/lived.toml")
    service.configure(config.replace("[live]", '[live]\nvoice = "Puck"'))
    service.machine.run("systemctl reload lived")
    eventually(service.machine, "grep -q Puck /srv/stand-in/journal.jsonl", 20)
    service.wait_ready()
    after = service.workers()
    assert after["gateway"] != before["gateway"]
    assert (after["capture"], after["playback"]) == (before["capture"], before["playback"])
    assert (service.main_pid(), service.restarts()) == (main, 0)
    assert service.machine.probe("status")["session"]["resumed"]


def test_reload_of_nonsense(service: Service) -> None:
    """What cannot be used changes nothing, and the journal has the sentence, as an error."""
    before, begin = service.workers(), service.now()
    service.configure("[audio]\nvolume = 400\n")
    service.machine.run("systemctl reload lived")
    wait_until(lambda: any("audio.volume = 400" in e["MESSAGE"] for e in service.journal(begin, ERROR)), 10)
    assert service.machine.show("lived", "ActiveState")["ActiveState"] == "active"
    assert service.workers() == before


def test_exposure(service: Service) -> None:
    """`systemd-analyze security` stays below 2.0, and systemd understands every line but those it is too old for."""
    unit = "/etc/systemd/system/lived.service"
    service.machine.run(f"systemd-analyze security --offline=true --threshold=20 --no-pager {unit}")
    done: subprocess.CompletedProcess[str] = service.machine.try_(f"systemd-analyze verify --man=no {unit}")
    complaints = [line for line in done.stderr.splitlines() if "lived.service" in line]
    younger = ("'RestartSteps'", "'RestartMaxDelaySec'") if service.machine.suite == "bookworm" else ()
    assert [line for line in complaints if not any(key in line for key in younger)] == []
    assert done.returncode == 0
