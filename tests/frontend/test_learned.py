"""What was learned of the cards outlives the process; a file that cannot be understood is none."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived_workers.frontend.learned import NOTHING, Learned, load, save
from lived_workers.frontend.reference import EARLIEST, LATEST, MOST_DRIFT


@given(st.floats(-MOST_DRIFT, MOST_DRIFT), st.integers(EARLIEST, LATEST))
def test_what_was_learned_is_known_again(tmp_path_factory: pytest.TempPathFactory, drift: float, delay: int) -> None:
    """To a tenth of a ppm, and to a tenth of a millisecond."""
    file = tmp_path_factory.mktemp("state") / "frontend.json"
    save(file, Learned(drift, delay))
    again = load(file)
    assert abs(again.drift - drift) <= 1e-7
    assert abs(again.delay - delay) <= 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"drift": "much"}', '{"drift": NaN}', '{"delay_ms": []}'])
def test_garbage_is_nothing(tmp_path: Path, text: str) -> None:
    """Half a file after a power cut, another program's, one that is not there."""
    file = tmp_path / "frontend.json"
    assert load(file) == NOTHING
    file.write_text(text)
    assert load(file) == NOTHING


def test_what_cannot_be_is_bounded(tmp_path: Path) -> None:
    """A hand wrote it: nobody's clock is wrong by half."""
    file = tmp_path / "frontend.json"
    file.write_text('{"drift": 0.5, "delay_ms": -1e9}')
    assert load(file) == Learned(MOST_DRIFT, EARLIEST)


def test_a_former_version_wrote_no_delay(tmp_path: Path) -> None:
    """Its drift is good."""
    file = tmp_path / "frontend.json"
    file.write_text('{"drift": 0.0001}')
    assert load(file) == Learned(1e-4, 0)


def test_a_disk_that_takes_nothing_is_no_trouble(tmp_path: Path) -> None:
    """It is learned again."""
    save(tmp_path / "missing" / "frontend.json", NOTHING)
    assert load(tmp_path / "missing" / "frontend.json") == NOTHING
