"""examples/gpio with mock pins: the button and the lights of a real daemon."""

import sys
import threading
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import pytest
from gpiozero import Button, Device
from gpiozero.pins.mock import MockFactory
from hypothesis import given
from hypothesis import strategies as st

from fakes.daemon import wait_until
from lived.wire.events import Cut, MicChanged, TurnHeard
from processes.talk import EXACT, Talk

FOLDER = Path(__file__).parents[2] / "examples" / "gpio"
PIN, SWITCH_PIN = 17, 27
LENGTH = 12
HOLD_S = 0.3

SCENARIO = EXACT + "[vad]\nstart_db = 60.0\n[[reply]]\nmarks_s = 30.0\n"

Pixels = Sequence[tuple[int, int, int]]


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The program, as it lies in its folder."""
    monkeypatch.syspath_prepend(str(FOLDER))
    yield import_module("lived_gpio")
    for name in ("lived_gpio", "led_ring"):
        sys.modules.pop(name, None)


@pytest.fixture
def led_ring(example: ModuleType) -> ModuleType:
    """Its drivers."""
    return import_module("led_ring")


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    """Pins that tests press."""
    before, Device.pin_factory = Device.pin_factory, MockFactory()
    yield Device.pin_factory
    Device.pin_factory.reset()
    Device.pin_factory = before


class FakeRing:
    """Remembers what it showed."""

    def __init__(self) -> None:
        self.pixels: Pixels = ()
        self.closed = False

    def show(self, pixels: Pixels) -> None:
        self.pixels = pixels

    def clear(self) -> None:
        self.pixels = ()

    def close(self) -> None:
        self.closed = True


class Rig:
    """The program in a thread, with a finger on its button."""

    def __init__(self, example: ModuleType, runtime_dir: Path, pins: MockFactory, talks: bool = False) -> None:
        self.ring = FakeRing()
        self._pin = pins.pin(PIN)
        self._button = Button(PIN, hold_time=HOLD_S)
        self._switch_pin = pins.pin(SWITCH_PIN)
        self._switch = Button(SWITCH_PIN)
        self.program = example.Program(runtime_dir, self._button, self.ring, LENGTH, talks, self._switch)
        self._thread = threading.Thread(target=self.program.run, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.program.running = False
        self._thread.join(10)
        assert not self._thread.is_alive()
        assert self.ring.closed
        self._button.close()
        self._switch.close()

    def switch(self, closed: bool) -> None:
        """Of the microphone."""
        (self._switch_pin.drive_low if closed else self._switch_pin.drive_high)()

    def down(self) -> None:
        """Press."""
        self._pin.drive_low()

    def up(self) -> None:
        """Let go."""
        self._pin.drive_high()

    def press(self) -> None:
        """Shortly."""
        self.down()
        self.up()

    def wait_colour(self, example: ModuleType, look: str) -> None:
        """Until the ring has the hue of ``look``."""
        wanted = hue(example.LOOKS[look][1])
        wait_until(
            lambda: (
                {hue(p) for p in self.ring.pixels} - {(False,) * 3} == {wanted} - {(False,) * 3}
                and bool(self.ring.pixels)
            ),
            15,
            lambda: f"{look}: {self.ring.pixels}",
        )


def hue(pixel: Sequence[int]) -> tuple[bool, ...]:
    """Which of red, green and blue are on at all."""
    return tuple(part > 0 for part in pixel)


@pytest.mark.processes
def test_button_and_lights_of_a_daemon(example: ModuleType, pins: MockFactory, tmp_path: Path) -> None:
    """Away, begun by a press, the model's colour, silenced by a press, muted and unmuted by long ones."""
    with Rig(example, tmp_path / "run", pins) as device:
        device.wait_colour(example, "away")
        with Talk(tmp_path, SCENARIO) as talk:
            assert talk.ear
            wait_until(lambda: device.program.state.look(0) == "off", 10)
            wait_until(lambda: set(device.ring.pixels) == {(0, 0, 0)}, 10)

            device.press()
            talk.daemon.wait_state("ready")
            device.wait_colour(example, "nobody")

            talk.daemon.ask("say", text="A story.")
            talk.ear.wait_for(TurnHeard, 20)
            device.wait_colour(example, "model")

            device.press()
            assert talk.ear.wait_for(Cut, 10).cause == "user"
            device.wait_colour(example, "nobody")

            for muted, look in ((True, "muted"), (False, "nobody")):
                device.down()
                wait_until(lambda muted=muted: talk.daemon.ask("status")["muted"] is muted, 10)  # type: ignore[misc]
                device.up()
                device.wait_colour(example, look)
        device.wait_colour(example, "away")


