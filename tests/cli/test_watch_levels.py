"""Levels: dBFS of what came in a window, with a hold."""

from array import array
from math import log10

from hypothesis import given
from hypothesis import strategies as st

from lived.cli.watch.levels import HOLD, NOTHING, WINDOW, Meter, dbfs
from lived.pcm import energy, peak
from lived.units import MILLISECOND, Ns

SAMPLES = st.lists(st.integers(-32_768, 32_767), max_size=480)


def pcm(*samples: int) -> bytes:
    """s16le."""
    return array("h", samples).tobytes()


@given(SAMPLES)
def test_peak_and_energy_are_what_they_say(samples: list[int]) -> None:
    """The largest distance from zero, and the sum of squares; of nothing zero."""
    sound = pcm(*samples)
    assert peak(sound) == max((abs(s) for s in samples), default=0)
    assert energy(sound) == sum(s * s for s in samples)


def test_dbfs_of_known_samples() -> None:
    """The loudest sample is 0, half of it -6, one step -90.3; zero has no level."""
    assert [dbfs(s) for s in (32_768, 16_384, 1)] == [0.0, -6.0, -90.3]
    assert dbfs(0) is None


@given(st.lists(SAMPLES, min_size=1, max_size=5))
def test_rms_never_exceeds_peak(chunks: list[list[int]]) -> None:
    """However the sound is cut into chunks, RMS <= peak <= hold, and all are those of the whole."""
    meter, whole = Meter(), [s for chunk in chunks for s in chunk]
    for number, chunk in enumerate(chunks):
        meter.take(pcm(*chunk), Ns(number * MILLISECOND))
    level = meter.level(Ns(5 * MILLISECOND))
    assert level.flowing
    loudest = max((abs(s) for s in whole), default=0)
    assert level.peak == level.hold == dbfs(loudest)
    if loudest:
        assert level.rms is not None
        assert level.peak is not None
        assert level.rms <= level.peak
        assert abs(level.rms - 10 * log10(sum(s * s for s in whole) / len(whole) / 32_768**2)) < 0.051


def test_the_hold_stays_when_sound_has_gone() -> None:
    """Behind the window only the hold is left; behind the hold nothing."""
    meter = Meter()
    meter.take(pcm(16_384, -16_384), Ns(0))
    assert meter.level(WINDOW).peak == -6.0
    later = meter.level(Ns(WINDOW + 1))
    assert (later.flowing, later.peak, later.rms, later.hold) == (False, None, None, -6.0)
    assert meter.level(HOLD).hold == -6.0
    assert meter.level(Ns(HOLD + 1)) == NOTHING


def test_silence_flows() -> None:
    """Digital silence is something else than nothing."""
    meter = Meter()
    meter.take(bytes(320), Ns(0))
    level = meter.level(Ns(0))
    assert (level.flowing, level.peak, level.rms) == (True, None, None)
