"""The sweep is found again, and nothing else is taken for it."""

import random
from array import array

import pytest

from lived.cli.doctor import sweep
from lived.units import Hz


@pytest.mark.parametrize("rate", [16_000, 24_000, 48_000])
@pytest.mark.parametrize("level", [1.0, 0.02])
def test_found_in_noise(rate: int, level: float) -> None:
    """To the frame, 34 dB quieter too."""
    noise = random.Random(1)  # noqa: S311  (noise)
    sound = sweep.sound(Hz(rate))
    recorded = array("h", (int(noise.gauss(0, 60)) for _ in range(2 * rate)))
    for index, sample in enumerate(sound):
        recorded[index + 5000] += int(level * sample)

    found = sweep.find(recorded, Hz(rate))

    assert found is not None
    assert abs(found.frame - 5000) <= 2
    assert found.gain_db == pytest.approx(0 if level == 1 else -34, abs=1)


def test_not_found_in_anything_else() -> None:
    """Silence, noise, a tone, too little."""
    noise = random.Random(2)  # noqa: S311  (noise)
    tone = array("h", (8000 if index // 20 % 2 else -8000 for index in range(32_000)))
    for recorded in (array("h", bytes(64_000)), array("h", (int(noise.gauss(0, 3000)) for _ in range(32_000))), tone,
                     array("h", [5] * 100)):  # fmt: skip
        assert sweep.find(recorded, Hz(16_000)) is None


def test_levels() -> None:
    """dBFS; silence has a floor."""
    assert sweep.levels(array("h", [-32_768] * 10)) == (0.0, 0.0)
    assert sweep.levels(array("h", [0] * 10)) == (-120.0, -120.0)
    assert sweep.levels(array("h")) == (-120.0, -120.0)
