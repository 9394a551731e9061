"""Looking at the daemon, its service, its configuration, and what is left of old ones."""

import contextlib
import fnmatch
import os
from pathlib import Path

from lived.cli import door, service
from lived.cli.doctor import programs
from lived.cli.doctor.finding import Finding, failure, ok, warning
from lived.cli.doctor.judge import service as judge
from lived.cli.doctor.site import Site
from lived.config import attached, extras, places
from lived.config.compatibility import warnings
from lived.config.files import find
from lived.config.load import load_with_sources
from lived.errors import LivedError

_WORKER = "lived_workers."


def configuration(site: Site) -> list[Finding]:
    """As ``livectl config check``."""
    try:
        config, sources = load_with_sources(site.options.config, site.options.overrides, site.environ)
        attached.check(config, sources)
        extras.check(config, sources)
    except LivedError as error:
        return [failure("configuration", str(error), "livectl config check")]
    files = ", ".join(map(str, find(site.options.config, site.environ))) or "no file; the defaults are used"
    told = [warning("configuration", text) for text in warnings(config)]
    return [ok("configuration", f"It is right ({files})."), *told]


def daemon(site: Site) -> list[Finding]:
    """Its own words."""
    return [judge.daemon(site.status, site.deaf, str(site.directory))]


def scope(site: Site) -> list[Finding]:
    """Both managers, and lingering."""
    system, user, split = _unit(site), _unit(site, "--user"), _unit(site, name=service.TARGET)
    session = Path(site.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    serving = any((session / place).exists() for place in ("pipewire-0", "pulse/native"))
    lingers = (site.root / "var/lib/systemd/linger" / site.user).exists()
    installed = user is not None and user.loaded
    return [judge.scope(system, user, serving, split), judge.linger(site.user, installed, lingers)]


def _unit(site: Site, *which: str, name: str = service.UNIT) -> judge.Unit | None:
    shown = "LoadState,ActiveState,UnitFileState,NRestarts"
    ran = programs.run(site.environ, "systemctl", *which, "--no-pager", "show", "-p", shown, name)
    if ran is None or ran.code:
        return None
    facts = dict(line.split("=", 1) for line in ran.out.splitlines() if "=" in line)
    restarts = facts.get("NRestarts", "0")
    return judge.Unit(
        facts.get("LoadState") == "loaded",
        facts.get("UnitFileState", "").startswith(("enabled", "static")),
        facts.get("ActiveState", ""),
        int(restarts) if restarts.isdigit() else 0,
        name.removesuffix(".service"),
    )


def leftovers(site: Site) -> list[Finding]:
    """Sockets where nobody answers, daemons where two do, workers without one."""
    stale, answering = [], []
    for folder in places.runtime_dirs(site.config, site.environ):
        with contextlib.suppress(OSError, LivedError):  # not for this user: the daemon's own check says so
            if door.answers(folder):
                answering.append(str(folder))
            elif (folder / "door.sock").exists():
                stale.append(str(folder))
    return judge.leftovers(stale, answering, _orphans(site))


def _orphans(site: Site) -> list[judge.Orphan]:
    """Workers whose parent is init, or a reaper that is no daemon of ours, and that are no unit of their own."""
    found = []
    for process in (site.root / "proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            words = (process / "cmdline").read_bytes()
            name, _, rest = (process / "stat").read_text().partition("(")[2].rpartition(")")
            parent = site.root / "proc" / rest.split()[1]
            if (
                _WORKER.encode() in words
                and name.startswith("lived-")
                and not (_is_ours(parent) or _is_a_unit(process))
            ):
                found.append(judge.Orphan(int(process.name), name))
    return sorted(found)


def _is_a_unit(process: Path) -> bool:
    """systemd is the parent where each worker has a unit (lived.target)."""
    return fnmatch.fnmatch((process / "cgroup").read_text().strip(), f"*/{service.PARTS}.service")


def _is_ours(parent: Path) -> bool:
    try:
        return parent.name != "1" and (parent / "comm").read_text().startswith("lived")
    except OSError:
        return False
