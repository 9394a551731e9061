"""systemd/lived.service says what the daemon means."""

import shutil
import subprocess
from pathlib import Path

import pytest

from lived.errors import DO_NOT_RESTART

UNIT = Path(__file__).resolve().parents[2] / "systemd" / "lived.service"


def settings(text: str) -> dict[str, list[str]]:
    """Every ``Key=value`` line, in order, by key."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def test_exit_codes_that_need_a_person_are_not_restarted() -> None:
    """RestartPreventExitStatus= and the daemon's own table of exit codes are the same."""
    (line,) = settings(UNIT.read_text())["RestartPreventExitStatus"]
    assert {int(code) for code in line.split()} == {int(code) for code in DO_NOT_RESTART}


def test_a_missing_key_file_is_the_daemons_to_tell() -> None:
    """The credential has a default, else systemd fails by itself and restarts for ever (exit code 243)."""
    unit = settings(UNIT.read_text())
    assert unit["LoadCredential"] == ["api-key:/etc/lived/api-key"]
    assert unit["SetCredential"] == [r"api-key:\n"]


def test_every_line_says_why() -> None:
    """Above each setting, or above the run of settings it belongs to, stands a comment."""
    commented = False
    bare = []
    for line in UNIT.read_text().splitlines():
        if line.startswith("#"):
            commented = True
        elif not line:
            commented = False
        elif line.startswith("["):
            commented = line == "[Install]"
        elif not commented and not line.startswith("Description="):
            bare.append(line)
    assert bare == []


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """Nothing in the unit is ignored, but for what systemd 252 does not know yet."""
    copy = tmp_path / "lived.service"
    copy.write_text(UNIT.read_text().replace("ExecStart=/opt/lived/bin/lived", "ExecStart=/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False, timeout=60
    )
    complaints = [line for line in done.stderr.splitlines() if "lived.service" in line]
    younger = ("'RestartSteps'", "'RestartMaxDelaySec'")
    assert [line for line in complaints if not any(key in line for key in younger)] == []
    assert done.returncode == 0
