"""Where the answers are written: beside the configuration that the daemon of this machine reads."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lived.cli.install.plan import Facts
from lived.config import files
from lived.credentials import CREDENTIAL
from lived.errors import LivedError


class Place(NamedTuple):
    """A folder of configuration."""

    folder: Path
    for_all: bool
    """It is the system's: others may read what is no secret."""

    @property
    def key(self) -> Path:
        """The file with the API key."""
        return self.folder / CREDENTIAL

    @property
    def fragments(self) -> Path:
        """The folder with parts of the configuration."""
        return self.folder / files.FRAGMENTS


def place_of(named: Path | None, facts: Facts, environ: Mapping[str, str]) -> Place:
    """``named``: --config. Otherwise root's is the system's, everybody else's their own.

    Raises:
        LivedError: the service of this machine would not read it, or it cannot be written.
    """
    place = _place_of(named, facts, environ)
    there = next(folder for folder in (place.folder, *place.folder.parents) if folder.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        raise LivedError(f"{there} cannot be written: let this user write it, or use sudo.")
    return place


def _place_of(named: Path | None, facts: Facts, environ: Mapping[str, str]) -> Place:
    named = named or (Path(environ["LIVED_CONFIG"]) if environ.get("LIVED_CONFIG") else None)
    if named is not None:
        return Place((files.here() / named).parent, for_all=False)
    of_the_system = facts.system.there
    if facts.root:
        if not of_the_system and facts.person != "root" and (facts.user.there or facts.sound_server):
            why = "has the service" if facts.user.there else f"has {facts.sound_server}"
            raise LivedError(f"{facts.person} {why}: run '{facts.livectl} setup' as {facts.person}, without sudo.")
        return Place(files.SYSTEM_FILE.parent, for_all=True)
    if of_the_system and not facts.user.there:
        raise LivedError(f"lived is a service of the system here: run 'sudo {facts.livectl} setup'.")
    return Place(files.places(environ)[0].parent, for_all=False)
