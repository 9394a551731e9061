"""What makes lived a service: the plan for a machine with these facts, and its steps on files."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lived.cli.commands.install import outcome
from lived.cli.install import look
from lived.cli.install.plan import (
    Facts,
    Scope,
    Site,
    installation,
    installed_scope,
    removal,
    scope_of,
    unit_for,
    waits_for_key,
)
from lived.cli.install.steps import MakeFolder, Remove, Run, Step, WriteFile
from lived.errors import LivedError, UsageError

KEY = "AIzaPlannedSecret0123456789"
ROOT = Path(__file__).resolve().parents[2]
UNITS = {
    Scope.SYSTEM: (ROOT / "systemd" / "lived.service").read_text(),
    Scope.USER: (ROOT / "systemd" / "user" / "lived.service").read_text(),
}
SYSTEM = Site(
    unit=Path("/etc/systemd/system/lived.service"),
    config=Path("/etc/lived/lived.toml"),
    key=Path("/etc/lived/api-key"),
    state=(Path("/var/lib/private/lived"), Path("/var/lib/lived")),
)
USER = Site(
    unit=Path("/home/pi/.config/systemd/user/lived.service"),
    config=Path("/home/pi/.config/lived/lived.toml"),
    key=Path("/home/pi/.config/lived/api-key"),
    state=(Path("/home/pi/.local/state/lived"),),
)
PROGRAM = Path("/opt/lived/bin/lived")


def facts(**changes: Any) -> Facts:
    """A Raspberry Pi OS Lite on which root asks, and nothing is installed."""
    bare = Facts(
        booted=True,
        root=True,
        person="pi",
        sound_server="",
        lingers=False,
        account=False,
        program=PROGRAM,
        out_of_reach="",
        livectl=PROGRAM.with_name("livectl"),
        sysusers=Path("/srv/sysusers.conf"),
        units=UNITS,
        system=SYSTEM,
        user=USER,
    )
    return replace(bare, **changes)


def complete(site: Site, scope: Scope) -> Site:
    """All is there and runs."""
    return replace(site, unit_text=UNITS[scope], enabled=True, active=True, has_config=True, has_key=True)


def commands(steps: list[Step]) -> list[str]:
    """What is run, in order."""
    return [" ".join(step.command) for step in steps if isinstance(step, Run)]


def written(steps: list[Step]) -> dict[Path, WriteFile]:
    """What is written."""
    return {step.path: step for step in steps if isinstance(step, WriteFile)}


def test_a_bare_system() -> None:
    """User, folder, unit, configuration, key, then systemd: in an order in which each finds what it needs."""
    steps = installation(facts(), Scope.SYSTEM, KEY)
    assert commands(steps) == [
        "systemd-sysusers /srv/sysusers.conf",
        "systemctl daemon-reload",
        "systemctl enable lived.service",
        "systemctl start lived.service",
    ]
    files = written(steps)
    assert set(files) == {SYSTEM.unit, SYSTEM.config, SYSTEM.key}
    assert (files[SYSTEM.key].content, files[SYSTEM.key].mode) == (f"{KEY}\n", 0o600)
    kinds = [type(step) for step in steps]
    assert kinds.index(MakeFolder) < kinds.index(WriteFile) < len(kinds) - 3


def test_a_bare_desktop() -> None:
    """The user's own unit, which lingers; nothing outside of the home."""
    asked = facts(root=False, sound_server="PipeWire", program=Path("/home/pi/venv/bin/lived"))
    steps = installation(asked, Scope.USER, KEY)
    assert commands(steps) == [
        "systemctl --user daemon-reload",
        "systemctl --user enable lived.service",
        "systemctl --user start lived.service",
        "loginctl enable-linger pi",
    ]
    assert all(path.is_relative_to("/home/pi") for path in written(steps))
    assert "\nExecStart=/home/pi/venv/bin/lived\n" in written(steps)[USER.unit].content


@pytest.mark.parametrize("scope", Scope)
def test_done_already(scope: Scope) -> None:
    """The second time there is nothing to do; a new key is written, and the service restarted for it."""
    there = facts(
        root=scope is Scope.SYSTEM,
        account=True,
        lingers=True,
        **{scope.value: complete(SYSTEM if scope is Scope.SYSTEM else USER, scope)},
    )
    assert installation(there, scope, "") == []
    steps = installation(there, scope, KEY)
    assert commands(steps) == [" ".join(scope.systemctl("restart", "lived.service"))]
    assert set(written(steps)) == {there.site(scope).key}


