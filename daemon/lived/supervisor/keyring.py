"""The secret that the gateway is given: found when the daemon starts, or waited for until somebody gives it."""

import os
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from pathlib import Path

from lived.config import Config
from lived.credentials import NoKeyError
from lived.errors import CredentialError
from lived.units import SECOND, Ns

LOOK_EVERY = Ns(2 * SECOND)
"""While a person is needed: soon enough for somebody who has just given a key, and no load."""


class News(Enum):
    """What a look has found."""

    NONE = "nothing new"
    SECRET = "another secret"  # noqa: S105
    COPY = "a file whose content only systemd may hand over, when it starts the daemon"


class Keyring:
    """Holds the secret. Looks into files; never tells what is in them."""

    def __init__(self, find: Callable[[Config], str], files: Sequence[Path], handed_over: bool) -> None:
        """``find`` gives the secret; it raises CredentialError, NoKeyError where there is none yet. ``files``: where a
        person puts a key. ``handed_over``: systemd gave this daemon a copy of one of them, made at its start."""
        self.secret = ""
        """The API key, or the credentials of Vertex AI; empty when tokens take its place, or while there is none."""
        self.missing = ""
        """Why there is none, in a sentence; empty when none is needed."""
        self._find, self._files, self._handed_over = find, files, handed_over
        self._seen = self._marks()
        self._looked_at = Ns(0)

    def __repr__(self) -> str:
        return "Keyring(...)"

    def look(self, config: Config) -> bool:
        """Whether there is another secret now. One that has vanished is kept.

        Raises:
            CredentialError: there is one, and it cannot be used.
        """
        before = self.secret
        try:
            self.secret, self.missing = self._find(config), ""
        except NoKeyError as error:
            self.missing = "" if self.secret else str(error)
        return self.secret != before

    def look_again(self, config: Config, now: Ns) -> News:
        """As ``look``, for as long as a person is needed: to be called often, looks every ``LOOK_EVERY``."""
        if now - self._looked_at < LOOK_EVERY:
            return News.NONE
        self._looked_at = now
        marks = self._marks()
        changed, self._seen = self._handed_over and marks != self._seen and any(marks.values()), marks
        try:
            if self.look(config):
                return News.SECRET
        except CredentialError as error:  # a person is just about to write it, or has to correct it
            self.missing = str(error)
            return News.NONE
        # each start needs another change of the file: this cannot become a loop
        return News.COPY if changed else News.NONE

    def _marks(self) -> Mapping[Path, tuple[int, int] | None]:
        """What shows that a file was changed, also of one that this user may not read; None: nothing in it."""
        return {path: _mark(path) for path in self._files}


def _mark(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size) if found.st_size else None
