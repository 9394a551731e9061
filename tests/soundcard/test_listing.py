"""The list of devices, from a real PortAudio in a process of its own."""

import json
import os
import subprocess
import sys

import pytest

from fakes.soundcard import VirtualSoundcard

pytestmark = pytest.mark.soundcard

PROGRAM = """
import msgspec
from lived.soundcard import devices
print(msgspec.json.encode(devices()).decode())
"""


def listed(environ: dict[str, str]) -> tuple[list[dict[str, object]], str]:
    """The devices and what was written to stderr."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout), done.stderr


def test_devices(soundcard: VirtualSoundcard) -> None:
    """Every device with its rates and the default marks, and no noise on stderr."""
    found, noise = listed(soundcard.environ)

    assert noise == ""
    by_name = {d["name"]: d for d in found}
    assert set(by_name) == {"vmic", "vspeaker", "vmonitor", "default"}
    assert by_name["vmic"]["input_rates"] == [16_000, 24_000, 44_100, 48_000]
    assert by_name["vspeaker"]["output_rates"] == [16_000, 24_000, 44_100, 48_000]
    assert [n for n, d in by_name.items() if d["default_input"]] == ["default"]
    assert [n for n, d in by_name.items() if d["default_output"]] == ["default"]


def test_unplugged_devices(soundcard: VirtualSoundcard) -> None:
    """Devices that are configured but not there accept no rate, silently; the list is no error."""
    soundcard.unplug("all")

    found, noise = listed(soundcard.environ)

    assert noise == ""
    assert not any(d["input_rates"] or d["output_rates"] for d in found)
