"""The life of a device: the table, the waits, the watch for a standstill."""

import pytest

from lived.device.states import (
    FIRST_FRAME_PATIENCE,
    FIRST_RETRY,
    LAST_RETRY,
    OPEN,
    STEADY,
    TABLE,
    Backoff,
    Input,
    State,
    Watch,
)
from lived.units import MILLISECOND, SECOND, Ns

STALL = Ns(SECOND)


def test_every_device_can_be_closed_and_opened() -> None:
    """Wanting and not wanting are legal in every state, and not wanting always closes."""
    for state in State:
        assert TABLE[state, Input.UNWANTED] is State.CLOSED
        assert (state, Input.WANTED) in TABLE


def test_only_an_open_device_can_fail_or_flow() -> None:
    """News of a device is impossible when it is not held open."""
    for state, what in TABLE:
        if what in (Input.FLOWS, Input.FAILED):
            assert state in OPEN


def test_waits_grow_and_begin_again() -> None:
    """0.25, 0.5, 1, 2, 4, 5, 5 s; short again after the device had been well, or was asked for anew."""
    backoff = Backoff()
    waits = [backoff.failed(Ns(0)) / SECOND for _ in range(7)]

    assert waits == [0.25, 0.5, 1, 2, 4, 5, 5]
    assert backoff.failed(STEADY) == FIRST_RETRY
    assert backoff.failed(Ns(STEADY - 1)) == 2 * FIRST_RETRY
    for _ in range(9):
        backoff.failed(Ns(0))
    assert backoff.failed(Ns(0)) == LAST_RETRY
    backoff.reset()
    assert backoff.failed(Ns(0)) == FIRST_RETRY


def looks(watch: Watch, frames: int, begin: Ns, end: Ns) -> list[bool]:
    """What the watch says every 100 ms while the device stands at ``frames``."""
    return [watch.stalled(frames, Ns(t)) for t in range(begin, end, 100 * MILLISECOND)]


def test_standstill_is_noticed() -> None:
    """A device that moved and then does not for the whole patience is stalled, and not before."""
    watch = Watch(STALL, Ns(0))
    assert not any(watch.stalled(160 * n, Ns(n * 100 * MILLISECOND)) for n in range(1, 11))

    said = looks(watch, 1_600, Ns(SECOND), Ns(2_200 * MILLISECOND))

    assert said == [False] * 10 + [True] * 2


def test_first_frame_may_take_longer() -> None:
    """A sound server that has to wake up gets 3 s, once."""
    said = looks(Watch(STALL, Ns(0)), 0, Ns(0), Ns(FIRST_FRAME_PATIENCE + 100 * MILLISECOND))

    assert not any(said[:-1])
    assert said[-1]


@pytest.mark.parametrize("away", [600 * MILLISECOND, 60 * SECOND])
def test_own_standstill_is_not_blamed_on_the_device(away: int) -> None:
    """When this process itself was stopped, the device gets its whole patience again."""
    watch = Watch(STALL, Ns(0))
    watch.stalled(160, Ns(100 * MILLISECOND))

    assert not watch.stalled(160, Ns(100 * MILLISECOND + away))
