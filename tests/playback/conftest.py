"""Buses, a gateway's part, and a file in the loudspeaker's place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.bus import BusFixture
from fakes.model import FakeModel


@pytest.fixture
def bus() -> Iterator[BusFixture]:
    """Both buses."""
    with BusFixture() as bus:
        yield bus


@pytest.fixture
def model(bus: BusFixture) -> FakeModel:
    """The gateway's part."""
    return FakeModel(bus)


@pytest.fixture
def heard(tmp_path: Path) -> Path:
    """The file in the loudspeaker's place."""
    return tmp_path / "heard.wav"
