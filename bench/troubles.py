"""What goes wrong in a soak: a plan made of a seed. Pure."""

import random
from typing import Any, NamedTuple


class Trouble(NamedTuple):
    """One thing, ``at`` so many seconds after the start."""

    at: float
    fault: dict[str, Any]
    """For the stand-in; empty for a worker."""
    worker: str = ""
    """Killed with SIGKILL."""

    @property
    def name(self) -> str:
        """For the account of it all."""
        return f"kill {self.worker}" if self.worker else str(self.fault["do"])


FAULTS: tuple[tuple[int, dict[str, Any]], ...] = (
    (6, {"do": "reset"}),
    (4, {"do": "internal_error"}),
    (3, {"do": "unavailable"}),
    (3, {"do": "deadline"}),
    (3, {"do": "cap_reached"}),
    (3, {"do": "close", "code": 1001}),
    (4, {"do": "go_away", "s": 20.0}),
    (3, {"do": "go_away_now"}),
    (3, {"do": "go_away_and_close", "s": 1.0}),
    (2, {"do": "stall_reply", "s": 1.0}),
    (2, {"do": "garbage"}),
    (2, {"do": "half_open"}),
    (1, {"do": "quota"}),
)
"""With their weights. ``half_open`` is a server that neither reads nor answers any more, and whose machine goes on
acknowledging. Not among them is a server that stops reading and then, within a second and a half, ends the connection
itself (``stall_reading``, with connections that last as short as here): to this side that looks like one that has read
everything, and what it did not read is lost (docs/sessions.md)."""

WORKERS = ("gateway", "gateway", "playback", "capture")
"""Capture stands for the card too: unplugged or killed, its sound is gone and comes back as another stream."""

EVERY_S = 5.0
"""On the average, of the faults; workers die a sixth as often, so that their supervisor never thinks them sick."""

QUOTAS = 1
"""Each costs half a minute or more."""


def plan(seed: int, seconds: float) -> list[Trouble]:
    """Everything that goes wrong in so many seconds, in order; nothing in the last ones, so that it can end well."""
    chance = random.Random(seed)  # noqa: S311 - a plan that can be repeated, no secret
    weights = [weight for weight, _ in FAULTS]
    found, at, quotas = [], 0.0, 0
    while (at := at + chance.uniform(0.4, 1.6) * EVERY_S) < seconds - 30.0:
        if chance.random() < 1 / 6:
            found.append(Trouble(at, {}, chance.choice(WORKERS)))
            continue
        fault = chance.choices(FAULTS, weights)[0][1]
        quotas += fault["do"] == "quota"
        if fault["do"] != "quota" or quotas <= QUOTAS:
            found.append(Trouble(at, fault))
    return found
