"""Which server to talk to: Google's, another one, or the stand-in that runs here."""

from pathlib import Path
from typing import NamedTuple

import msgspec

from lived.config import Config
from lived.config.places import stand_in_dir
from lived_workers.gateway.closing import Cause, LinkLostError


class Target(NamedTuple):
    """Where to connect."""

    base_url: str
    """"" = Google's."""
    ca_file: str
    """"" = the system's certificates."""
    own: bool = False
    """Not Google's and not the stand-in: a relay, which gets ``live.headers_file``."""


class _StandIn(msgspec.Struct, frozen=True):
    """What the stand-in writes into simulator.json when it listens."""

    port: int
    ca_file: str


STAND_IN_KEY = "no-key-is-needed-here"
"""It wants one, any one; a real key is never shown to it."""


def vertex_url(location: str) -> str:
    """Vertex AI's server for a region."""
    return (
        f"https://{location}-aiplatform.googleapis.com" if location != "global" else "https://aiplatform.googleapis.com"
    )


def target_of(config: Config, runtime_dir: Path) -> Target:
    """Where to connect now; the stand-in may have moved since the last time.

    Raises:
        LinkLostError: the stand-in is not ready yet.
    """
    if not config.simulator.enabled:
        live = config.live
        own = bool(live.base_url)
        return Target(live.base_url if own or not live.vertex else vertex_url(live.location), live.ca_file, own)
    try:
        found = msgspec.json.decode((stand_in_dir(config, runtime_dir) / "simulator.json").read_bytes(), type=_StandIn)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        raise LinkLostError(Cause.SETTING, reason="The stand-in for the Live API is not ready yet.") from None
    return Target(f"https://127.0.0.1:{found.port}", found.ca_file)