@pytest.mark.processes
def test_a_talk_button(example: ModuleType, pins: MockFactory, tmp_path: Path) -> None:
    """The user has the floor for as long as it is held."""
    with Talk(tmp_path, SCENARIO, "live.vad.mode=manual") as talk:
        talk.start()
        with Rig(example, tmp_path / "run", pins, talks=True) as device:
            device.wait_colour(example, "nobody")
            device.down()
            wait_until(lambda: talk.daemon.ask("status")["floor"] == "user", 10)
            device.wait_colour(example, "user")
            device.up()
            wait_until(lambda: talk.daemon.ask("status")["floor"] != "user", 10)


@pytest.mark.processes
def test_a_switch_is_a_mute(example: ModuleType, pins: MockFactory, tmp_path: Path) -> None:
    """Closed before the daemon is there; nobody can open the microphone until it is opened."""
    with Rig(example, tmp_path / "run", pins) as device:
        device.switch(closed=True)
        with Talk(tmp_path, SCENARIO) as talk:
            talk.start()

            def muted() -> bool:
                return bool(talk.daemon.ask("status")["muted"])

            wait_until(muted, 10, lambda: talk.daemon.log)
            assert talk.ear
            talk.daemon.ask("mute", on=False)
            talk.ear.wait_for(MicChanged, 10, lambda mic: not mic.muted)
            wait_until(muted, 10, lambda: talk.daemon.log)
            device.switch(closed=False)
            wait_until(lambda: not muted(), 10, lambda: talk.daemon.log)
            device.press()
            assert not muted()


@given(st.floats(0, 1e6), st.integers(1, 60))
def test_every_look_lights_as_many_as_there_are(now: float, length: int) -> None:
    """At any time, with values that an LED has."""
    sys.path.insert(0, str(FOLDER))
    try:
        looks: dict[str, Any] = import_module("lived_gpio").LOOKS
    finally:
        sys.path.remove(str(FOLDER))
    for draw, colour in looks.values():
        pixels = draw(colour, length, now)
        assert len(pixels) == length
        assert all(0 <= part <= 255 for pixel in pixels for part in pixel)


def test_a_refusal_is_no_end(
    example: ModuleType, pins: MockFactory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A daemon that is away is waited for, whatever is pressed meanwhile."""
    example.ANSWER_MS = 50  # type: ignore[attr-defined]
    with Rig(example, tmp_path, pins) as device:
        device.press()
        device.wait_colour(example, "away")
    assert capsys.readouterr().out == ""


def test_apa102(led_ring: ModuleType) -> None:
    """Zeros, brightness-blue-green-red for each, enough clocks behind."""
    assert led_ring.apa102([(1, 2, 3)], 31) == bytes([0, 0, 0, 0, 0xFF, 3, 2, 1, 0, 0, 0, 0])
    assert len(led_ring.apa102([(0, 0, 0)] * 64)) == 4 + 64 * 4 + 8


def test_ws2812(led_ring: ModuleType) -> None:
    """Green, red, blue; three bits for each: 110 is one, 100 is zero."""
    sent = led_ring.ws2812([(0xFF, 0x00, 0xAA)])
    bits = "".join(f"{byte:08b}" for byte in sent[:9])
    values = [bits[n : n + 3] for n in range(0, 72, 3)]
    assert "".join({"110": "1", "100": "0"}[value] for value in values) == "0" * 8 + "1" * 8 + "10101010"
    assert not any(sent[9:])


def test_a_ring_on_spi(led_ring: ModuleType) -> None:
    """It is dark when it is let go."""

    class Bus:
        def __init__(self) -> None:
            self.sent: list[bytes] = []
            self.closed = False

        def writebytes2(self, data: bytes) -> None:
            self.sent.append(data)

        def close(self) -> None:
            self.closed = True

    bus = Bus()
    ring = led_ring.SpiRing("apa102", 2, bus)
    ring.show([(1, 1, 1), (2, 2, 2)])
    ring.close()
    assert bus.sent == [led_ring.apa102([(1, 1, 1), (2, 2, 2)]), led_ring.apa102([(0, 0, 0)] * 2)]
    assert bus.closed
