"""What is handed out: the wheel, and the lock of the packages."""

import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
LINES = [line for line in LOCK.replace("\\\n", " ").splitlines() if not line.lstrip().startswith("#")]


def run(*command: str | Path) -> str:
    """What it printed; it has to succeed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the tree as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "-q", "wheel", "--no-deps", "--wheel-dir", folder, ROOT)
    (found,) = folder.glob("lived-*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it, where its libraries are those of this one."""
    place = tmp_path_factory.mktemp("empty")
    venv.create(place, with_pip=False)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(place), "platbase": str(place)}))
    run(sys.executable, "-m", "pip", "-q", "--python", place / "bin" / "python", "install", "--no-deps", wheel)
    # as a plain path: the link to the source tree, which stands there as well, is not followed
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place


@pytest.mark.processes
def test_the_wheel_works_without_the_sources(installed: Path) -> None:
    """The programs start from the wheel alone, with its speech and its manual pages."""
    programs = installed / "bin"
    where = run(programs / "python", "-c", "import lived, lived_workers; print(lived.__file__, lived_workers.__path__)")
    assert str(ROOT) not in where
    assert run(programs / "livectl", "version").startswith("lived ")
    assert "Hold a conversation with a stand-in" in run(programs / "livectl", "demo", "--help")
    assert "Gemini Live API" in run(programs / "lived", "--help")
    assert "lived-simulator" in run(programs / "lived-simulator", "--help")
    said = "from importlib.resources import files; print(*files('lived.cli').joinpath('demo_speech').iterdir())"
    assert "ask_weather.wav" in run(programs / "python", "-c", said)
    assert (installed / "share/man/man1/livectl.1").is_file()


def test_the_lock_pins_with_hashes() -> None:
    """Each line names one version and its hashes; no server is named."""
    assert len(LINES) > 20
    for line in LINES:
        words, *hashes = line.split(" --hash=")
        assert re.fullmatch(r"==[^,*]+", str(Requirement(words).specifier)), line
        assert hashes, line
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest.strip()) for digest in hashes), line
    assert "//" not in LOCK


@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_the_lock_has_all_that_the_project_needs(python: str) -> None:
    """What pyproject.toml asks for is pinned, once, to a version that it allows: else run `make lock`."""
    there = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    pinned: dict[str, str] = {}
    for found in (Requirement(line.split(" --hash=")[0]) for line in LINES):
        if found.marker is None or found.marker.evaluate(there):
            assert pinned.setdefault(canonicalize_name(found.name), str(found.specifier)) == str(found.specifier)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [row for name, rows in project["optional-dependencies"].items() if name != "dev" for row in rows]
    for needed in map(Requirement, [*project["dependencies"], *extras]):
        version = pinned[canonicalize_name(needed.name)].removeprefix("==")
        assert needed.specifier.contains(version), needed
