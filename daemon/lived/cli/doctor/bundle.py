"""A tar.gz for a bug report. Everything in it goes through the mask."""

import importlib.metadata
import io
import os
import platform
import sys
import tarfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import msgspec

from lived import __version__
from lived.cli.detached import LOG
from lived.cli.doctor import masking, programs, report
from lived.cli.doctor.finding import Finding
from lived.cli.doctor.secrets import secrets
from lived.cli.doctor.site import Site
from lived.config import explain
from lived.config.load import load_with_sources
from lived.errors import LivedError

LOG_LINES = 2000
LOG_BYTES = 400_000
"""Of a log file: about as many lines."""
_PATIENCE_S = 5.0
_PRIVATE = ("live.instruction", "conversation.greeting")
"""Options that say more of a household than of a fault: only their length is told."""
_PACKAGES = ("google-genai", "pyzmq", "sounddevice", "soxr", "numpy", "msgspec", "websockets", "soundfile", "mcp")


def write(place: Path, site: Site, findings: Sequence[Finding]) -> None:
    """Pack it, readable for this user alone.

    Raises:
        LivedError: the file cannot be written.
    """
    mask = masking.Mask(secrets(site))
    try:
        file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "wb") as output, tarfile.open(fileobj=output, mode="w:gz") as archive:
            for name, text in contents(site, findings).items():
                data = mask(text).encode(errors="replace")
                entry = tarfile.TarInfo(f"lived-report/{name}")
                entry.size, entry.mode, entry.mtime = len(data), 0o600, int(time.time())
                archive.addfile(entry, io.BytesIO(data))
    except OSError as error:
        raise LivedError(f"Cannot write {place}: {error.strerror}; choose another file for --bundle.") from None


def contents(site: Site, findings: Sequence[Finding]) -> dict[str, str]:
    """File names and texts, not yet masked."""
    return {
        "findings.txt": "\n".join(report.lines(findings)) + "\n",
        "findings.json": _json([msgspec.to_builtins(one) for one in findings]),
        "versions.json": _json(versions()),
        "configuration.json": configuration(site),
        "status.json": _json(site.status or {"deaf": site.deaf}),
        "log.txt": logs(site),
        "metrics.txt": metrics(site),
    }


def versions() -> dict[str, Any]:
    """Program, Python, system, libraries."""
    packages: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            packages[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            packages[name] = None
    system = {"machine": platform.machine(), "kernel": platform.release(), "libc": " ".join(platform.libc_ver())}
    try:
        system |= {"system": platform.freedesktop_os_release().get("PRETTY_NAME", "")}
    except OSError:
        system |= {"system": platform.system()}
    return {"lived": __version__, "python": sys.version, "executable": sys.executable, **system, "packages": packages}


def configuration(site: Site) -> str:
    """Each option with its value and what set it; the sentence where that cannot be had."""
    try:
        rows = explain.show(*load_with_sources(site.options.config, site.options.overrides, site.environ))
    except LivedError as error:
        return str(error)
    return _json({row.key: {"value": told(row.key, row.value), "source": row.source} for row in rows})


def told(key: str, value: Any) -> Any:
    """A value of the configuration, without what is handed over in it."""
    if key in _PRIVATE and value:
        return f"({len(value):,} characters)"
    if key.endswith("command") and isinstance(value, Sequence) and not isinstance(value, str):
        return masking.command(map(str, value))
    if isinstance(value, Mapping):
        return {
            name: masking.HIDDEN if masking.is_secret(str(name)) else told("", part) for name, part in value.items()
        }
    if isinstance(value, str) and "://" in value and "?" in value:
        return f"{value.partition('?')[0]}?{masking.HIDDEN}"  # a key often stands behind the question mark
    return value


def logs(site: Site) -> str:
    """The last lines of the journal, in both scopes, and of the log of a daemon that was started by hand."""
    parts = []
    for scope in ((), ("--user",)):
        ran = programs.run(
            site.environ, "journalctl", *scope, "-u", "lived", "-n", str(LOG_LINES), "-o", "short-iso", "--no-pager",
            patience_s=_PATIENCE_S,
        )  # fmt: skip
        if ran and ran.out:
            parts.append(f"== journalctl {' '.join(scope)} -u lived\n{ran.out}")
    for name in (f"{LOG}.1", LOG):
        try:
            with (site.state_dir / name).open("rb") as file:
                begins = max(0, file.seek(0, os.SEEK_END) - LOG_BYTES)
                file.seek(begins)
                if begins:
                    file.readline()  # half a line may have half a secret, which nobody would recognise
                parts.append(f"== {name}\n{file.read().decode(errors='replace')}")
        except OSError:
            continue  # there need not be one
    return "\n".join(parts) or "There is no log.\n"


def metrics(site: Site) -> str:
    """What Prometheus would be told; why not, where it is not."""
    if not site.config.metrics.listen:
        return "Metrics are off; counters are in status.json.\n"
    host, port = site.config.metrics.address
    here = "127.0.0.1" if host in ("", "0.0.0.0", "::") else host  # noqa: S104  (compared, not bound)
    try:
        with urlopen(f"http://{f'[{here}]' if ':' in here else here}:{port}/metrics", timeout=_PATIENCE_S) as answer:
            text: bytes = answer.read(4 * LOG_BYTES)
    except OSError as error:
        return f"Not to be had: {error}\n"
    return text.decode(errors="replace")


def _json(data: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"
