"""systemd/lived.service says what the daemon means."""

import shutil
import subprocess
from pathlib import Path

import pytest

from lived.errors import DO_NOT_RESTART

UNIT = Path(__file__).resolve().parents[2] / "systemd" / "lived.service"
USER_UNIT = UNIT.parent / "user" / "lived.service"
UNITS = pytest.mark.parametrize("unit", [UNIT, USER_UNIT], ids=["system", "user"])


def settings(text: str) -> dict[str, list[str]]:
    """Every ``Key=value`` line, in order, by key."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


@UNITS
def test_exit_codes_that_need_a_person_are_not_restarted(unit: Path) -> None:
    """RestartPreventExitStatus= and the daemon's own table of exit codes are the same."""
    (line,) = settings(unit.read_text())["RestartPreventExitStatus"]
    assert {int(code) for code in line.split()} == {int(code) for code in DO_NOT_RESTART}


def test_a_missing_key_file_is_the_daemons_to_tell() -> None:
    """The credential has a default, else systemd fails by itself and restarts for ever (exit code 243)."""
    unit = settings(UNIT.read_text())
    assert unit["LoadCredential"] == ["api-key:/etc/lived/api-key"]
    assert unit["SetCredential"] == [r"api-key:\n"]
    user = settings(USER_UNIT.read_text())
    assert user["LoadCredential"] == ["api-key:%E/lived/api-key"]
    assert user["SetCredential"] == unit["SetCredential"]


def test_both_units_agree() -> None:
    """What the user's unit has of life and limits is what the system's has; the exceptions are here."""
    system, user = settings(UNIT.read_text()), settings(USER_UNIT.read_text())
    differ = {key for key in user.keys() & system.keys() if user[key] != system[key]}
    assert differ == {"After", "LoadCredential", "RuntimeDirectoryMode", "Wants", "WantedBy"}
    assert user.keys() - system.keys() == {"ConditionUser"}
    assert not user.keys() & {"DynamicUser", "LimitRTPRIO", "Nice", "DeviceAllow", "ProtectHome", "StateDirectory"}


@UNITS
def test_every_line_says_why(unit: Path) -> None:
    """Above each setting, or above the run of settings it belongs to, stands a comment."""
    commented = False
    bare = []
    for line in unit.read_text().splitlines():
        if line.startswith("#"):
            commented = True
        elif not line:
            commented = False
        elif line.startswith("["):
            commented = line == "[Install]"
        elif not commented and not line.startswith("Description="):
            bare.append(line)
    assert bare == []


@UNITS
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed here")
def test_systemd_understands_the_unit(unit: Path, tmp_path: Path) -> None:
    """Nothing in the unit is ignored, but for what systemd 252 does not know yet."""
    copy = tmp_path / "lived.service"
    copy.write_text(unit.read_text().replace("ExecStart=/opt/lived/bin/lived", "ExecStart=/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False, timeout=60
    )
    complaints = [line for line in done.stderr.splitlines() if "lived.service" in line]
    younger = ("'RestartSteps'", "'RestartMaxDelaySec'")
    assert [line for line in complaints if not any(key in line for key in younger)] == []
    assert done.returncode == 0
