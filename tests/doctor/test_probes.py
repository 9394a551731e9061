"""Looking: at trees of files, at programs on PATH, at a door; and a check that hangs or breaks ends nothing."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.door import STATUS
from lived.cli.doctor.examine import together
from lived.cli.doctor.finding import Finding, Level, ok
from lived.cli.doctor.probe import machine, network, service, sound
from lived.cli.doctor.report import COLUMNS, lines
from lived.cli.doctor.site import Site
from lived.cli.doctor.table import CHECKS, LAST, Check
from lived.cli.options import Options
from lived.config import Config
from lived.errors import DeviceError

Make = Callable[..., Site]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A site in a tree of its own, with its own programs on PATH."""
    (tmp_path / "bin").mkdir()

    def made(**changed: Any) -> Site:
        environ = {"HOME": str(tmp_path), "PATH": f"{tmp_path}/bin:/usr/bin:/bin", "USER": "pi",
                   "XDG_RUNTIME_DIR": str(tmp_path / "session")}  # fmt: skip
        environ |= changed.pop("environ", {})
        return Site(options=Options(), config=Config(), root=tmp_path, environ=environ, **changed)

    return made


def program(folder: Path, name: str, script: str) -> None:
    """A program on PATH."""
    path = folder / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def process(root: Path, pid: int, name: str, parent: int = 1, command: str = "") -> Path:
    """A process in the tree."""
    folder = root / "proc" / str(pid)
    (folder / "fd").mkdir(parents=True)
    (folder / "comm").write_text(f"{name}\n")
    (folder / "cmdline").write_text(command)
    (folder / "stat").write_text(f"{pid} ({name}) S {parent} 0 0")
    (folder / "cgroup").write_text("0::/user.slice/user-1000.slice/session-3.scope\n")
    return folder


def test_throttling_of_a_pi(make: Make, tmp_path: Path) -> None:
    """vcgencmd is read; where it says nothing that can be read, nothing is claimed."""
    program(tmp_path, "vcgencmd", "echo throttled=0x50000")
    assert machine.throttling(make())[0].level is Level.WARNING
    program(tmp_path, "vcgencmd", "echo VCHI initialization failed; exit 1")
    assert machine.throttling(make())[0].level is Level.SKIPPED


def test_the_hottest_zone(make: Make, tmp_path: Path) -> None:
    """Of several; a zone without a figure is none."""
    for number, text in enumerate(("45000", "77000", "nothing")):
        folder = tmp_path / f"sys/class/thermal/thermal_zone{number}"
        folder.mkdir(parents=True)
        (folder / "temp").write_text(text)
    assert "77 °C" in machine.temperature(make())[0].text


def test_wifi_that_saves_power(make: Make, tmp_path: Path) -> None:
    """Each interface is asked."""
    program(tmp_path, "iw", '[ $# = 1 ] && printf "phy#0\\n\\tInterface wlan0\\n" || echo "Power save: on"')
    assert network.wifi(make())[0].remedy == "sudo iw dev wlan0 set power_save off"
    program(tmp_path, "iw", '[ $# = 1 ] && printf "phy#0\\n\\tInterface wlan0\\n" || echo "Power save: off"')
    assert network.wifi(make())[0].level is Level.OK


