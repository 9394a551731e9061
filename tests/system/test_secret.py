"""The key is where it is needed and nowhere else."""

import pytest

from system.machine import KEY
from system.service import CONFIG, Service

pytestmark = pytest.mark.system


def holders(service: Service) -> None:
    """Only the supervisor, which hands it out, and the gateway have it in their memory; nobody shows it."""
    workers = service.workers()
    pids = [service.main_pid(), *workers.values()]
    assert service.processes() == set(pids)
    found = service.machine.probe("find", ",".join(map(str, pids)), data=KEY)
    assert set(found["memory"]) == {service.main_pid(), workers["gateway"]}
    assert found["command line"] == []
    stand_in = int(service.machine.show("stand-in", "MainPID")["MainPID"])
    assert found["environment"] == [stand_in], "the stand-in's shows that it would be found"


def test_from_a_credential(service: Service) -> None:
    """As the unit has it; workers that were forked off the supervisor, and their successors, which are executed."""
    service.machine.run("systemctl restart lived")
    service.wait_ready()
    holders(service)
    for worker in ("capture", "playback", "gateway"):
        service.machine.probe("hurt", worker, "SIGKILL", "20")
    holders(service)


def test_from_the_environment(service: Service) -> None:
    """Somebody gives it by EnvironmentFile=: the daemon executes itself without it, and systemd still believes it."""
    service.machine.write("/etc/lived/environment", f"GEMINI_API_KEY={KEY}\n", mode="0600")
    service.set_key(None)
    service.configure(CONFIG, "[Service]\nEnvironmentFile=/etc/lived/environment\n")
    service.machine.run("systemctl restart lived")
    service.wait_ready()
    holders(service)
    main = service.main_pid()
    assert service.machine.run(f"cat /proc/{main}/comm").strip() == "lived"
    assert "memfd" not in service.machine.run(f"ls -l /proc/{main}/fd")


def test_files(service: Service) -> None:
    """The credential is the service's alone, the state too; the door is for the group."""
    main = service.main_pid()
    user = service.machine.run(f"stat -c %U /proc/{main}").strip()
    assert user == "lived"
    read = "cat /run/credentials/lived.service/api-key"
    inside, nobody = f"nsenter -t {main} -m", "setpriv --reuid 65534 --regid 65534 --clear-groups"
    as_lived = f"setpriv --reuid {user} --regid {user} --clear-groups"
    assert service.machine.run(f"{inside} {as_lived} {read}").strip() == KEY
    assert "Permission denied" in service.machine.try_(f"{inside} {nobody} {read}").stderr
    assert service.machine.run("stat -Lc %a /var/lib/lived").strip() == "700"
    assert service.machine.run("stat -c %a /run/lived").strip() == "750"


def test_not_in_the_journal(service: Service) -> None:
    """Whatever was said in all these tests."""
    service.machine.run("journalctl --no-pager -o export > /srv/journal; systemctl show lived >> /srv/journal")
    assert service.machine.run(f"grep -ac {KEY} /srv/journal || true").strip() == "0"
