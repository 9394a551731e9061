"""Findings for people: 80 columns. Pure."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from lived.cli.doctor.finding import Finding, Level

COLUMNS = 80
_INDENT = " " * 24


def lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Each finding, its remedy in a line of its own (never broken: it is to be copied), then the count."""
    for one in findings:
        head = f"{one.level:<8} {one.check:<14} "
        yield from textwrap.wrap(
            one.text, COLUMNS, initial_indent=head, subsequent_indent=_INDENT, break_on_hyphens=False
        ) or [head.rstrip()]
        if one.remedy and one.level in (Level.WARNING, Level.FAILURE):
            yield f"    $ {one.remedy}"
    counts = Counter(one.level for one in findings)
    yield ""
    words = {Level.FAILURE: "failure", Level.WARNING: "warning"}
    ill = [f"{counts[level]} {word}{'' if counts[level] == 1 else 's'}" for level, word in words.items()]
    yield f"{', '.join(ill)}, {counts[Level.OK]} ok, {counts[Level.SKIPPED]} skipped."
