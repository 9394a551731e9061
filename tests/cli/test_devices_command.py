"""livectl devices: a list for people, fields for programs, and why there is nothing."""

import json
from pathlib import Path

import pytest

from lived.cli.commands.devices import lines, no_device
from lived.errors import DeviceError
from lived.soundcard import DeviceInfo

from .conftest import Livectl

USB = DeviceInfo(
    index=1,
    name="USB Audio: - (hw:1,0)",
    card_id="Device",
    inputs=1,
    outputs=2,
    default_rate=48_000,
    input_rates=(16_000, 48_000),
    output_rates=(),
    default_input=True,
)


def test_lines() -> None:
    """Names first, then each direction that the device has, with rates or why there are none."""
    assert list(lines([USB]))[:3] == [
        "USB Audio: - (hw:1,0)   [card id Device, default input]",
        "    records  1 channel      16000, 48000 Hz",
        "    plays    2 channels     no rate now: is a program using it?",
    ]
    microphone = DeviceInfo(index=0, name="Mic", inputs=64, outputs=0, default_rate=48_000)
    shown = list(lines([microphone]))
    assert "any channels" in shown[1]
    assert "plays" not in "".join(shown)


def test_command(livectl: Livectl, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 0 and the list; all fields with --json."""
    monkeypatch.setattr("lived.soundcard.devices", lambda: [USB])
    assert livectl("devices").out.startswith("USB Audio")
    (device,) = json.loads(livectl("devices", "--json").out)
    assert (device["name"], device["card_id"], device["input_rates"]) == (USB.name, "Device", [16_000, 48_000])


def test_none_is_exit_code_1(livectl: Livectl, monkeypatch: pytest.MonkeyPatch) -> None:
    """No device: one sentence with the next step, nothing on stdout."""
    monkeypatch.setattr("lived.soundcard.devices", list)
    said = livectl("devices", "--json")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("livectl: No sound device")


def test_missing_library_is_exit_code_1(livectl: Livectl, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PortAudio the sentence says what installs it."""

    def missing() -> list[DeviceInfo]:
        raise DeviceError("PortAudio is missing: install it with 'sudo apt install libportaudio2'.")

    monkeypatch.setattr("lived.soundcard.devices", missing)
    said = livectl("devices")
    assert (said.code, "apt install libportaudio2" in said.err) == (1, True)


def test_why_there_is_none(tmp_path: Path) -> None:
    """No card, a card of a desktop session, a card that is there: each has its own next step."""
    cards = tmp_path / "cards"
    assert "plug one in" in no_device({}, cards)
    cards.write_text("--- no soundcards ---\n")
    assert "libasound2-plugins" in no_device({"XDG_RUNTIME_DIR": "/run/user/1"}, cards)
    cards.write_text(" 0 [PCH]: HDA-Intel\n")
    assert "that this user may use" in no_device({}, cards) or "that can be opened" in no_device({}, cards)
