"""The Debian package in a booted Debian: installed, started, upgraded under a conversation, removed, purged."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lived import __version__
from processes.talk import spoken_wav
from system.machine import KEY, ROOT, Machine, wheelhouse
from system.service import CONFIG, SCENARIO

pytestmark = pytest.mark.system

READY_S = "60"
PLACES = "/etc /opt /usr /var/lib"
LEFT_BY_OTHERS = {
    *("/etc/.pwd.lock", "/etc/group-", "/etc/gshadow-", "/etc/passwd-", "/etc/shadow-"),  # shadow's own copies
    *("/var/lib/private",),  # systemd's, for what services with a user for the time being keep
}


def build(suite: str, revision: int, folder: Path) -> Path:
    """The package for ``suite`` on this architecture."""
    arch = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    quick = {**os.environ, "DPKG_DEB_COMPRESSOR_TYPE": "none"}
    command = [str(ROOT / "scripts" / "make-deb"), "--suites", suite, "--archs", arch, "--revision", str(revision)]
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False, timeout=400, env=quick)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def files(machine: Machine) -> set[str]:
    """What is in the file system, but for dpkg's own books and what Python caches."""
    # dpkg removes /opt too, when it has become empty
    find = f"find {PLACES} -xdev ! -path '/var/lib/dpkg*' ! -path '/usr/lib/python3*' 2>/dev/null || true"
    found = machine.run(find).splitlines()
    return set(found) - LEFT_BY_OTHERS


def dpkg(machine: Machine, *arguments: str) -> str:
    """Its output; the tree's dpkg leaves manual pages out, unless it is told otherwise."""
    keep = "--path-include='/usr/share/man/*' --path-include='/usr/share/doc/*'"
    return machine.run(f"DEBIAN_FRONTEND=noninteractive dpkg {keep} {' '.join(arguments)} </dev/null 2>&1", timeout=300)


class Packaged:
    """A machine with the package, whose service is in a conversation."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine = machine
        self._folder = folder
        self.before = files(machine)
        self.said = self.put(1)

    def put(self, revision: int) -> str:
        """Install the package of that revision; what was said."""
        package = build(self.machine.suite, revision, self._folder)
        self.machine.write(f"/srv/{package.name}", package.read_bytes())
        return dpkg(self.machine, "-i", f"'/srv/{package.name}'")

    def converse(self) -> None:
        """Key, configuration, the stand-in, and start."""
        machine = self.machine
        machine.write("/srv/probe.py", (ROOT / "tests" / "system" / "probe.py").read_bytes())
        machine.write("/srv/user.wav", spoken_wav(self._folder / "user.wav", (1, 1.5), (2.5, 0)).read_bytes())
        machine.start_stand_in(SCENARIO)
        machine.write("/etc/lived/lived.toml", CONFIG)
        machine.run(f"echo {KEY} > /etc/lived/api-key && systemctl restart lived")
        machine.probe("ready", READY_S)


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packaged]:
    """Debian 12, or $SUITE, with the package and nothing else of the project."""
    if refusal := Machine.refusal():
        pytest.skip(f"no systemd can be booted here: {refusal}")
    machine = Machine(os.environ.get("SUITE", "bookworm"), "package")
    machine.up(wheelhouse(machine.suite))
    try:
        found = Packaged(machine, tmp_path_factory.mktemp("packages"))
        found.converse()
        yield found
    finally:
        machine.down()


def test_installed(packaged: Packaged) -> None:
    """The person is told of the key, which nobody else can read; service, user, pages and completions are there."""
    run = packaged.machine.run
    assert "'sudo livectl setup' asks for it, or put it into /etc/lived/api-key" in packaged.said
    assert run("stat -c %a:%U /etc/lived/api-key").strip() == "600:root"
    assert run("systemctl is-enabled lived").strip() == "enabled"
    assert run("systemctl is-active lived").strip() == "active"
    assert run("stat -c %U:%G /run/lived").strip() == "lived:lived"
    assert run("livectl version").startswith("lived ")
    assert "Gemini Live API" in run("lived --help")
    for page in ("man8/lived.8", "man1/livectl.1", "man5/lived.toml.5"):
        assert run(f"gzip -dc /usr/share/man/{page}.gz").startswith(".TH ")
    asked = "source /usr/share/bash-completion/completions/livectl; COMP_WORDS=(livectl mu) COMP_CWORD=1"
    assert "mute" in run(f"{asked} _LIVECTL_COMPLETE=bash_complete COMP_WORDS='livectl mu' livectl")
    assert run("dpkg --verify lived | grep -v ' c /etc/' || true") == "", "a file is not as it was packed"


def test_compiled(packaged: Packaged) -> None:
    """No start compiles anything: each module of ours has its byte code."""
    site = "/opt/lived/lib/python3*/site-packages/lived*"
    sources = packaged.machine.run(f"find {site} -name '*.py' | wc -l")
    assert int(sources) > 100
    assert packaged.machine.run(f"find {site} -name '*.pyc' | wc -l") == sources


def test_upgrade(packaged: Packaged) -> None:
    """Under a conversation: the new one runs, resumes it by its handle, and the configuration is the person's."""
    machine = packaged.machine
    before = machine.show("lived", "MainPID", "NRestarts")
    dpkg_said = packaged.put(2)
    assert "api-key" not in dpkg_said
    status = machine.probe("ready", READY_S)
    after = machine.show("lived", "MainPID", "NRestarts", "ActiveState")
    assert machine.run("dpkg-query -W -f '${Version}' lived").startswith(f"{__version__}-2~deb")
    assert after["MainPID"] != before["MainPID"]
    assert (after["NRestarts"], after["ActiveState"]) == ("0", "active")
    assert status["session"]["resumed"]
    assert machine.run("cat /etc/lived/lived.toml") == CONFIG
    assert machine.run("cat /etc/lived/api-key").strip() == KEY


def test_removed_and_purged(packaged: Packaged) -> None:
    """Removing ends the service and keeps what the person wrote; purging leaves nothing, not even the user."""
    machine = packaged.machine
    dpkg(machine, "--remove", "lived")
    assert machine.run("systemctl is-active lived || true").strip() == "inactive"
    assert machine.try_("ls -d /opt/lived").returncode != 0
    assert machine.run("cat /etc/lived/lived.toml") == CONFIG
    assert machine.run("ls -A /var/lib/private/lived").strip(), "the handle of the conversation is kept"
    dpkg(machine, "--purge", "lived")
    assert files(machine) - packaged.before == set()
    assert machine.try_("getent passwd lived || getent group lived").returncode != 0
    assert machine.run("systemctl list-unit-files 'lived*' --no-legend || true").strip() == ""
