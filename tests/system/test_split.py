"""lived.target: a unit for each worker. What the one unit does holds here too, and no worker can read another's key."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.daemon import wait_until
from system.machine import KEY, ROOT, Machine, eventually
from system.service import CONFIG, Service

pytestmark = pytest.mark.system

UNITS = "/etc/systemd/system"
PARTS = ("runtime", "broker", "capture", "playback", "gateway")
WORKERS = ("capture", "playback", "gateway")
ALL = "lived.target 'lived-*'"
START_S = "30"
BACK_S = 3.0
TALKING_S = 8.0
STOP_S = 5.0
WATCHDOG_S = 3


class Split:
    """The units, started."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def pids(self) -> dict[str, int]:
        """By unit, less those that run nothing."""
        shown = {part: self.machine.show(f"lived-{part}", "MainPID")["MainPID"] for part in PARTS[1:]}
        return {part: int(pid) for part, pid in shown.items()}

    def wait_ready(self) -> None:
        """A conversation goes on."""
        self.machine.probe("ready", START_S)

    def make_sound(self) -> None:
        """As installed, and ready."""
        self.machine.write("/etc/lived/lived.toml", CONFIG)
        self.machine.run(f"systemctl daemon-reload; systemctl reset-failed 'lived*'; systemctl start {ALL}")
        self.wait_ready()

    def nothing_lost(self) -> None:
        """Of the user's sound on its way to the model, nor of the model's."""
        status = self.machine.probe("status")
        assert (status["lost_frames"], status["session"]["lost_ms"]) == (0, 0), status

    def active(self) -> set[str]:
        """What of all lived's units is."""
        names = " ".join(("lived.service", "lived.target", *(f"lived-{part}.service" for part in PARTS)))
        states = self.machine.run(f"systemctl is-active {names} || true").split()
        return {name for name, state in zip(names.split(), states, strict=True) if state == "active"}

    def inside(self, pid: int, command: str) -> str:
        """What ``command`` prints as that process's user in all its namespaces, stderr too."""
        user = self.machine.run(f"stat -c %u /proc/{pid}").strip()
        namespace = "readlink /proc/{}/ns/user"
        apart = self.machine.run(namespace.format(pid)) != self.machine.run(namespace.format("self"))
        enter = f"nsenter -t {pid} --mount --net {'--user' if apart else ''} -S {user} -G {user}"
        done = self.machine.try_(f"{enter} {command} 2>&1")
        return done.stdout


@pytest.fixture(scope="module")
def installed_split(installed: Service) -> Iterator[Split]:
    """The units of systemd/split, beside lived.service."""
    machine = installed.machine
    for unit in (ROOT / "systemd" / "split").iterdir():
        machine.write(f"{UNITS}/{unit.name}", unit.read_bytes())
    machine.write("/etc/lived/api-key", f"{KEY}\n", mode="0600")
    machine.run("systemctl daemon-reload; systemctl stop lived")
    yield Split(machine)
    machine.run(f"systemctl stop {ALL}; rm -rf {UNITS}/lived-* {UNITS}/lived.target; systemctl daemon-reload")
    installed.set_key(f"{KEY}\n")  # the next test has to set it up


@pytest.fixture
def split(installed_split: Split) -> Split:
    """In the middle of a conversation."""
    installed_split.make_sound()
    return installed_split


def test_start(split: Split) -> None:
    """From nothing: the target is up, each worker in its unit with words of its own, and livectl finds them."""
    machine = split.machine
    machine.run(f"systemctl stop {ALL}")
    machine.run("systemctl start lived.target")
    split.wait_ready()
    assert split.active() == {"lived.target", *(f"lived-{part}.service" for part in PARTS)}
    known = {worker["name"]: worker["pid"] for worker in machine.probe("status")["workers"]}
    pids = split.pids()
    assert known == {name: pids[name] for name in WORKERS}
    assert machine.show("lived-gateway", "StatusText")["StatusText"] == "talking to the Live API"
    said = machine.run("/opt/lived/bin/livectl status")
    assert "the units of the system" in said
    assert "gateway: talking to the Live API" in machine.run("/opt/lived/bin/livectl logs")


@pytest.mark.parametrize("worker", WORKERS)
def test_a_killed_worker(split: Split, worker: str) -> None:
    """SIGKILL: its unit starts another one, which is found and told everything; nobody else notices."""
    before = split.pids()
    times = split.machine.probe("hurt", worker, "SIGKILL", "20")
    assert times["back"] < BACK_S, times
    assert times["ready"] < TALKING_S, times
    after = split.pids()
    assert [name for name in after if after[name] != before[name]] == [worker]
    split.nothing_lost()


