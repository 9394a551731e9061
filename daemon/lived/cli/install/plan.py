"""What has to be done to make lived a service, or to undo it: facts in, a list of steps out. Changes nothing itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from lived.cli.install.steps import MakeFolder, Remove, Run, Step, WriteFile
from lived.cli.service import UNIT, Service
from lived.errors import LivedError, UsageError

PROGRAM = "/opt/lived/bin/lived"
"""What stands in the shipped units, and is where the Debian package puts the program."""

CONFIG = """\
# The configuration of lived. Empty is fine: every option has a default.
# 'livectl config show' prints them all, with units; docs/configuration.md explains them.
# After a change: 'livectl config check', then reload the service.

#[audio]
#input = "default"     # a name, or a part of one, from 'livectl devices'
#output = "default"
"""

_HOMES = tuple(map(Path, ("/home", "/root", "/run/user")))
"""What ProtectHome=yes hides."""


class Scope(StrEnum):
    """Whose systemd runs it."""

    SYSTEM = "system"
    USER = "user"

    @property
    def words(self) -> str:
        """For sentences."""
        return "a service of the system" if self is Scope.SYSTEM else "a service of this user"

    def systemctl(self, *arguments: str) -> tuple[str, ...]:
        """The command line that orders it."""
        return ("systemctl", *(("--user",) if self is Scope.USER else ()), *arguments)


@dataclass(frozen=True, kw_only=True)
class Site:
    """One scope: where its files belong, and what of it is there."""

    unit: Path
    config: Path
    key: Path
    state: tuple[Path, ...]
    """What a purge removes besides configuration and key."""
    unit_text: str = ""
    """The unit that is there; empty when none."""
    packaged: bool = False
    """A Debian package brought a unit; it stays as it is."""
    enabled: bool = False
    active: bool = False
    has_config: bool = False
    has_key: bool = False
    """A file for the key is there and is not empty."""

    @property
    def there(self) -> bool:
        """Whether something of a service is to be undone."""
        return bool(self.unit_text) or self.enabled or self.active


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of the machine and of who asks."""

    booted: bool
    """systemd is in charge."""
    root: bool
    person: str
    """The user whose sound server counts: who asks, or who called sudo."""
    sound_server: str
    """"PipeWire" or "PulseAudio" when one runs for that person; else empty."""
    lingers: bool
    account: bool
    """The user ``lived`` exists."""
    program: Path
    out_of_reach: str
    """A folder on the way to the program which the service's own user may not enter; empty when there is none."""
    livectl: Path
    sysusers: Path
    units: dict[Scope, str] = field(repr=False)
    """The units as shipped."""
    system: Site
    user: Site
    split: bool = False
    """lived.target is enabled in its place: a unit for each worker."""

    def site(self, scope: Scope) -> Site:
        """Of ``scope``."""
        return self.system if scope is Scope.SYSTEM else self.user


def scope_of(wanted: Scope | None, facts: Facts) -> tuple[Scope, str]:
    """The scope to install in, and why, in words."""
    if wanted is not None:
        return wanted, f"{wanted.words}, as asked"
    if facts.sound_server:
        return Scope.USER, f"a service of {facts.person}, because {facts.sound_server} runs for {facts.person}"
    return Scope.SYSTEM, "a service of the system, because no sound server runs here"


def installation(facts: Facts, scope: Scope, key: str) -> list[Step]:
    """The steps that are missing; none when all is there and runs. ``key``: the API key, empty when none was given.

    Raises:
        LivedError: it cannot be done so; the sentence says how it can.
    """
    _allowed("install-service", facts, scope)
    _sensible(facts, scope)
    site = facts.site(scope)
    files = list(_files(facts, scope, key))
    steps: list[Step] = []
    if scope is Scope.SYSTEM and not facts.account:
        steps.append(Run(("systemd-sysusers", str(facts.sysusers))))
    steps += files
    if any(isinstance(step, WriteFile) and step.path == site.unit for step in files):
        steps.append(Run(scope.systemctl("daemon-reload")))
    if not site.enabled:
        steps.append(Run(scope.systemctl("enable", UNIT)))
    steps += _begin(scope, site, changed=bool(files))
    if scope is Scope.USER and not facts.lingers:
        remedy = f"'sudo loginctl enable-linger {facts.person}', else it ends when {facts.person} logs out"
        steps.append(Run(("loginctl", "enable-linger", facts.person), remedy))
    return steps


