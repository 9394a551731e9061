"""Running the checks: each in a thread, none longer than its share, none able to end the doctor."""

import queue
import time
from collections.abc import Sequence
from functools import partial
from multiprocessing.pool import ThreadPool  # its threads do not hold up the end of the program

from lived.cli.doctor.finding import Finding, failure, warning
from lived.cli.doctor.site import Site
from lived.cli.doctor.table import CHECKS, LAST, Check
from lived.errors import LivedError

SHARES_S = (14.0, 15.0)
"""Of side by side, and of last: with the start less than 30 s."""

Ended = queue.Queue[tuple[int, list[Finding]]]
"""Indices of checks, with what they found."""


def examine(site: Site) -> list[Finding]:
    """Everything, in the order of the table."""
    return [
        finding
        for checks, share_s in zip((CHECKS, LAST), SHARES_S, strict=True)
        for finding in together(site, checks, share_s)
    ]


def together(site: Site, checks: Sequence[Check], share_s: float) -> list[Finding]:
    """``checks`` side by side; one that is not done within ``share_s`` seconds is told as such."""
    ended: Ended = queue.Queue()  # at most one from each check
    found: dict[int, list[Finding]] = {}
    deadline = time.monotonic() + share_s
    with ThreadPool(len(checks)) as pool:
        for index, check in enumerate(checks):
            pool.apply_async(
                check.look,
                (site,),
                callback=partial(_ended, ended, index),
                error_callback=partial(_failed, ended, index, check.name),
            )
        while len(found) < len(checks):
            try:
                index, told = ended.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            found[index] = told
    late = {index: [_late(check.name, share_s)] for index, check in enumerate(checks)}
    return [finding for index in range(len(checks)) for finding in (late | found)[index]]


def _ended(ended: Ended, index: int, told: list[Finding]) -> None:
    ended.put((index, told))


def _failed(ended: Ended, index: int, name: str, error: BaseException) -> None:
    ended.put((index, [_broken(name, error)]))


def _broken(name: str, error: BaseException) -> Finding:
    """Our own fault, unless it is one of our sentences. What an exception says may be a secret: it is not told."""
    if isinstance(error, LivedError):
        return failure(name, str(error))
    text = f"This check broke ({type(error).__name__}): please report it with a bundle."
    return warning(name, text, "livectl doctor --bundle lived-report.tar.gz")


def _late(name: str, share_s: float) -> Finding:
    return warning(name, f"This check did not end within {share_s:.0f} s: something in the system does not answer.")
