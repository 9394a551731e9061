"""Which old recordings have to go, and when a disk is too full for new ones. Pure."""

from collections.abc import Collection
from typing import NamedTuple

_DAY_S = 86_400
_LEAST_FREE = 32 * 1024**2
_LEAST_SHARE = 50
"""A fiftieth of a small disk."""


class Kept(NamedTuple):
    """A recording on the disk, with what stands beside it."""

    stem: str
    size: int
    """Bytes, all its files together."""
    changed: float
    """When it was last written, seconds of wall time."""


class Rules(NamedTuple):
    """How long recordings are kept."""

    days: float
    """0 = for ever."""
    percent: int
    """Of the disk, all recordings together."""


def doomed(kept: Collection[Kept], rules: Rules, now: float, disk: int, written: Collection[str]) -> list[str]:
    """Stems to delete, the oldest first, never one that is being ``written``. ``disk``: its size in bytes."""
    budget = disk * rules.percent // 100
    total = sum(one.size for one in kept)
    gone: list[str] = []
    for one in sorted(kept, key=lambda one: (one.changed, one.stem)):
        aged = rules.days > 0 and now - one.changed > rules.days * _DAY_S
        if one.stem in written or not (aged or total > budget):
            continue
        gone.append(one.stem)
        total -= one.size
    return gone


def largest(segment: int, rules: Rules, disk: int) -> int:
    """Bytes after which a file ends: ``segment``, or less on a small disk, so that there is an old one to delete."""
    return max(1, min(segment, disk * rules.percent // 100 // 4))


def has_room(free: int, disk: int, had: bool) -> bool:
    """Whether a recording may go on with ``free`` bytes: the rest of the device wants some too. One that has stopped
    (not ``had``) waits for twice as much, so that it does not stop and go all the time."""
    least = min(_LEAST_FREE, disk // _LEAST_SHARE)
    return free >= (least if had else 2 * least)