def removal(facts: Facts, scope: Scope, purge: bool) -> list[Step]:
    """The steps that undo it. Configuration, key and state stay unless ``purge``.

    Raises LivedError as ``installation``.
    """
    _allowed("uninstall-service", facts, scope)
    site = facts.site(scope)
    if purge and site.packaged:
        raise LivedError("This service belongs to the Debian package: 'sudo apt purge lived' removes all of it.")
    steps: list[Step] = []
    if site.there:
        steps.append(Run(scope.systemctl("disable", "--now", UNIT)))
    if site.unit_text:
        steps += [Remove(site.unit), Run(scope.systemctl("daemon-reload"))]
    if purge:
        steps += [Remove(path) for path in (site.config.parent, *site.state)]
        if scope is Scope.SYSTEM and facts.account:
            steps.append(Run(("userdel", "lived")))
    return steps


def installed_scope(wanted: Scope | None, facts: Facts) -> Scope:
    """The scope to uninstall.

    Raises:
        UsageError: it has to be named.
        LivedError: there is no service.
    """
    if wanted is not None:
        return wanted
    there = [scope for scope in Scope if facts.site(scope).there]
    if len(there) > 1:
        raise UsageError("lived is a service of the system and of this user: add --system or --user.")
    if not there:
        raise LivedError(
            "There is no service of lived here: 'livectl install-service' makes one; "
            "add --purge with --system or --user to remove the configuration of an old one."
        )
    return there[0]


def waits_for_key(facts: Facts, scope: Scope, key: str) -> bool:
    """Whether it runs and cannot converse yet: neither a key nor a configuration that may do without."""
    site = facts.site(scope)
    return not (key or site.has_key or site.has_config)


def unit_for(template: str, scope: Scope, program: Path) -> str:
    """The shipped unit with the program's real place."""
    path = str(program).replace("%", "%%")
    text = template.replace(f"ExecStart={PROGRAM}\n", f'ExecStart="{path}"\n' if " " in path else f"ExecStart={path}\n")
    if scope is Scope.SYSTEM and any(program.is_relative_to(home) for home in _HOMES):
        text = text.replace("ProtectHome=yes\n", "ProtectHome=read-only\n")
    return text


def _files(facts: Facts, scope: Scope, key: str) -> Iterator[Step]:
    site = facts.site(scope)
    if not (site.has_config or site.has_key):
        yield MakeFolder(site.config.parent, 0o755 if scope is Scope.SYSTEM else 0o700)
    unit = unit_for(facts.units[scope], scope, facts.program)
    if not site.packaged and site.unit_text != unit:
        if scope is Scope.USER:
            yield MakeFolder(site.unit.parent, 0o755)
        yield WriteFile(site.unit, "the unit", 0o644, unit)
    if not site.has_config:
        yield WriteFile(site.config, "the configuration, all defaults", 0o644, CONFIG)
    if key:
        yield WriteFile(site.key, "the API key", 0o600, f"{key}\n")
    elif not site.has_key:
        yield WriteFile(site.key, "for the API key, empty", 0o600, "")


def _begin(scope: Scope, site: Site, changed: bool) -> Iterator[Step]:
    """Start it and wait for READY; anew when it runs as it was before. Without a key too: it says that it waits."""
    if site.active and not changed:
        return
    verb = "restart" if site.active else "start"
    yield Run(scope.systemctl(verb, UNIT), why=Service(user=scope is Scope.USER).failure)


def _allowed(command: str, facts: Facts, scope: Scope) -> None:
    if not facts.booted:
        raise LivedError("systemd is not in charge of this machine: 'livectl start' runs the daemon without it.")
    if scope is Scope.SYSTEM and not facts.root:
        raise LivedError(f"That needs root: run 'sudo {facts.livectl} {command} --system'.")
    if scope is Scope.USER and facts.root:
        why = f"{facts.sound_server} runs for {facts.person}" if facts.sound_server else "root has no sound server"
        raise LivedError(
            f"{why}, and a user's service is that user's to order: run '{facts.livectl} {command} --user' "
            f"as {facts.person if facts.person != 'root' else 'that user'}, without sudo; or add --system."
        )


def _sensible(facts: Facts, scope: Scope) -> None:
    """Refuse what would not work."""
    if facts.split:
        raise LivedError(
            "lived.target is on (a unit for each worker), and two would fight for the sound card: run "
            "'sudo systemctl disable lived.target' and 'sudo systemctl stop lived.target lived-*' first."
        )
    other = Scope.USER if scope is Scope.SYSTEM else Scope.SYSTEM
    if facts.site(other).enabled:
        sudo = "sudo " if other is Scope.SYSTEM else ""
        raise LivedError(
            f"lived is {other.words} already ({facts.site(other).unit}), and two would fight for the sound card: "
            f"run '{sudo}{facts.livectl} uninstall-service --{other}' first."
        )
    if scope is Scope.SYSTEM and facts.out_of_reach:
        raise LivedError(
            f"The service's own user cannot reach {facts.program} ({facts.out_of_reach} is closed to others): install "
            "lived into /opt/lived ('sudo python3 -m venv /opt/lived && sudo /opt/lived/bin/pip install lived'), "
            "then run its livectl."
        )
