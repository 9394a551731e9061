"""One simulator process for the tests that leave it as they found it."""

from collections.abc import Iterator

import pytest

from fakes.simulator import Simulator


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """A running simulator with quick timing."""
    with Simulator(tmp_path_factory.mktemp("sim") / "s", "[timing]\nsetup_ms = 1\nfirst_audio_ms = 20\n") as running:
        yield running
