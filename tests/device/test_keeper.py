"""Keeping a device open, with a device that fails on command."""

import pytest

from lived.device import Keeper, State
from lived.device import keeper as module
from lived.errors import DeviceError
from lived.units import MILLISECOND, SECOND, Ns


class FakeBack:
    """A device that does what it is told, and complains about misuse."""

    def __init__(self) -> None:
        self.frames = 0
        self.ended = ""
        self.trouble = ""
        self.refuse = ""
        self.is_open = False
        self.opens = 0

    def open(self) -> str:
        assert not self.is_open, "opened twice"
        self.opens += 1
        if self.refuse:
            raise DeviceError(self.refuse)
        self.is_open, self.frames, self.ended = True, 0, ""
        return "fake at 16000 Hz"

    def close(self) -> None:
        self.is_open = False


class Kept:
    """A keeper with its device, a clock that is set by hand, and what people were told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0
        monkeypatch.setattr(module, "monotonic_ns", lambda: Ns(self.now))
        self.back = FakeBack()
        self.said: list[str] = []
        self.keeper = Keeper(self.back, Ns(SECOND), lambda t: self.said.append(f"ready: {t}"), self.said.append)

    def run(self, ms: int, flowing: bool = False) -> None:
        """Let time pass, with a tick each 25 ms."""
        for _ in range(ms // 25):
            self.now += 25 * MILLISECOND
            if flowing and self.back.is_open:
                self.back.frames += 400
            self.keeper.tick(Ns(self.now))


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    """A keeper of a device that works."""
    return Kept(monkeypatch)


def test_ready_only_when_sound_flows(kept: Kept) -> None:
    """An opened device is not a working one: its first frames are."""
    kept.keeper.want(True)
    kept.run(500)
    assert kept.said == []

    kept.run(25, flowing=True)

    assert kept.said == ["ready: fake at 16000 Hz"]
    assert kept.keeper.state is State.FLOWING


def test_missing_device_is_waited_for(kept: Kept) -> None:
    """Tries again after growing waits, says what it waits for, and is ready when the device is there."""
    kept.back.refuse = "No microphone matches 'USB': plug it in."
    kept.keeper.want(True)
    kept.run(1_000)
    assert kept.back.opens == 3
    assert kept.said[0] == "No microphone matches 'USB': plug it in. Trying again in 0.25 s."

    kept.back.refuse = ""
    kept.run(2_000, flowing=True)

    assert kept.said[-1] == "ready: fake at 16000 Hz"


def test_vanished_device_comes_back(kept: Kept) -> None:
    """A device that ends by itself is closed and opened anew."""
    kept.keeper.want(True)
    kept.run(100, flowing=True)
    kept.back.ended = "The microphone is gone."
    kept.run(25)
    assert not kept.back.is_open
    assert kept.said[-1] == "The microphone is gone. Trying again in 0.25 s."

    kept.run(500, flowing=True)

    assert kept.keeper.state is State.FLOWING
    assert kept.keeper.opened == 2


def test_stalled_device_is_opened_anew(kept: Kept) -> None:
    """A device that moves no frame for the patience is closed, though it never said a word."""
    kept.keeper.want(True)
    kept.run(100, flowing=True)

    kept.run(1_050)

    assert kept.said[-1] == "fake at 16000 Hz stalled: no sound moved for 1 s. Trying again in 0.25 s."
    assert not kept.back.is_open


def test_unwanted_device_is_left_alone(kept: Kept) -> None:
    """Not wanted while waiting: no more tries; wanted again: at once."""
    kept.back.refuse = "busy."
    kept.keeper.want(True)
    kept.keeper.want(False)
    kept.run(5_000)
    assert kept.back.opens == 1

    kept.back.refuse = ""
    kept.keeper.want(True)

    assert kept.back.is_open


def test_trouble_is_told_and_untold(kept: Kept) -> None:
    """A device that moves frames but does not do its job makes the worker unready, until it does again."""
    kept.keeper.want(True)
    kept.run(50, flowing=True)
    kept.back.trouble = "Disk full."
    kept.run(50, flowing=True)
    kept.back.trouble = ""
    kept.run(50, flowing=True)

    assert kept.said == ["ready: fake at 16000 Hz", "Disk full.", "ready: fake at 16000 Hz"]
