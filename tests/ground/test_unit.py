"""The units in systemd/ say what the daemon means."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lived.errors import DO_NOT_RESTART

UNIT = Path(__file__).resolve().parents[2] / "systemd" / "lived.service"
USER_UNIT = UNIT.parent / "user" / "lived.service"
SPLIT = UNIT.parent / "split"
PARTS = sorted(SPLIT.glob("*.service"))
UNITS = pytest.mark.parametrize("unit", [UNIT, USER_UNIT, *PARTS], ids=["system", "user", *(p.stem for p in PARTS)])
EXPOSURE = {
    UNIT: 2.0,
    SPLIT / "lived-runtime.service": 0.5,
    SPLIT / "lived-broker.service": 0.6,
    SPLIT / "lived-capture.service": 1.0,
    SPLIT / "lived-playback.service": 1.0,
    SPLIT / "lived-gateway.service": 1.5,
    SPLIT / "lived-worker@.service": 1.7,
}
"""The most that `systemd-analyze security` may say: docs/operations.md has what it does say."""

THE_SPLITS_OWN = {
    *(
        "After",
        "BindsTo",
        "Conflicts",
        "Description",
        "ExecStart",
        "ExecReload",
        "PartOf",
        "Requires",
        "Wants",
        "WantedBy",
    ),
    *("ConfigurationDirectory", "Environment", "ReadWritePaths", "RuntimeDirectory", "RuntimeDirectoryMode"),
    *("StateDirectory", "StateDirectoryMode", "LoadCredential", "SetCredential"),
    *("Nice", "LimitMEMLOCK", "LimitRTPRIO", "LimitRTTIME", "DeviceAllow", "DevicePolicy", "SupplementaryGroups"),
    *("MemoryMax", "TasksMax", "Restart", "RestartMaxDelaySec", "RestartSec", "TimeoutStopSec", "WatchdogSec"),
    *("IPAddressDeny", "MemoryDenyWriteExecute", "PrivateDevices", "PrivateNetwork", "PrivateUsers", "ProcSubset"),
    *("RestrictAddressFamilies", "RestrictRealtime", "SocketBindDeny", "SystemCallFilter", "Type", "RemainAfterExit"),
}
"""Where a unit of the split may differ from lived.service. Everything else is the same in all of them, or missing."""

analyzed = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed here")


def settings(text: str) -> dict[str, list[str]]:
    """Every ``Key=value`` line, in order, by key."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("unit", [UNIT, USER_UNIT, *(p for p in PARTS if p.stem != "lived-runtime")], ids=str)
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


def test_the_split_is_the_same_daemon() -> None:
    """What is not the point of a unit of its own is as in lived.service; the sandbox lacks nothing of that one's."""
    whole = settings(UNIT.read_text())
    for path in PARTS:
        part = settings(path.read_text())
        assert {key for key in part if part[key] != whole.get(key)} <= THE_SPLITS_OWN, path.name
        if path.stem != "lived-runtime":
            assert whole.keys() - part.keys() <= THE_SPLITS_OWN | {"OOMPolicy", "LimitNOFILE"}, path.name
            assert part["Environment"][0].endswith(whole["Environment"][0]), path.name


def test_who_may_what_in_the_split() -> None:
    """The gateway alone has the key, capture and playback alone the card; who has no network has none at all."""
    units = {path.stem.removeprefix("lived-"): settings(path.read_text()) for path in PARTS}
    assert {name for name, unit in units.items() if "LoadCredential" in unit} == {"gateway"}
    assert {name for name, unit in units.items() if "char-alsa rw" in unit.get("DeviceAllow", ())} == {
        "capture",
        "playback",
    }
    assert {name for name, unit in units.items() if "PrivateNetwork" not in unit} == {"gateway", "worker@"}
    assert {name for name, unit in units.items() if unit.get("PrivateUsers") != ["yes"]} == set()
    assert {name for name, unit in units.items() if "RuntimeDirectory" in unit} == {"runtime"}
    assert units["gateway"]["LoadCredential"] == settings(UNIT.read_text())["LoadCredential"]


@pytest.mark.parametrize("unit", EXPOSURE, ids=lambda unit: unit.stem)
@analyzed
def test_exposure(unit: Path) -> None:
    """`systemd-analyze security` finds no more than what is known and told."""
    threshold = str(round(10 * EXPOSURE[unit]))
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={threshold}", "--no-pager", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout[-300:]


@UNITS
@analyzed
def test_systemd_understands_the_unit(unit: Path, tmp_path: Path) -> None:
    """Nothing in the unit is ignored, but for what systemd 252 does not know yet."""
    copy = tmp_path / unit.name.replace("@.", "@tools.")
    program = re.compile("^ExecStart=/opt/lived/bin/.*", re.MULTILINE)
    for part in SPLIT.iterdir():  # what it refers to
        (tmp_path / part.name).write_text(program.sub("ExecStart=/bin/true", part.read_text()))
    copy.write_text(program.sub("ExecStart=/bin/true", unit.read_text()))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False, timeout=60
    )
    complaints = [line for line in done.stderr.splitlines() if copy.name in line]
    younger = ("'RestartSteps'", "'RestartMaxDelaySec'")
    assert [line for line in complaints if not any(key in line for key in younger)] == []
    assert done.returncode == 0
