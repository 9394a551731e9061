"""Fixtures of the gateway's tests."""

from pathlib import Path

import pytest

from gateway.talk import Talking, talking_in


@pytest.fixture
def talking(tmp_path: Path) -> Talking:
    """``with talking(scenario, *options) as talk``: everything but the gateway runs."""
    return talking_in(tmp_path)