def test_a_program_that_hangs(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is given up."""
    monkeypatch.setattr("lived.cli.doctor.programs.run.__kwdefaults__", {"text": "", "patience_s": 0.3})
    program(tmp_path, "vcgencmd", "exec sleep 60")
    began = time.monotonic()
    assert machine.throttling(make())[0].level is Level.SKIPPED
    assert time.monotonic() - began < 10


def test_who_holds_the_card(make: Make, tmp_path: Path) -> None:
    """ALSA's owner and open files, named; one that is ours is no stranger."""
    stream = tmp_path / "proc/asound/card1/pcm0c/sub0"
    stream.mkdir(parents=True)
    (stream / "status").write_text("state: RUNNING\nowner_pid   : 77\n")
    holder = process(tmp_path, 77, "arecord")
    (holder / "fd" / "5").symlink_to("/dev/snd/pcmC1D0c")
    (found,) = sound.holders(make())
    assert (found.level, found.remedy) == (Level.WARNING, "kill 77")
    ours = STATUS | {"workers": [STATUS["workers"][0] | {"pid": 77}]}
    assert sound.holders(make(status=ours))[0].level is Level.OK


def test_workers_without_a_daemon(make: Make, tmp_path: Path) -> None:
    """Only those whose parent is not a daemon of ours, nor systemd itself, which has a unit for each."""
    process(tmp_path, 40, "lived", 1, "python3\0-m\0lived\0")
    process(tmp_path, 41, "lived-playback", 40, "python3\0-m\0lived_workers.playback\0")
    process(tmp_path, 42, "lived-capture", 1, "python3\0-m\0lived_workers.capture\0")
    unit = process(tmp_path, 43, "lived-gateway", 1, "python3\0-m\0lived_workers.gateway\0")
    (unit / "cgroup").write_text("0::/system.slice/lived-gateway.service\n")
    assert service.leftovers(make())[0].remedy == "kill 42"


def test_sockets_that_nobody_answers(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of a daemon that was killed."""
    monkeypatch.setattr("lived.config.places.SYSTEM_RUNTIME", tmp_path / "none")
    folder = tmp_path / "session/lived"
    folder.mkdir(parents=True)
    (folder / "door.sock").write_text("")
    assert service.leftovers(make())[0].remedy == f"rm -r {folder}"


def test_units_of_systemd(make: Make, tmp_path: Path) -> None:
    """Both scopes are asked, and for a unit for each worker; the user's needs linger."""
    program(
        tmp_path,
        "systemctl",
        'for unit; do :; done; [ $unit = lived.target ] && printf "LoadState=not-found\\n" && exit\n'
        'state=loaded; [ "$1" = --user ] || state=not-found\n'
        'printf "LoadState=$state\\nActiveState=active\\nUnitFileState=enabled\\nNRestarts=0\\n"',
    )
    assert [one.level for one in service.scope(make())] == [Level.OK, Level.WARNING]
    linger = tmp_path / "var/lib/systemd/linger"
    linger.mkdir(parents=True)
    (linger / "pi").write_text("")
    assert [one.level for one in service.scope(make())] == [Level.OK, Level.OK]


def test_a_sound_server(make: Make, tmp_path: Path) -> None:
    """Its socket in the session's folder."""
    (tmp_path / "session/pulse").mkdir(parents=True)
    (tmp_path / "session/pulse/native").write_text("")
    assert "PulseAudio" in sound.server(make())[0].text
    assert sound.server(make(status=STATUS, directory=Path("/run/lived")))[0].remedy == "livectl install-service --user"


def test_a_proxy(make: Make) -> None:
    """Named without its password, and asked in place of the server."""
    place = make(environ={"https_proxy": "http://me:secret@127.0.0.1:1"})
    (found,) = network.proxy(place)
    assert found.level is Level.FAILURE
    assert "127.0.0.1:1" in found.text
    assert "secret" not in found.text
    assert network.tls(place)[0].level is Level.SKIPPED
    assert (
        network.proxy(make(environ={"https_proxy": "http://p:1", "no_proxy": ".googleapis.com"}))[0].level is Level.OK
    )


def test_no_name_server(make: Make, tmp_path: Path) -> None:
    """getent finds nothing."""
    program(tmp_path, "getent", "exit 2")
    assert network.dns(make())[0].level is Level.FAILURE
    program(tmp_path, "getent", 'echo "142.250.1.1 STREAM x"; echo "142.250.1.1 DGRAM"')
    assert "1 address." in network.dns(make())[0].text


def test_the_card_of_a_running_daemon_is_left_alone(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """No program is started; the daemon's own words are told."""
    monkeypatch.setattr("lived.cli.doctor.programs.run", None)
    found = sound.soundcheck(make(status=STATUS))
    assert found[0].text == "USB Audio at 48000 Hz, 2 channels (as the running daemon says)."


def test_real_time_of_a_running_daemon(make: Make, tmp_path: Path) -> None:
    """One thread of capture or playback at FIFO is enough to see."""
    folder = tmp_path / "proc/812/task/813"
    folder.mkdir(parents=True)
    (folder / "stat").write_text("813 (lived capture) S " + "0 " * 37 + "1 0 0")
    assert machine.realtime(make(status=STATUS))[0].level is Level.OK
    (folder / "stat").write_text("813 (lived capture) S " + "0 " * 37 + "0 0 0")
    assert machine.realtime(make(status=STATUS))[0].level is Level.WARNING


def test_a_check_that_hangs_or_breaks(make: Make) -> None:
    """The others are told all the same, in the order of the table, and in time."""
    free = threading.Event()

    def hangs(_: Site) -> list[Finding]:
        free.wait(60)
        return []

    def breaks(_: Site) -> list[Finding]:
        raise TypeError("AIza-a-secret")

    def refuses(_: Site) -> list[Finding]:
        raise DeviceError("The card is gone.")

    checks = (Check("a", hangs), Check("b", breaks), Check("c", refuses), Check("d", lambda _: [ok("d", "Well.")]))
    began = time.monotonic()
    found = together(make(), checks, 1.0)
    assert time.monotonic() - began < 20
    free.set()
    assert [one.level for one in found] == [Level.WARNING, Level.WARNING, Level.FAILURE, Level.OK]
    assert "TypeError" in found[1].text
    assert "AIza" not in found[1].text


def test_the_report_fits_a_terminal() -> None:
    """80 columns, but for commands: those are to be copied."""
    long = Finding("sound server", Level.WARNING, "A sentence that is long. " * 9, "sudo " + "x" * 90)
    told = list(lines([long, ok("python", "Python.")]))
    assert all(len(line) <= COLUMNS for line in told if not line.startswith("    $ "))
    assert f"    $ {long.remedy}" in told
    assert told[-1] == "0 failures, 1 warning, 1 ok, 0 skipped."


def test_names_of_checks() -> None:
    """Each once."""
    names = [check.name for check in (*CHECKS, *LAST)]
    assert len(set(names)) == len(names)


def test_where_the_key_is_looked_for(make: Make, tmp_path: Path) -> None:
    """The service's file, the user's before the system's; what the environment names comes first."""
    assert "CREDENTIALS_DIRECTORY" not in make().secrets()
    for folder in ("etc/lived", ".config/lived"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "api-key").write_text("k")
        assert make().secrets()["CREDENTIALS_DIRECTORY"] == str(tmp_path / folder)
    assert make(environ={"CREDENTIALS_DIRECTORY": "/x"}).secrets()["CREDENTIALS_DIRECTORY"] == "/x"