@pytest.mark.parametrize("_time", [1, 2])
def test_a_killed_broker(split: Split, _time: int) -> None:
    """Another one binds the sockets; the workers, who never stopped, tell it who they are and how things are."""
    before = split.pids()
    split.machine.run(f"kill -KILL {before['broker']}")
    eventually(split.machine, f"test $(systemctl show lived-broker -P MainPID) -gt 0{before['broker']}", 10)
    split.wait_ready()
    after = split.pids()
    assert [name for name in after if after[name] != before[name]] == ["broker"]
    # the first turn that ends shows that sound and events flow both ways, and what was missed has been asked for
    turn = split.machine.probe("status")["turn"]
    wait_until(lambda: split.machine.probe("status")["turn"] > turn + 1, 30, lambda: "the model says nothing")
    for text in ("the model speaks", "the user speaks"):  # and is heard
        eventually(split.machine, f"systemctl show lived-broker -P StatusText | grep -qx '{text}'", 30)
    split.nothing_lost()
    known = {worker["name"]: worker["pid"] for worker in split.machine.probe("status")["workers"]}
    assert known == {name: after[name] for name in WORKERS}


def test_a_worker_that_stands_still(split: Split) -> None:
    """SIGSTOP: the watchdog of its own unit ends it."""
    drop_in = "/run/systemd/system/lived-playback.service.d"
    split.machine.write(f"{drop_in}/test.conf", f"[Service]\nWatchdogSec={WATCHDOG_S}\n")
    split.machine.run("systemctl daemon-reload; systemctl restart lived-playback")
    split.wait_ready()
    try:
        times = split.machine.probe("hurt", "playback", "SIGSTOP", "20")
        assert times["back"] < WATCHDOG_S + 1 + BACK_S, times
        assert "Watchdog timeout" in split.machine.run("journalctl -u lived-playback -n 50 -o cat --no-pager")
    finally:
        split.machine.run(f"rm -r {drop_in}; systemctl daemon-reload")


def test_asked_to_begin_anew(split: Split) -> None:
    """`livectl restart capture`: it is asked to end, and its unit starts it."""
    before = split.pids()
    split.machine.run("/opt/lived/bin/livectl restart capture")
    eventually(split.machine, f"test $(systemctl show lived-capture -P MainPID) -gt 0{before['capture']}", 10)
    split.wait_ready()
    after = split.pids()
    assert [name for name in after if after[name] != before[name]] == ["capture"]


def test_reload(split: Split) -> None:
    """Another voice: the gateway alone begins anew, and the session goes on by its handle."""
    before = split.pids()
    split.machine.write("/etc/lived/lived.toml", CONFIG.replace("[live]", '[live]\nvoice = "Charon"'))
    split.machine.run("systemctl reload lived-broker")
    eventually(split.machine, "grep -q Charon /srv/stand-in/journal.jsonl", 20)
    split.wait_ready()
    after = split.pids()
    assert [name for name in after if after[name] != before[name]] == ["gateway"]
    assert split.machine.probe("status")["session"]["resumed"]
    split.nothing_lost()


def test_any_other_worker(split: Split) -> None:
    """An instance of the template: it begins when it is configured, and does not loop when it is not."""
    machine = split.machine
    assert machine.try_("systemctl start lived-worker@tools").returncode != 0
    shown = machine.show("lived-worker@tools", "ActiveState", "ExecMainStatus", "NRestarts", "StatusText")
    assert (shown["ActiveState"], shown["ExecMainStatus"], shown["NRestarts"]) == ("failed", "78", "0")
    assert "has no worker 'tools'; it has: capture, playback, gateway." in shown["StatusText"]

    machine.write("/etc/lived/lived.toml", f'{CONFIG}\n[toolbox]\nbuiltin = ["set_volume"]\n')
    machine.run(f"systemctl stop {ALL}; systemctl start lived.target lived-worker@tools")
    split.wait_ready()
    (tools,) = (worker for worker in machine.probe("status")["workers"] if worker["name"] == "tools")
    assert tools["state"] == "running"
    assert str(tools["pid"]) == machine.show("lived-worker@tools", "MainPID")["MainPID"]
    machine.run("systemctl stop lived-worker@tools")
    assert machine.show("lived-worker@tools", "Result")["Result"] == "success"


