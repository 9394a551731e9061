"""How long things last: connection, session, context, handles; and how handles are given out. Pure.

Every time is written in seconds as the API has it. A scenario's `time_scale` makes them pass faster, the sound never.
"""

from enum import StrEnum
from typing import Final

import msgspec

MOST_TIME_SCALE: Final = 100_000.0


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ends by itself; 0 s or 0 tokens: never."""

    connection_s: float = 600.0
    """One connection; then 1011."""
    go_away_s: tuple[float, ...] = (50.0,)
    """goAway so long before the connection ends; [] = it ends without one."""
    silence: bool = True
    """After the last goAway no new turn is begun: what the user says then is not heard."""
    session_s: float = 900.0
    """A session without compression, over all its connections."""
    video_session_s: float = 120.0
    """The same once it has seen an image."""
    context_tokens: int = 131_072
    """The window; without compression a prompt over it ends the connection (1007)."""
    handle_s: float = 7_200.0
    """How long a handle can be used."""


class Updates(StrEnum):
    """When a new resumption handle is given out."""

    TURNS = "turns"
    """After setup, after each turn and after each function call."""
    ROLLING = "rolling"
    """Every `period_s` as well."""
    NEVER = "never"


class Handles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The manners of sessionResumptionUpdate."""

    updates: Updates = Updates.TURNS
    period_s: float = 1.2
    """Wall time, not scaled."""
    while_busy: bool = True
    """Whether there are handles while the model generates or waits for a function; if not, it says "not resumable"."""
