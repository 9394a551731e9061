"""scripts/setup on machines that lack something: stand-ins for the system's programs, no network, no installing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

NEW_PYTHON = """#!/bin/sh
case "$*" in
*CDLL*) [ -e "$WORLD/libportaudio2" ] ;;
*ensurepip*) [ -e "$WORLD/python3-venv" ] ;;
"-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
*"pip install"*) echo "$*" >> "$WORLD/pip" ;;
esac
"""
OLD_PYTHON = """#!/bin/sh
case "$*" in --version) echo "Python 3.9.2" ;; *3,\\ 11*) exit 1 ;; esac
"""
APT = """#!/bin/sh
echo "$*" >> "$WORLD/apt"
[ "$1" = update ] && { touch "$WORLD/lists"; exit; }
[ -e "$WORLD/lists" ] || exit 100
case "$1 $2" in
"install -s") echo "Inst $4 (1.4)" ;;
"install -y") for name in "$@"; do touch "$WORLD/$name"; done ;;
"download -q") shift 4; for name in "$@"; do touch "$name.deb"; done ;;
esac
"""
APT_CACHE = """#!/bin/sh
[ -e "$WORLD/lists" ] && printf 'pulseaudio\\n  Depends: libasound2-plugins\\n  Depends: libtdb1\\n |Depends: <gone>\\n'
"""
SUDO = """#!/bin/sh
echo "$*" >> "$WORLD/sudo"
[ "$1" = -n ] && shift
exec "$@"
"""


class Machine:
    """A directory of programs that is the whole PATH, and a note of what was done with them."""

    def __init__(self, directory: Path) -> None:
        self.tree = directory / "tree"
        self.world = directory / "world"
        self._bin = directory / "bin"
        for made in (self.tree / "scripts", self.world, self._bin):
            made.mkdir(parents=True)
        shutil.copy(ROOT / "scripts" / "setup", self.tree / "scripts")
        for name in ("sh", "dirname", "env", "mkdir", "cp", "rm", "touch", "sed", "grep", "sync"):
            (self._bin / name).symlink_to(shutil.which(name) or "")
        self.has("id", "#!/bin/sh\necho 0\n")

    def has(self, name: str, script: str) -> None:
        """Install a stand-in."""
        (self._bin / name).unlink(missing_ok=True)
        (self._bin / name).write_text(script)
        (self._bin / name).chmod(0o755)

    def setup(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the script there."""
        return subprocess.run(
            [str(self.tree / "scripts" / "setup"), *arguments],
            env={"PATH": str(self._bin), "WORLD": str(self.world)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def noted(self, program: str) -> str:
        """What the stand-in was called with, a line a call."""
        path = self.world / program
        return path.read_text() if path.exists() else ""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A fresh Debian: Python with venv, apt without package lists, root."""
    made = Machine(tmp_path)
    made.has("python3", NEW_PYTHON)
    made.has("apt-get", APT)
    made.has("apt-cache", APT_CACHE)
    (made.world / "python3-venv").touch()
    return made


def test_a_fresh_debian_as_root(machine: Machine) -> None:
    """The missing library comes through apt, after the package lists were fetched, without sudo."""
    done = machine.setup("run")
    assert done.returncode == 0, done.stderr
    assert "pip install" in machine.noted("pip")
    assert ".[simulator]" in machine.noted("pip")
    apt = machine.noted("apt").splitlines()
    assert [line.split()[0] for line in apt] == ["install", "update", "install"]
    assert apt[0].endswith(" libportaudio2")
    assert "--no-remove" in apt[0]


def test_nothing_is_installed_twice(machine: Machine) -> None:
    """What is there is left alone: no apt, no sudo."""
    (machine.world / "libportaudio2").touch()
    assert machine.setup("run").returncode == 0
    assert machine.noted("apt") == ""


def test_sudo_only_when_not_root(machine: Machine) -> None:
    """Another user goes through sudo, which must not ask for a password where nobody can give it."""
    machine.has("id", "#!/bin/sh\necho 1000\n")
    machine.has("sudo", SUDO)
    assert machine.setup("run").returncode == 0
    assert all(line.startswith("-n ") for line in machine.noted("sudo").splitlines())
    assert "apt-get install" in machine.noted("sudo")


def test_the_tests_need_more_but_install_nothing_more(machine: Machine) -> None:
    """setup for tests brings the development extra; PulseAudio is unpacked into .venv, never installed."""
    machine.has("dpkg-deb", '#!/bin/sh\necho "$2" >> "$WORLD/unpacked"\n')
    done = machine.setup("test")
    assert done.returncode == 0, done.stderr
    assert ".[dev]" in machine.noted("pip")
    unpacked = [line.removeprefix(".venv/debs/") for line in machine.noted("unpacked").split()]
    assert sorted(unpacked) == ["libasound2-plugins.deb", "libtdb1.deb", "pulseaudio-utils.deb", "pulseaudio.deb"]
    installed = [line for line in machine.noted("apt").splitlines() if line.startswith("install -y")]
    assert not any("pulse" in line for line in installed)


def sentence_of(done: "subprocess.CompletedProcess[str]") -> str:
    """The one line that tells why it ended."""
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    return line


def test_an_old_python_is_refused(machine: Machine) -> None:
    """Python 3.9: a sentence with both versions, and nothing is made."""
    machine.has("python3", OLD_PYTHON)
    assert sentence_of(machine.setup("run")) == (
        "setup: Python 3.9.2 is too old: lived needs Python 3.11 or newer (Debian 12 has it)."
    )
    assert not (machine.tree / ".venv").exists()


def test_no_way_to_become_root(machine: Machine) -> None:
    """Neither root nor sudo: the command to run is named."""
    machine.has("id", "#!/bin/sh\necho 1000\n")
    assert "run 'apt-get install libportaudio2' as root" in sentence_of(machine.setup("run"))


def test_no_apt(tmp_path: Path) -> None:
    """Not Debian: says what is missing."""
    machine = Machine(tmp_path)
    machine.has("python3", NEW_PYTHON)
    (machine.world / "python3-venv").touch()
    assert "'libportaudio2'" in sentence_of(machine.setup("run"))


def test_apt_fails(machine: Machine) -> None:
    """No network: says what it was for and what to do."""
    machine.has("apt-get", "#!/bin/sh\nexit 100\n")
    assert "apt-get could not install it" in sentence_of(machine.setup("run"))


def test_venv_is_fetched_where_debian_left_it_out(machine: Machine) -> None:
    """Debian's python3 without python3-venv: the package comes through apt."""
    (machine.world / "python3-venv").unlink()
    assert machine.setup("run").returncode == 0
    assert "python3-venv" in machine.noted("apt")


def test_no_python(tmp_path: Path) -> None:
    """No python3 at all: a sentence."""
    assert "python3 is missing" in sentence_of(Machine(tmp_path).setup("run"))


def test_make_without_target_helps() -> None:
    """``make`` lists every target with what it does, and does nothing."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    done = subprocess.run(["make"], cwd=ROOT, env=environ, capture_output=True, text=True, check=True, timeout=60)
    for target in ("setup", "demo", "test", "test-system", "check", "fix", "bench", "docs", "clean"):
        assert f"make {target} " in done.stdout
