"""The manual pages lived(8), livectl(1) and lived.toml(5), made from the commands and the table of options.

A test compares the files in docs/man with what is made here; ``python -m lived.manuals`` writes them anew.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from lived.manuals.commands import daemon_page, livectl_page
from lived.manuals.configuration import configuration_page

FOLDER = Path("docs/man")

PAGES: Mapping[str, Callable[[], str]] = {
    "lived.8": daemon_page,
    "livectl.1": livectl_page,
    "lived.toml.5": configuration_page,
}
"""Each file in ``FOLDER`` and what makes its text (roff, ASCII)."""

__all__ = ["FOLDER", "PAGES"]
