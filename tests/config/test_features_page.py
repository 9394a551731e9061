"""docs/features.md names what there is."""

import re
from pathlib import Path

from lived.cli.app import COMMANDS
from lived.config.schema import options, sections, tables

PAGE = (Path(__file__).parents[2] / "docs/features.md").read_text(encoding="utf-8")
ROWS = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| ")][1:]


def test_every_option_on_the_page_exists() -> None:
    """A renamed option is renamed here too."""
    for key in re.findall(r"`((?:live|audio|conversation|usage|toolbox|camera)\.[a-z_.]*[a-z_])(?: = [^`]*)?`", PAGE):
        assert key in options(), key
    for double, name in re.findall(r"`(\[?)\[([a-z.]+)\]", PAGE):
        assert name in (tables() if double else sections()), name


def test_every_command_of_a_row_that_is_done_exists() -> None:
    """A row without a dash in its last column can be tried."""
    done = [row for row in ROWS if "-" not in row[-1]]
    assert len(done) > 20
    for row in done:
        for command in re.findall(r"`livectl (\w+)", " ".join(row)):
            assert command in COMMANDS, command


def test_every_row_has_four_columns() -> None:
    """One feature a line, so that changes meet without conflict."""
    assert all(len(row) == 4 for row in ROWS), [row for row in ROWS if len(row) != 4]
