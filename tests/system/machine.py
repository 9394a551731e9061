"""A booted Debian with the project installed in it as docs/operations.md says, and a stand-in for the Live API."""

import hashlib
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "boot-systemd"
PROBE = Path(__file__).with_name("probe.py")
PYTHON = "/opt/lived/bin/python"
STAND_IN = Path("/srv/stand-in")
KEY = "AIzaBootedSecret0123456789"
"""The stand-in takes no other. What must not be found where it does not belong."""

PACKAGES = "python3-venv,libportaudio2"
PYTHON_OF = {"bookworm": "3.11", "trixie": "3.13"}
OLDEST_GLIBC = range(17, 29)
"""manylinux_2_17 to manylinux_2_28: wheels for them run on both releases, however new this machine is."""


class Machine:
    """The container, and what is done in it."""

    def __init__(self, suite: str, name: str = "test") -> None:
        self.suite = suite
        self._boot = [str(SCRIPT), "--name", f"{name}-{os.getpid()}"]

    @staticmethod
    def refusal() -> str:
        """Why none can be booted here; "" when it can."""
        done = subprocess.run([str(SCRIPT), "check"], capture_output=True, text=True, check=False, timeout=120)
        return done.stdout.strip()

    def up(self, wheels: Path) -> None:
        """Boot it, with ``wheels`` inside."""
        options = ["--suite", self.suite, "--include", PACKAGES, "--bind", str(wheels), "--for", str(os.getpid())]
        done = subprocess.run([*self._boot, "up", *options], stdout=sys.stderr, check=False, timeout=900)
        assert done.returncode == 0, "it does not boot (see above)"

    def down(self) -> None:
        """End it."""
        subprocess.run([*self._boot, "down"], check=True, timeout=60)

    def try_(self, command: str, data: bytes = b"", timeout: float = 120) -> "subprocess.CompletedProcess[str]":
        """Run a command, whatever comes of it."""
        done = subprocess.run(
            [*self._boot, "run", command], input=data, capture_output=True, check=False, timeout=timeout
        )
        words = [text.decode(errors="replace") for text in (done.stdout, done.stderr)]
        return subprocess.CompletedProcess(command, done.returncode, *words)

    def run(self, command: str, data: bytes = b"", timeout: float = 120) -> str:
        """What it printed; it has to succeed."""
        done = self.try_(command, data, timeout)
        assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def write(self, path: Path | str, content: str | bytes, mode: str = "0644") -> None:
        """A file in it, of root."""
        data = content.encode() if isinstance(content, str) else content
        place = shlex.quote(str(path))
        self.run(f"mkdir -p $(dirname {place}) && umask 077 && cat > {place} && chmod {mode} {place}", data)

    def probe(self, *arguments: str, data: str = "", timeout: float = 120) -> Any:
        """What probe.py finds out inside."""
        return json.loads(self.run(f"{PYTHON} /srv/probe.py {shlex.join(arguments)}", data.encode(), timeout))

    def install(self, wheel: Path) -> None:
        """The environment, the unit, the key, as docs/operations.md tells a person."""
        self.write(f"/srv/{wheel.name}", wheel.read_bytes())
        self.run("python3 -m venv /opt/lived", timeout=300)
        self.run(
            f"/opt/lived/bin/pip install -q --no-index --find-links /mnt/host '/srv/{wheel.name}[simulator]'",
            timeout=300,
        )
        self.write("/srv/probe.py", PROBE.read_bytes())
        self.write("/etc/systemd/system/lived.service", (ROOT / "systemd" / "lived.service").read_bytes())
        self.write("/etc/lived/api-key", f"{KEY}\n", mode="0600")
        self.run("systemctl daemon-reload")

    def start_stand_in(self, scenario: str) -> None:
        """The stand-in for the Live API, which takes ``KEY`` and no other."""
        self.write(STAND_IN / "scenario.toml", scenario)
        self.write(STAND_IN / "environment", f"LIVED_SIMULATOR_KEY={KEY}\n", mode="0600")
        self.run(
            f"systemd-run --quiet --unit=stand-in -p EnvironmentFile={STAND_IN}/environment"
            f" /opt/lived/bin/lived-simulator --dir {STAND_IN} --port 8443 --scenario {STAND_IN}/scenario.toml"
        )
        self.run(f"timeout 30 bash -c 'until [ -e {STAND_IN}/simulator.json ]; do sleep 0.1; done'")

    def show(self, unit: str, *properties: str) -> Mapping[str, str]:
        """Properties of a unit, by name."""
        text = self.run(f"systemctl show {unit} -p {','.join(properties)}")
        return dict(line.split("=", 1) for line in text.splitlines())


def project_wheel(folder: Path) -> Path:
    """The project as it is, as a wheel."""
    _pip("wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    (wheel,) = folder.glob("lived-*.whl")
    return wheel


def wheelhouse(suite: str) -> Path:
    """All that the project needs, for the Python of ``suite``: downloaded once for each change of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["simulator"]]
    key = hashlib.sha256(f"{suite} {platform.machine()} {sorted(needed)}".encode()).hexdigest()[:12]
    place = _cache() / "wheels" / f"{suite}-{key}"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as folder:
            _download(suite, needed, folder)
            shutil.copytree(folder, f"{folder}.whole")  # a whole one appears at once, or not at all
            Path(f"{folder}.whole").rename(place)
    return place


def _download(suite: str, needed: list[str], folder: str) -> None:
    machine = platform.machine()
    platforms = [f"manylinux2014_{machine}", *(f"manylinux_2_{minor}_{machine}" for minor in OLDEST_GLIBC)]
    chosen = [f"--platform={name}" for name in platforms]
    _pip("download", "--only-binary=:all:", f"--python-version={PYTHON_OF[suite]}", *chosen, "-d", folder, *needed)


def _cache() -> Path:
    """Where scripts/boot-systemd keeps its trees too."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "lived"


def _pip(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"pip {shlex.join(arguments)}\n{done.stdout}\n{done.stderr}"


def eventually(machine: Machine, command: str, timeout: float) -> str:
    """What ``command`` printed when it first succeeded."""
    deadline = time.monotonic() + timeout
    while (done := machine.try_(command)).returncode != 0:
        assert time.monotonic() < deadline, f"not within {timeout} s: {command}\n{done.stdout}\n{done.stderr}"
        time.sleep(0.1)
    return done.stdout
