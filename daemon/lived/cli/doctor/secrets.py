"""What must not get into a report: collected from where this device keeps its secrets, to be looked for."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from lived import credentials
from lived.cli.doctor import masking
from lived.cli.doctor.site import Site

_LARGEST = 1_000_000
"""Bytes; files of secrets have some thousand at most."""


def secrets(site: Site) -> set[str]:
    """Keys, tokens, handles, header values, passwords, and what tools are given in their environment."""
    return {secret for found in (_environment, _configured, _files, _json) for secret in found(site) if secret}


def _environment(site: Site) -> Iterator[str]:
    tools, servers = site.config.tools, site.config.mcp
    names = {name for given in (*(t.environment for t in tools), *(s.environment for s in servers)) for name in given}
    usual = {"PATH", "HOME", "LANG", "USER"}
    for name in (*credentials.VARIABLES, *(names - usual)):
        yield site.environ.get(name, "")
    for name, value in site.environ.items():
        if name.lower().endswith("_proxy") and "@" in value:
            yield value.rpartition("@")[0].rpartition("/")[2]


def _configured(site: Site) -> Iterator[str]:
    """What people write into the configuration all the same: arguments, settings, addresses."""
    config = site.config
    of_tools = (*(tool.command for tool in config.tools), *(server.command for server in config.mcp))
    for words in (config.live.token_command, *of_tools, *(hook.command for hook in config.hooks)):
        yield from masking.handed_over(words)
    for worker in config.workers:
        yield from (str(value) for name, value in worker.settings.items() if masking.is_secret(name))
    for address in (config.live.base_url, config.live.token_url, *(server.url for server in config.mcp)):
        parts = urlsplit(address)
        yield from (parts.password or "", parts.netloc.rpartition("@")[0])
        yield from (part.partition("=")[2] for part in parts.query.split("&"))


def _files(site: Site) -> Iterator[str]:
    """Each line, and what stands behind a colon in it: of a key, a token, headers."""
    live, environ = site.config.live, site.secrets()
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    places = [f"{folder}/{credentials.CREDENTIAL}" if folder else "", live.token_file, live.headers_file]
    for place in (*places, *(server.headers_file for server in site.config.mcp)):
        for line in _read(place).splitlines():
            yield line.strip()
            value = line.partition(":")[2].strip()
            yield value
            yield value.rpartition(" ")[2]  # "Bearer x"


def _json(site: Site) -> Iterator[str]:
    """The handle of the session, and the account of Vertex AI."""
    live = site.config.live
    account = live.credentials_file or site.environ.get(credentials.ACCOUNT_VARIABLE, "")
    for place, fields in (
        (str(site.state_dir / "session.json"), ("handle",)),
        (account, ("private_key", "private_key_id", "client_secret", "refresh_token", "client_email")),
    ):
        with contextlib.suppress(msgspec.MsgspecError):
            found = msgspec.json.decode(_read(place) or "{}", type=dict[str, object])
            yield from (str(found.get(name, "")) for name in fields)


def _read(place: str) -> str:
    if not place:
        return ""
    try:
        path = Path(place)
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return ""
        return path.read_text(errors="replace")
    except OSError:
        return ""  # what this user cannot read cannot get into the report either
