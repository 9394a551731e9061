"""The facts that an installation depends on, looked up on this machine."""

import os
import pwd
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import lived
from lived.cli.install.plan import Facts, Scope, Site
from lived.cli.service import BOOTED, TARGET, UNIT
from lived.config.files import is_there
from lived.errors import LivedError

SESSIONS = Path("/run/user")
LINGER = Path("/var/lib/systemd/linger")

_SOCKETS = {"PipeWire": "pipewire-0", "PulseAudio": "pulse/native"}
"""What a sound server leaves in its user's runtime folder; PipeWire before its stand-in for PulseAudio."""

_UNITS = Path("/etc/systemd/system")
_AT_BOOT = "multi-user.target.wants"
_PACKAGED = (Path("/usr/lib/systemd"), Path("/lib/systemd"))


def facts(environ: Mapping[str, str] = os.environ) -> Facts:
    """All of them.

    Raises:
        LivedError: the installation has no units.
    """
    root = os.geteuid() == 0
    person, server = _person(environ) if root else (_name(os.getuid()), sound_server(_session(environ)))
    shipped = _shipped()
    program = Path(sys.executable).with_name("lived")
    return Facts(
        booted=BOOTED.is_dir(),
        root=root,
        person=person,
        sound_server=server,
        lingers=(LINGER / person).exists(),
        account=_has_account("lived"),
        program=program,
        out_of_reach=out_of_reach(program) or out_of_reach(Path(sys.executable).resolve()),
        livectl=program.with_name("livectl"),
        sysusers=shipped / "sysusers.d" / "lived.conf",
        units={
            Scope.SYSTEM: (shipped / UNIT).read_text(encoding="utf-8"),
            Scope.USER: (shipped / "user" / UNIT).read_text(encoding="utf-8"),
        },
        split=(_UNITS / _AT_BOOT / TARGET).is_symlink(),
        system=_system(),
        user=_user(person, environ if person == _name(os.getuid()) else {}),
    )


def sound_server(session: Path) -> str:
    """Which one has its socket in a user's runtime folder; empty when none."""
    return next((name for name, socket in _SOCKETS.items() if is_there(session / socket)), "")


def out_of_reach(program: Path) -> str:
    """The first folder on the way to ``program`` that other users may not enter, or that services do not see."""
    temporary = Path(tempfile.gettempdir())
    if program.is_relative_to(temporary):
        return str(temporary)
    for folder in reversed(program.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            return str(folder)
    return ""


def _shipped() -> Path:
    """The units: inside an installed package, beside it in a checkout."""
    package = Path(lived.__file__).parent
    for folder in (package / "systemd", package.parents[1] / "systemd"):
        if (folder / UNIT).is_file():
            return folder
    raise LivedError("This installation of lived lacks its units: install it again ('pip install --force-reinstall').")


def _person(environ: Mapping[str, str]) -> tuple[str, str]:
    """Whom root asks for: who called sudo, else the first user with a sound server, else root."""
    if environ.get("SUDO_UID", "").isdecimal():
        uid = int(environ["SUDO_UID"])
        return _name(uid), sound_server(SESSIONS / str(uid))
    for uid in _sessions():
        if server := sound_server(SESSIONS / str(uid)):
            return _name(uid), server
    return "root", ""


def _sessions() -> Iterator[int]:
    """Users who have a runtime folder, less root."""
    names = [entry.name for entry in SESSIONS.iterdir()] if SESSIONS.is_dir() else []
    yield from sorted(int(name) for name in names if name.isdecimal() and name != "0")


def _session(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("XDG_RUNTIME_DIR") or SESSIONS / str(os.getuid()))


def _system() -> Site:
    folder, state = Path("/etc/lived"), Path("/var/lib")
    return _site(Scope.SYSTEM, _UNITS, folder, (state / "private" / "lived", state / "lived"), _AT_BOOT)


def _user(person: str, environ: Mapping[str, str]) -> Site:
    try:
        home = Path(pwd.getpwnam(person).pw_dir)
    except KeyError:
        home = Path(environ.get("HOME", "/"))  # a user id without a name
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    state = Path(environ.get("XDG_STATE_HOME") or home / ".local" / "state")
    return _site(Scope.USER, config / "systemd" / "user", config / "lived", (state / "lived",), "default.target.wants")


def _site(scope: Scope, units: Path, folder: Path, state: tuple[Path, ...], wants: str) -> Site:
    unit, config, key = units / UNIT, folder / "lived.toml", folder / "api-key"
    return Site(
        unit=unit,
        config=config,
        key=key,
        state=state,
        unit_text=unit.read_text(encoding="utf-8", errors="replace") if is_there(unit) else "",
        packaged=any(is_there(place / scope / UNIT) for place in _PACKAGED),
        # for all users at once: systemctl --global
        enabled=any((place / wants / UNIT).is_symlink() for place in (units, Path("/etc/systemd") / scope)),
        active=_active(scope),
        has_config=is_there(config) or is_there(folder / "conf.d"),
        has_key=is_there(key) and key.stat().st_size > 0,
    )


def _active(scope: Scope) -> bool:
    """Whether that systemd runs it; no when it cannot be asked."""
    command = scope.systemctl("is-active", "--quiet", UNIT)
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=10).returncode == 0
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _has_account(user: str, passwd: Path = Path("/etc/passwd")) -> bool:
    """Whether it is a user that stays: asked by name, systemd also knows those of running services (DynamicUser=)."""
    return any(line.startswith(f"{user}:") for line in passwd.read_text(errors="replace").splitlines())
