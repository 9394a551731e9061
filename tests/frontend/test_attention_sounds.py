"""The sounds of attention: as their command makes them, short, quiet, without a click."""

import array
from typing import Literal

import pytest

from lived_workers.frontend.sounds import sound
from lived_workers.frontend.sounds.tune import tune


@pytest.mark.parametrize("name", ["awake", "done"])
def test_the_files(name: Literal["awake", "done"]) -> None:
    """They are what `python -m lived_workers.frontend.sounds` writes: 240 ms at 24 kHz, at most -18 dBFS."""
    pcm = sound(name)
    assert pcm == tune(name)
    samples = array.array("h", pcm)
    assert len(samples) == 24_000 * 240 // 1000
    assert 3000 < max(samples) < 4125
    assert samples[0] == 0
    assert abs(samples[-1]) < 10


def test_they_can_be_told_apart() -> None:
    """The one rises, the other falls."""
    assert sound("awake") != sound("done")
