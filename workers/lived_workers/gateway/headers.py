"""HTTP headers for a server of one's own: a relay, a token service. Secrets, and never sent to Google."""

from pathlib import Path

from lived.config import Live
from lived.errors import InputError
from lived_workers.gateway.closing import Cause, LinkLostError


def headers_of(live: Live) -> dict[str, str]:
    """What stands in ``live.headers_file`` now, {} without one.

    Raises:
        LinkLostError: the file cannot be used.
    """
    if not live.headers_file:
        return {}
    from lived.config import attached  # pays for reading the configuration: only where such a file is used

    try:
        return attached.headers(Path(live.headers_file))
    except InputError as error:
        raise LinkLostError(Cause.SETTING, reason=f"live.headers_file: {error}") from None
