"""Asking the Live API: a real setup, hung up at once."""

import msgspec

from lived import credentials
from lived.cli import sdk
from lived.cli.doctor.finding import Finding, failure, skipped
from lived.cli.doctor.judge import live as judge
from lived.cli.doctor.site import Site
from lived.errors import CredentialError

PATIENCE_S = 14.0
"""Importing the SDK on a small board, and the server's answer."""


def session(site: Site) -> list[Finding]:
    """Of a running daemon with an open session the answer is known already."""
    live = site.config.live
    if site.status is not None and site.status["session"].get("state") == "open":
        return judge.of_the_daemon(site.status["session"])
    if live.token_url or live.token_command or live.token_file:
        return [
            skipped("key", "Tokens take its place."),
            skipped("session", "Tokens are for the daemon: livectl status."),
        ]
    try:
        answer = sdk.ask(site.options, site.config, "handshake", {}, environ=site.secrets(), patience_s=PATIENCE_S)
    except CredentialError as error:
        return _keyless(site, error)
    return judge.handshake(msgspec.convert(answer, judge.Handshake), live.model)


def _keyless(site: Site, error: CredentialError) -> list[Finding]:
    """Who has it instead: a daemon whose key is none of this user's business, or a relay."""
    live = site.config.live
    if site.status is not None:
        return judge.of_the_daemon(site.status["session"])
    if isinstance(error, credentials.NoKeyError) and live.base_url and live.headers_file:
        return [skipped("key", "The relay has it."), skipped("session", "The daemon asks the relay: livectl status.")]
    return [failure("key", str(error)), skipped("session", "There is no key to try.")]
