"""A card is marked by the daemon that has it. Control devices are files here: locks are the kernel's affair."""

import subprocess
import sys
from pathlib import Path

import pytest

from lived.errors import DeviceError
from lived.soundcard import DeviceInfo, claim
from lived.soundcard.claim import Claim


def device(name: str = "USB: - (hw:1,0)") -> DeviceInfo:
    """A card with both directions."""
    return DeviceInfo(index=0, name=name, inputs=1, outputs=2, default_rate=48_000)


@pytest.fixture
def snd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the control devices of two cards."""
    for card in (0, 1):
        (tmp_path / f"controlC{card}").touch()
    monkeypatch.setattr(claim, "_SND", tmp_path)
    return tmp_path


def test_one_daemon_for_a_card(snd: Path) -> None:
    """The second is told in words; when the first lets go, it may."""
    first = Claim.of(device(), "output")
    with pytest.raises(DeviceError, match=r"The loudspeaker 'USB.*another lived on this machine.*livectl status"):
        Claim.of(device(), "output")
    first.release()
    first.release()
    Claim.of(device(), "output").release()


def test_what_does_not_collide(snd: Path) -> None:
    """The other direction, another PCM of the card, another card: those may belong to others."""
    held = [
        Claim.of(device(), "output"),
        Claim.of(device(), "input"),
        Claim.of(device("USB: - (hw:1,1)"), "output"),
        Claim.of(device("HDMI: - (hw:0,0)"), "output"),
    ]
    with pytest.raises(DeviceError, match="The microphone"):
        Claim.of(device(), "input")
    for one in held:
        one.release()


@pytest.mark.parametrize("name", ["pulse", "default", "sysdefault", "USB: - (hw:7,0)"])
def test_shared_devices_are_not_marked(snd: Path, name: str) -> None:
    """A sound server mixes; a card without a control device cannot be marked. Both are open to all."""
    claims = [Claim.of(device(name), "output") for _ in range(2)]
    for one in claims:
        one.release()


def test_of_a_process_that_died(snd: Path) -> None:
    """Killed with SIGKILL: the kernel has let go. ALSA's own opening and closing of the device loses nothing."""
    program = (
        "import sys, time, pathlib\n"
        "from lived.soundcard import claim, DeviceInfo\n"
        f"claim._SND = pathlib.Path({str(snd)!r})\n"
        "d = DeviceInfo(index=0, name='USB: - (hw:1,0)', inputs=1, outputs=2, default_rate=48000)\n"
        "held = claim.Claim.of(d, 'output')\n"
        "open(claim._SND / 'controlC1', 'r+').close()\n"
        "print('held', flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(DeviceError):
            Claim.of(device(), "output")
        other.kill()
    Claim.of(device(), "output").release()


def test_a_device_file() -> None:
    """The kernel locks device files as it locks others."""
    import fcntl
    import os
    import struct

    wanted = struct.pack(claim._FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 1, 1, 0)
    files = [os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC) for _ in range(2)]
    try:
        fcntl.fcntl(files[0], fcntl.F_OFD_SETLK, wanted)
        with pytest.raises(BlockingIOError):
            fcntl.fcntl(files[1], fcntl.F_OFD_SETLK, wanted)
    finally:
        for file in files:
            os.close(file)
