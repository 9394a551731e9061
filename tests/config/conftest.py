"""What all tests of the configuration share."""

from pathlib import Path

import pytest

from lived.config import files


@pytest.fixture(autouse=True)
def no_system_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine that has no /etc/lived of its own; the path that stands for its file."""
    system = tmp_path / "etc" / "lived.toml"
    monkeypatch.setattr(files, "SYSTEM_FILE", system)
    return system
