"""Opening a device, with a PortAudio that refuses on command."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lived.errors import DeviceError
from lived.soundcard import CardInput, CardOutput, DeviceInfo, Wish, claim, portaudio
from lived.units import Hz

BUSY = -9985
WRONG_RATE = -9997
HOST = -9999


class FakePortAudioError(Exception):
    """As sounddevice raises it: text, code, host's own error."""


class FakeStream:
    """An open stream; ``callback`` can be called by the test."""

    def __init__(self, sd: "FakeSounddevice", **settings: Any) -> None:
        code = sd.answer(settings["samplerate"], settings["channels"])
        sd.tried.append((settings["samplerate"], settings["channels"]))
        if code:
            host = (0, -5, "Input/output error") if code == HOST else None
            raise FakePortAudioError("Error opening", code, host) if host else FakePortAudioError("Error", code)
        self.settings = settings
        self.calls: list[str] = []
        sd.stream = self

    def start(self) -> None:
        self.calls.append("start")

    def abort(self) -> None:
        self.calls.append("abort")

    def close(self) -> None:
        self.calls.append("close")


class FakeSounddevice:
    """What is used of the module; ``answer`` gives an error code, or 0, for a rate and a channel count."""

    PortAudioError = FakePortAudioError

    def __init__(self, answer: Callable[[int, int], int]) -> None:
        self.answer = answer
        self.tried: list[tuple[int, int]] = []
        self.stream: FakeStream | None = None

    def RawInputStream(self, **settings: Any) -> FakeStream:  # noqa: N802
        return FakeStream(self, **settings)

    RawOutputStream = RawInputStream


class FakeListener:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.format = (0, 0)
        self.blocks: list[tuple[bytes, int, bool]] = []

    def opened(self, rate: Hz, channels: int) -> None:
        self.format = (rate, channels)

    def heard(self, pcm: bytes, adc: int, overflowed: bool) -> None:
        self.blocks.append((pcm, adc, overflowed))


def answers(code: int) -> Callable[[int, int], int]:
    """The same answer to every rate and channel count."""
    return lambda *_: code


Use = Callable[..., tuple[FakeSounddevice, CardInput, FakeListener]]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Use:
    """A microphone on a fake PortAudio with these devices."""
    (tmp_path / "controlC1").touch()
    monkeypatch.setattr(claim, "_SND", tmp_path)

    def make(
        answer: Callable[[int, int], int], most: int = 2, names: tuple[str, ...] = ("USB (hw:1,0)",), **wish: Any
    ) -> tuple[FakeSounddevice, CardInput, FakeListener]:
        sd, listener = FakeSounddevice(answer), FakeListener()
        devices = [
            DeviceInfo(index=n, name=name, inputs=most, outputs=most, default_rate=44_100)
            for n, name in enumerate(names)
        ]
        monkeypatch.setattr(portaudio, "load", lambda: sd)
        monkeypatch.setattr(portaudio, "listed", lambda: devices)
        wanted: dict[str, Any] = {"device": "usb", "rates": (Hz(16_000),), "block_ms": 10} | wish
        return sd, CardInput(Wish(**wanted), listener), listener

    return make


def test_best_format_first(use: Use) -> None:
    """Hardware is opened with all its channels at the best rate, and told to whom it calls before it starts."""
    sd, card, listener = use(answers(0))

    assert card.open() == "USB (hw:1,0) at 16000 Hz, 2 channels"
    assert listener.format == (16_000, 2)
    assert sd.stream
    assert sd.stream.calls == ["start"]
    assert sd.stream.settings["blocksize"] == 160


def test_refused_rates_are_passed_over(use: Use) -> None:
    """A card that knows only 48 kHz stereo is opened so."""
    sd, card, _ = use(lambda rate, channels: 0 if (rate, channels) == (48_000, 2) else WRONG_RATE)

    assert "at 48000 Hz, 2 channels" in card.open()
    assert sd.tried[-1] == (48_000, 2)


def test_a_server_mixes_itself(use: Use) -> None:
    """A device with 32 channels is no hardware: mono is asked for."""
    _, card, listener = use(answers(0), most=32)
    card.open()

    assert listener.format == (16_000, 1)


def test_a_picked_channel_must_be_there(use: Use) -> None:
    """Channel 4 needs at least 4 channels."""
    _, card, listener = use(answers(0), most=32, channels=4)
    card.open()

    assert listener.format[1] >= 4


def test_busy(use: Use) -> None:
    """Says which device is busy and what to do, and does not try other formats."""
    sd, card, _ = use(answers(BUSY))

    with pytest.raises(DeviceError, match=r"The microphone 'USB \(hw:1,0\)' is busy: .*uses it; close that program"):
        card.open()
    assert len(sd.tried) == 1