def test_a_key_that_comes_later(split: Split) -> None:
    """Without one the gateway says so, and its unit is started anew for one that is given, as its own copy of it."""
    split.machine.write("/etc/lived/api-key", "", mode="0600")
    split.machine.run("systemctl restart lived-gateway")
    eventually(split.machine, "systemctl show lived-broker -P StatusText | grep -q 'no API key'", 20)
    before = split.pids()
    split.machine.write("/etc/lived/api-key", f"{KEY}\n", mode="0600")
    split.wait_ready()
    after = split.pids()
    assert [name for name in after if after[name] != before[name]] == ["gateway"]


def test_the_key_is_the_gateways_alone(split: Split) -> None:
    """Nobody else has it in memory, and nobody else could read it: no file, nor the gateway's environment or memory."""
    pids = split.pids()
    found = split.machine.probe("find", ",".join(map(str, pids.values())), data=KEY)
    assert found["memory"] == [pids["gateway"]]
    assert (found["command line"], len(found["environment"])) == ([], 1)  # the stand-in's
    gateway = pids.pop("gateway")
    credential = "/run/credentials/lived-gateway.service/api-key"
    assert KEY in split.inside(gateway, f"cat {credential}"), "this is how one would read it"
    assert "talking" not in split.inside(gateway, f"cat /proc/{gateway}/environ")
    of_gateway = [f"/proc/{gateway}/{name}" for name in (f"root{credential}", "environ", "mem", "fd/0")]
    for pid in pids.values():
        for path in (credential, "/etc/lived/api-key", *of_gateway):
            said = split.inside(pid, f"cat {path}")
            assert "Permission denied" in said or "No such file" in said, (path, said)


def test_networks_and_devices(split: Split) -> None:
    """Sound without network, network without sound."""
    pids = split.pids()
    for part in ("broker", "capture", "playback"):
        devices = split.inside(pids[part], "cat /proc/self/net/dev").splitlines()[2:]
        assert [line.split(":")[0].strip() for line in devices] == ["lo"]
    for part in ("broker", "gateway"):
        assert "No such file" in split.inside(pids[part], "ls -d /dev/snd")
    assert split.machine.show("lived-capture", "PrivateNetwork", "PrivateDevices") == {
        "PrivateNetwork": "yes",
        "PrivateDevices": "no",
    }


def test_one_excludes_the_other(split: Split) -> None:
    """Starting the one unit ends the split, and the other way round; the sockets are those of who runs."""
    machine = split.machine
    machine.run("systemctl start lived.service")
    split.wait_ready()
    assert split.active() == {"lived.service"}
    machine.run("systemctl start lived.target")
    split.wait_ready()
    assert "lived.service" not in split.active()
    assert "the units of the system" in machine.run("/opt/lived/bin/livectl status")


def test_stop(split: Split) -> None:
    """Refused at the door, which could end the broker alone. By livectl, within five seconds: nothing is left."""
    pids = split.pids().values()
    ask = 'from lived.bus import *; from pathlib import Path; DoorClient(Endpoints(Path("/run/lived"))).ask("shutdown")'
    refused = split.machine.try_(f"/opt/lived/bin/python -c '{ask}'")
    assert "systemctl stop lived.target" in refused.stderr
    began = time.monotonic()
    split.machine.run("/opt/lived/bin/livectl stop --daemon")
    assert time.monotonic() - began < STOP_S
    assert split.active() == set()
    assert split.machine.run(f"ls -d {' '.join(f'/proc/{pid}' for pid in pids)} 2>/dev/null || true") == ""
    assert split.machine.run("ls -d /run/lived 2>/dev/null || true") == ""
    results = {part: split.machine.show(f"lived-{part}", "Result")["Result"] for part in PARTS}
    assert results == dict.fromkeys(PARTS, "success")


def test_systemd_understands_every_line(split: Split, tmp_path: Path) -> None:
    """But for those that 252 is too old for."""
    units = " ".join(f"{UNITS}/lived-{part}.service" for part in (*PARTS, "worker@tools"))
    split.machine.run(f"cp '{UNITS}/lived-worker@.service' '{UNITS}/lived-worker@tools.service'")
    done = split.machine.try_(f"systemd-analyze verify --man=no {units} {UNITS}/lived.target")
    split.machine.run(f"rm '{UNITS}/lived-worker@tools.service'")
    younger = ("'RestartSteps'", "'RestartMaxDelaySec'") if split.machine.suite == "bookworm" else ()
    complaints = [line for line in done.stderr.splitlines() if "lived" in line]
    assert [line for line in complaints if not any(key in line for key in younger)] == []