def test_what_is_there_stays() -> None:
    """Somebody's configuration and key are not written over, a package's unit not shadowed."""
    steps = installation(facts(system=replace(SYSTEM, packaged=True, has_config=True, has_key=True)), Scope.SYSTEM, "")
    assert written(steps) == {}
    assert "systemctl daemon-reload" not in commands(steps)
    assert commands(steps)[-2:] == ["systemctl enable lived.service", "systemctl start lived.service"]


def test_without_a_key() -> None:
    """It is started too, and says itself that it waits; whoever installs it is told what for."""
    steps = installation(facts(), Scope.SYSTEM, "")
    assert commands(steps)[-2:] == ["systemctl enable lived.service", "systemctl start lived.service"]
    assert (written(steps)[SYSTEM.key].content, written(steps)[SYSTEM.key].mode) == ("", 0o600)
    assert waits_for_key(facts(), Scope.SYSTEM, "")
    assert not waits_for_key(facts(system=replace(SYSTEM, has_config=True)), Scope.SYSTEM, "")
    told = outcome(facts(), Scope.SYSTEM, "", "undo")
    assert "'sudo /opt/lived/bin/livectl setup' asks for it, or put it into /etc/lived/api-key." in told
    assert "and runs" in outcome(facts(), Scope.SYSTEM, KEY, "undo")


def test_the_key_is_in_no_words() -> None:
    """Neither in what is printed nor in a repr."""
    for step in installation(facts(), Scope.SYSTEM, KEY):
        assert KEY not in step.describe() + repr(step)


@pytest.mark.parametrize(
    ("server", "wanted", "scope"),
    [
        ("", None, Scope.SYSTEM),
        ("PipeWire", None, Scope.USER),
        ("PulseAudio", None, Scope.USER),
        ("PipeWire", Scope.SYSTEM, Scope.SYSTEM),
        ("", Scope.USER, Scope.USER),
    ],
)
def test_scope(server: str, wanted: Scope | None, scope: Scope) -> None:
    """A sound server means its user's service; who names a scope has it."""
    chosen, why = scope_of(wanted, facts(sound_server=server))
    assert chosen is scope
    if wanted is None and server:
        assert server in why


@pytest.mark.parametrize(
    ("changes", "scope", "sentence"),
    [
        ({"booted": False}, Scope.SYSTEM, "systemd is not in charge"),
        ({"root": False}, Scope.SYSTEM, "run 'sudo /opt/lived/bin/livectl install-service --system'"),
        ({"sound_server": "PipeWire"}, Scope.USER, "PipeWire runs for pi.*as pi, without sudo"),
        ({"split": True}, Scope.SYSTEM, "lived.target is on.*systemctl disable lived.target"),
        ({"user": replace(USER, enabled=True)}, Scope.SYSTEM, "two would fight.*'/opt.* uninstall-service --user'"),
        ({"out_of_reach": "/root"}, Scope.SYSTEM, "/root is closed to others.*into /opt/lived"),
    ],
)
def test_refusals(changes: dict[str, Any], scope: Scope, sentence: str) -> None:
    """What would not work is said in one sentence, with the command that does."""
    with pytest.raises(LivedError, match=sentence):
        installation(facts(**changes), scope, KEY)


def test_removal() -> None:
    """The service goes, what a person wrote stays; a purge takes that too."""
    there = facts(system=complete(SYSTEM, Scope.SYSTEM), account=True)
    steps = removal(there, Scope.SYSTEM, purge=False)
    assert commands(steps) == ["systemctl disable --now lived.service", "systemctl daemon-reload"]
    assert [step.path for step in steps if isinstance(step, Remove)] == [SYSTEM.unit]
    purged = removal(there, Scope.SYSTEM, purge=True)
    assert {step.path for step in purged if isinstance(step, Remove)} == {
        SYSTEM.unit,
        Path("/etc/lived"),
        *SYSTEM.state,
    }
    assert commands(purged)[-1] == "userdel lived"
    assert removal(facts(), Scope.SYSTEM, purge=False) == []