def test_the_card_of_another_daemon(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not even tried; once the other has closed it, it is had. A failed opening keeps it from nobody."""
    monkeypatch.setattr(portaudio, "refresh", lambda: None)
    _, theirs, _ = use(answers(0))
    theirs.open()
    sd, ours, _ = use(answers(BUSY))
    with pytest.raises(DeviceError, match=r"The microphone 'USB \(hw:1,0\)' is in use by another lived"):
        ours.open()
    assert sd.tried == []
    theirs.close()
    with pytest.raises(DeviceError, match="is busy"):
        ours.open()
    sd.answer = answers(0)
    ours.open()
    ours.close()


def test_busy_with_a_worker_of_another_daemon(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the mark could not be made, the name of the process that has the card tells as well."""
    _, card, _ = use(answers(BUSY))
    monkeypatch.setattr(portaudio, "user_of", lambda *_: "lived-capture")
    with pytest.raises(DeviceError, match="in use by another lived"):
        card.open()


def test_no_format(use: Use) -> None:
    """Only an impossible rate is wanted: names the device and what was tried."""
    _, card, _ = use(answers(WRONG_RATE), rates=(Hz(12_345),), only=True)

    with pytest.raises(DeviceError, match=r"'USB \(hw:1,0\)' takes none of the sample rates .*12345"):
        card.open()


def test_other_errors_give_the_reason(use: Use) -> None:
    """What the host says is passed on."""
    _, card, _ = use(answers(HOST))

    with pytest.raises(DeviceError, match=r"cannot be opened \(Error opening: Input/output error\)"):
        card.open()


def test_several_matches_say_which_was_taken(use: Use) -> None:
    """Part of a name that several devices have: the first, and it is said."""
    _, card, _ = use(answers(0), names=("USB A", "USB B"))

    assert card.open() == "USB A (the first of 2 that match 'usb') at 16000 Hz, 2 channels"


def test_no_device_at_all(use: Use) -> None:
    """Nothing is plugged in."""
    _, card, _ = use(answers(0), names=(), device="default")

    with pytest.raises(DeviceError, match=r"There is no microphone: plug one in, or set audio.input"):
        card.open()


def test_close_aborts_and_may_be_repeated(use: Use) -> None:
    """stop() would wait for a dead device: abort, then close; closing again is nothing."""
    sd, card, _ = use(answers(0))
    card.open()
    card.close()
    card.close()

    assert sd.stream
    assert sd.stream.calls == ["start", "abort", "close"]


def test_vanishing_is_noted(use: Use) -> None:
    """PortAudio's finished callback becomes a sentence."""
    sd, card, _ = use(answers(0))
    card.open()
    assert sd.stream
    sd.stream.settings["finished_callback"]()

    assert card.ended == "The microphone is gone: plug it in again."


NOW = SimpleNamespace(currentTime=1_000.0, inputBufferAdcTime=999.98, outputBufferDacTime=1_000.03)
"""PortAudio's times, in its own seconds."""


class FakeFlags:
    """No trouble."""

    input_overflow = False
    output_underflow = False


def test_adc_time_is_a_difference(use: Use) -> None:
    """PortAudio's clock is another one: 20 ms before its now is 20 ms before ours; nonsense becomes one block."""
    sd, card, listener = use(answers(0))
    card.open()
    assert sd.stream
    callback = sd.stream.settings["callback"]
    callback(b"\0" * 640, 160, NOW, FakeFlags)
    strange = SimpleNamespace(currentTime=1_000.0, inputBufferAdcTime=0.0)
    callback(b"\0" * 640, 160, strange, FakeFlags)

    (_, first, _), (_, second, _) = listener.blocks
    assert card.frames == 320
    assert 9_000_000 < second - first < 60_000_000  # 10 ms against 20 ms before their own now


class FakeFeeder(FakeListener):
    """Gives ones."""

    def fill(self, frames: int, dac: int, underflowed: bool) -> bytes:  # noqa: ARG002
        return b"\1\0" * frames * self.format[1]


def test_output(use: Use) -> None:
    """What the feeder gives is what the card gets."""
    sd, _, _ = use(answers(0))
    feeder = FakeFeeder()
    card = CardOutput(Wish(device="usb", rates=(Hz(24_000),), block_ms=10), feeder)
    card.open()
    block = bytearray(960)
    assert sd.stream
    sd.stream.settings["callback"](block, 240, NOW, FakeFlags)

    assert block == b"\1\0" * 480
    assert card.frames == 240
