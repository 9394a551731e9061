"""The answers become files: each as a whole, the key for nobody else, and nothing of a person's own is lost."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lived.cli.install.steps import MakeFolder, Step, WriteFile
from lived.cli.setup.choices import FILE, fragment, kept
from lived.cli.setup.place import Place


def steps(place: Place, key: str, changed: Mapping[str, Any]) -> list[Step]:
    """What has to be written: ``key`` ("" = none), and options that are ``changed``, by dotted key.

    Raises OSError: a file that is there cannot be read.
    """
    found: list[Step] = []
    if not place.folder.exists():
        found.append(MakeFolder(place.folder, 0o755 if place.for_all else 0o700))
    if key:
        found.append(WriteFile(place.key, "the API key", 0o600, f"{key}\n"))
    if changed:
        if not place.fragments.exists():
            found.append(MakeFolder(place.fragments, 0o755 if place.for_all else 0o700))
        found += _options(place.fragments / FILE, changed)
    return found


def _options(file: Path, changed: Mapping[str, Any]) -> list[Step]:
    old = file.read_text(encoding="utf-8") if file.exists() else ""
    try:
        before = kept(old)
    except (tomllib.TOMLDecodeError, AttributeError):
        before = {}
    text = fragment({**before, **changed})
    if text == old:
        return []
    steps: list[Step] = []
    if old and old != fragment(before):  # a person's words are in it
        steps.append(WriteFile(file.with_suffix(".toml.before"), "as it was, with your changes", 0o644, old))
    steps.append(WriteFile(file, "the settings", 0o644, text))
    return steps