def test_a_package_purges_itself() -> None:
    """Its files are dpkg's affair."""
    with pytest.raises(LivedError, match="apt purge lived"):
        removal(facts(system=replace(SYSTEM, packaged=True)), Scope.SYSTEM, purge=True)


def test_which_one_to_remove() -> None:
    """The one that is there; none and both are told."""
    user = complete(USER, Scope.USER)
    assert installed_scope(None, facts(user=user)) is Scope.USER
    with pytest.raises(LivedError, match="no service"):
        installed_scope(None, facts())
    with pytest.raises(UsageError, match="--system or --user"):
        installed_scope(None, facts(user=user, system=complete(SYSTEM, Scope.SYSTEM)))


@pytest.mark.parametrize(
    ("program", "line", "home"),
    [
        ("/opt/lived/bin/lived", "ExecStart=/opt/lived/bin/lived", "yes"),
        ("/home/pi/my venv/bin/lived", 'ExecStart="/home/pi/my venv/bin/lived"', "read-only"),
        ("/srv/100%/lived", "ExecStart=/srv/100%%/lived", "yes"),
    ],
)
def test_the_program_in_the_unit(program: str, line: str, home: str) -> None:
    """Its real place, in systemd's spelling; a program in a home has to see that."""
    unit = unit_for(UNITS[Scope.SYSTEM], Scope.SYSTEM, Path(program)).splitlines()
    assert line in unit
    assert f"ProtectHome={home}" in unit


def test_steps_on_files(tmp_path: Path) -> None:
    """Each may be done twice, a mode is as said whatever the umask, an interrupted one is in nobody's way."""
    folder, file = tmp_path / "a" / "b", tmp_path / "a" / "b" / "key"
    (tmp_path / "a").mkdir()
    for _ in range(2):
        MakeFolder(folder, 0o700).do()
        (folder / ".key.new").write_text("half")
        WriteFile(file, "the key", 0o600, KEY).do()
    assert (file.read_text(), file.stat().st_mode & 0o777) == (KEY, 0o600)
    assert [entry.name for entry in folder.iterdir()] == ["key"]
    for _ in range(2):
        Remove(file).do()
        Remove(folder).do()
    assert not folder.exists()


def test_steps_that_fail() -> None:
    """In the program's own words, with what to do; a missing program is a sentence too."""
    with pytest.raises(LivedError, match=r"failed: no\. Do this instead: ask root\."):
        Run(("sh", "-c", "echo no. >&2; exit 3"), "ask root").do()
    with pytest.raises(LivedError, match="no program nowhere-to-be-found"):
        Run(("nowhere-to-be-found",)).do()
    with pytest.raises(LivedError, match="the reason"):
        Run(("false",), why=lambda: "the reason").do()


def test_sound_servers(tmp_path: Path) -> None:
    """Told by their sockets; PipeWire before the PulseAudio that it plays."""
    assert look.sound_server(tmp_path) == ""
    (tmp_path / "pulse").mkdir()
    (tmp_path / "pulse" / "native").touch()
    assert look.sound_server(tmp_path) == "PulseAudio"
    (tmp_path / "pipewire-0").touch()
    assert look.sound_server(tmp_path) == "PipeWire"


def test_out_of_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first folder that others may not enter; a temporary folder, which services have their own of."""
    program = tmp_path / "closed" / "bin" / "lived"
    program.parent.mkdir(parents=True)
    assert look.out_of_reach(program) == "/tmp"
    monkeypatch.setattr("tempfile.gettempdir", lambda: "/nowhere")
    (tmp_path / "closed").chmod(0o700)
    way = [folder for folder in reversed(program.parents) if not folder.stat().st_mode & 0o001]
    assert tmp_path / "closed" in way
    assert look.out_of_reach(program) == str(way[0])  # pytest's own folder is closed too


def test_a_user_that_stays(tmp_path: Path) -> None:
    """Only what is in the file of users."""
    passwd = tmp_path / "passwd"
    passwd.write_text("root:x:0:0::/root:/bin/sh\nlived:x:998:998::/:/bin/false\n")
    assert look._has_account("lived", passwd)
    assert not look._has_account("live", passwd)


def test_the_facts_of_this_machine() -> None:
    """They can be had anywhere, and the units come with the program."""
    found = look.facts({})
    assert found.program.name == "lived"
    assert found.units == UNITS
    assert found.sysusers.is_file()
