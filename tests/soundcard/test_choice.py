"""Choosing a device by name."""

import pytest

from lived.soundcard.device import DeviceInfo, choose, hardware


def device(index: int, name: str, card_id: str = "", inputs: int = 2, outputs: int = 2) -> DeviceInfo:
    """A device; number 3 is the default microphone."""
    return DeviceInfo(
        index=index,
        name=name,
        card_id=card_id,
        inputs=inputs,
        outputs=outputs,
        default_rate=48_000,
        default_input=index == 3,
    )


DEVICES = [
    device(0, "bcm2835 Headphones: - (hw:0,0)", "Headphones", inputs=0),
    device(1, "USB Audio Device: - (hw:1,0)", "Device"),
    device(2, "USB Audio", "Other"),
    device(3, "default"),
]


@pytest.mark.parametrize(
    ("wanted", "indices"),
    [
        ("default", [3]),
        ("USB Audio", [2]),
        ("usb audio", [2]),
        ("usb", [1, 2]),
        ("Device", [1]),
        ("other", [2]),
        ("hw:1", [1]),
        ("Headphones", []),
        ("Bluetooth", []),
    ],
)
def test_choice(wanted: str, indices: list[int]) -> None:
    """Exact name, then card id, then part of a name, capitals aside; only devices that record."""
    assert [d.index for d in choose(DEVICES, wanted, "input")] == indices


def test_direction() -> None:
    """A loudspeaker is found among those that play; there is no default one in this list."""
    assert [d.index for d in choose(DEVICES, "headphones", "output")] == [0]
    assert [d.index for d in choose(DEVICES, "default", "output")] == [3]  # by its name


@pytest.mark.parametrize(("name", "place"), [("USB: - (hw:1,0)", (1, 0)), ("USB (hw:12,3)", (12, 3)), ("pulse", None)])
def test_hardware(name: str, place: tuple[int, int] | None) -> None:
    """Bare ALSA hardware is told by its name."""
    assert hardware(name) == place
