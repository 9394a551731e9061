"""Looking at the way to the server."""

import re
import socket
import ssl
import time
from urllib.parse import urlsplit

from lived.cli.doctor import programs
from lived.cli.doctor.finding import Finding, skipped
from lived.cli.doctor.judge import network as judge
from lived.cli.doctor.site import Site

PATIENCE_S = 5.0
_GOOGLE = "https://generativelanguage.googleapis.com"
_HTTPS = 443


def address(site: Site) -> tuple[str, int]:
    """Host and port of the server that the configuration means."""
    live = site.config.live
    region = "" if live.location == "global" else f"{live.location}-"
    usual = f"https://{region}aiplatform.googleapis.com" if live.vertex else _GOOGLE
    parts = urlsplit(live.base_url or usual)
    return parts.hostname or "", parts.port or _HTTPS


def proxy_of(site: Site) -> str:
    """Host and port of the proxy that would be used; "" = none. Never its password."""
    host, _ = address(site)
    if host in ("localhost", "::1") or host.startswith("127."):
        return ""
    names = {name.lower(): value for name, value in site.environ.items()}
    place = names.get("https_proxy") or names.get("all_proxy") or ""
    around = [part.strip().lstrip("*.") for part in names.get("no_proxy", "").split(",") if part.strip()]
    if not place or "" in around or any(f".{host}".endswith(f".{part}") for part in around):
        return ""
    parts = urlsplit(place if "//" in place else f"//{place}")
    return f"{parts.hostname}:{parts.port or 8080}"


def proxy(site: Site) -> list[Finding]:
    """Whether it is there."""
    place = proxy_of(site)
    host, _, port = place.rpartition(":")
    return [judge.proxy(place, _reached(host, int(port)) if place else "")]


def _reached(host: str, port: int) -> str:
    try:
        socket.create_connection((host, port), PATIENCE_S).close()
    except OSError as error:
        return error.strerror or "no answer"
    return ""


def dns(site: Site) -> list[Finding]:
    """By a program, because a name server that says nothing holds getaddrinfo up for half a minute."""
    if why := _not_asked(site):
        return [skipped("dns", why)]
    host, _ = address(site)
    ran = programs.run(site.environ, "getent", "ahosts", host, patience_s=PATIENCE_S)
    found = {line.split()[0] for line in ran.out.splitlines() if line.strip()} if ran else set()
    return [judge.name(host, len(found), "no name server answers" if ran is None else "no such name, or no network")]


def tls(site: Site) -> list[Finding]:
    """A handshake, without a word of HTTP."""
    if why := _not_asked(site):
        return [skipped("tls", why)]
    host, port = address(site)
    server = host if port == _HTTPS else f"{host}:{port}"
    return [judge.tls(_shaken(host, port, server, site))]


def _shaken(host: str, port: int, server: str, site: Site) -> judge.Tls:
    own, now = bool(site.config.live.base_url), time.time()
    try:
        context = ssl.create_default_context(cafile=site.config.live.ca_file or None)
        with (
            socket.create_connection((host, port), PATIENCE_S) as plain,
            context.wrap_socket(plain, server_hostname=host) as shaken,
        ):
            ends = str((shaken.getpeercert() or {}).get("notAfter", ""))
            return judge.Tls(server, ends=ssl.cert_time_to_seconds(ends) if ends else 0.0, now=now, own=own)
    except ssl.SSLCertVerificationError as error:
        return judge.Tls(server, refused=error.verify_message, code=error.verify_code, now=now, own=own)
    except OSError as error:
        return judge.Tls(server, unreached=error.strerror or str(error) or "no answer", now=now, own=own)


def _not_asked(site: Site) -> str:
    if site.config.simulator.enabled:
        return "The stand-in runs on this machine."
    if place := proxy_of(site):
        return f"The proxy {place} does that."
    return "live.base_url is not encrypted." if site.config.live.base_url.startswith(("http:", "ws:")) else ""


def wifi(site: Site) -> list[Finding]:
    """Each interface that iw knows."""
    ran = programs.run(site.environ, "iw", "dev")
    if ran is None:
        return [judge.power_saving(None)]
    states = {}
    for interface in re.findall(r"^\s*Interface (\S+)", ran.out, re.MULTILINE):
        told = programs.run(site.environ, "iw", "dev", interface, "get", "power_save")
        if told and not told.code:
            states[interface] = told.out.strip().lower().endswith("on")
    return [judge.power_saving(states)]
