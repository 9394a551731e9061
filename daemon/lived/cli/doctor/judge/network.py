"""The way to the server: name, certificate, proxy, Wi-Fi."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from lived.cli.doctor.finding import Finding, failure, ok, skipped, warning

SOON_DAYS = 14
"""A relay's certificate that ends within so long; Google renews its own in time."""

# X509_V_ERR_* of OpenSSL
_NOT_YET, _EXPIRED, _OTHER_NAME = 9, 10, (62, 64)  # a name, an address


class Tls(NamedTuple):
    """How a TLS connection went."""

    server: str
    unreached: str = ""
    """Why there was no connection; "" = there was one."""
    refused: str = ""
    """Why its certificate is not trusted; "" = it is."""
    code: int = 0
    """OpenSSL's, with ``refused``."""
    ends: float = 0.0
    """When the certificate does, seconds since 1970; 0 = not known."""
    now: float = 0.0
    own: bool = False
    """A server of somebody's own (``live.base_url``)."""


def name(host: str, addresses: int, reason: str) -> Finding:
    """``addresses`` that were found for ``host``, else the ``reason``."""
    if addresses:
        return ok("dns", f"{host} has {addresses} address{'' if addresses == 1 else 'es'}.")
    return failure("dns", f"The name {host} cannot be looked up ({reason}): check the network.", f"getent hosts {host}")


def tls(facts: Tls) -> Finding:
    """A wrong clock is the usual reason on a board without a battery."""
    if facts.unreached:
        text = f"{facts.server} cannot be reached ({facts.unreached}): check network and firewall."
        return failure("tls", text, f"curl -v https://{facts.server}")
    if facts.refused:
        return _distrusted(facts)
    days = (facts.ends - facts.now) / 86_400
    if facts.ends and days < SOON_DAYS:
        return warning("tls", f"The certificate of {facts.server} ends in {days:.0f} days: renew it.")
    return ok("tls", f"{facts.server} shows a certificate that is trusted.")


def _distrusted(facts: Tls) -> Finding:
    if facts.code in (_EXPIRED, _NOT_YET):
        told = datetime.fromtimestamp(facts.now, UTC).strftime("%Y-%m-%d %H:%M UTC")
        when = "has expired" if facts.code == _EXPIRED else "is not valid yet"
        text = f"The certificate of {facts.server} {when} by this clock ({told}): set the clock, or renew it."
        return failure("tls", text, "sudo timedatectl set-ntp true")
    if facts.code in _OTHER_NAME:
        text = f"The certificate of {facts.server} is for another name: correct live.base_url."
        return failure("tls", text, "livectl config show")
    text = f"The certificate of {facts.server} is not trusted ({facts.refused})"
    if facts.own:
        return failure("tls", f"{text}: set live.ca_file to the one that signed it.", "livectl config show")
    remedy = "sudo apt install --reinstall ca-certificates"
    return failure("tls", f"{text}: a proxy may read along, or the system's certificates are old.", remedy)


def proxy(place: str, unreached: str) -> Finding:
    """``place``: host and port of the proxy of this environment, "" = none."""
    if not place:
        return ok("proxy", "None is set.")
    if unreached:
        text = f"The proxy {place} cannot be reached ({unreached}): correct HTTPS_PROXY."
        return failure("proxy", text, "env | grep -i proxy")
    return ok("proxy", f"{place} is used, and answers.")


def power_saving(states: Mapping[str, bool] | None) -> Finding:
    """By interface, whether it saves power; None where there is no iw."""
    if states is None:
        return skipped("wi-fi", "No iw: cannot see whether Wi-Fi saves power ('sudo apt install iw').")
    if not states:
        return ok("wi-fi", "No Wi-Fi is in use.")
    for interface, saves in states.items():
        if saves:
            text = f"{interface} saves power: replies come late and in bursts."
            return warning("wi-fi", text, f"sudo iw dev {interface} set power_save off")
    return ok("wi-fi", f"{', '.join(states)} does not save power.")
