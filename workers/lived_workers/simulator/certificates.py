"""The certificate that the stand-in shows, made at its start, and the bad ones that a scenario may ask for."""

import datetime
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import trustme

HERE: Final = ("127.0.0.1", "localhost")
ELSEWHERE: Final = ("elsewhere.invalid",)
LONG_AGO: Final = datetime.timedelta(days=2)
ONE_DAY: Final = datetime.timedelta(days=1)


def _untrusted(_: trustme.CA, __: datetime.datetime) -> trustme.LeafCert:
    return trustme.CA().issue_cert(*HERE)


def _expired(authority: trustme.CA, now: datetime.datetime) -> trustme.LeafCert:
    begin = now - LONG_AGO
    return authority.issue_cert(*HERE, not_before=begin, not_after=begin + ONE_DAY)


def _wrong_name(authority: trustme.CA, _: datetime.datetime) -> trustme.LeafCert:
    return authority.issue_cert(*ELSEWHERE)


BAD_CERTIFICATES: Final[Mapping[str, Callable[[trustme.CA, datetime.datetime], trustme.LeafCert]]] = {
    "untrusted_certificate": _untrusted,
    "expired_certificate": _expired,
    "wrong_name_certificate": _wrong_name,
}
"""By the name of the fault."""


class Certificates:
    """One authority, whose certificate stands in `ca_file`, and the leaves. Owned by the event loop."""

    def __init__(self, directory: Path, now: datetime.datetime) -> None:
        """`now` (aware) is what "expired" is reckoned from. Raises OSError when `ca_file` cannot be written."""
        self._authority = trustme.CA()
        self._now = now
        self.ca_file = directory / "ca.pem"
        self._authority.cert_pem.write_to_path(str(self.ca_file))
        self.good = _context(self._authority.issue_cert(*HERE))

    def bad(self, fault: str) -> ssl.SSLContext:
        """What a connection with this fault is shown."""
        return _context(BAD_CERTIFICATES[fault](self._authority, self._now))


def _context(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context
