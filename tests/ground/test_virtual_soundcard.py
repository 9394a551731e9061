"""scripts/virtual-soundcard: a card that can be trusted, and that leaves nothing behind."""

import os
import subprocess
import sys
import time
import wave
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.soundcard import SCRIPT, SoundcardError, VirtualSoundcard

pytestmark = pytest.mark.soundcard


def wait_for(predicate: Callable[[], bool], seconds: float) -> bool:
    """Whether ``predicate`` came true in time."""
    deadline = time.monotonic() + seconds
    while not (held := predicate()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return held


def processes_of(directory: Path) -> list[str]:
    """Command lines that name ``directory``, but for zombies."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # ended meanwhile
        if str(directory) in line:
            found.append(line)
    return found


def run(directory: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The script itself."""
    return subprocess.run(
        [str(SCRIPT), "--dir", str(directory), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_only_its_devices_are_seen(soundcard: VirtualSoundcard) -> None:
    """PortAudio lists vmic, vspeaker, vmonitor and default, and nothing of this machine."""
    names = "import sounddevice; print(*[d['name'] for d in sounddevice.query_devices()])"
    done = subprocess.run(
        [sys.executable, "-c", names],
        env=os.environ | soundcard.environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == ["vmic", "vspeaker", "vmonitor", "default"]


def test_the_monitor_is_exact(soundcard: VirtualSoundcard, tmp_path: Path) -> None:
    """What a program plays on the speaker is recorded sample for sample."""
    sent = array("h", [(i * 7919) % 30000 + 1 for i in range(24_000)]).tobytes()
    play = (
        "import sys, sounddevice as sd\n"
        "pcm = sys.stdin.buffer.read()\n"
        "s = sd.RawOutputStream(samplerate=24000, channels=1, dtype='int16', device='vspeaker', latency=0.1)\n"
        "s.start(); s.write(pcm); s.write(bytes(24000)); s.stop(); s.close()\n"
    )
    with soundcard.recording(tmp_path / "heard.wav") as wav:
        subprocess.run(
            [sys.executable, "-c", play], env=os.environ | soundcard.environ, input=sent, check=True, timeout=60
        )
    with wave.open(str(wav)) as file:
        assert sent in file.readframes(file.getnframes())


def test_starting_and_stopping_twice_is_the_same(tmp_path: Path) -> None:
    """start is idempotent, stop too, and the directory is gone afterwards."""
    directory = Path("/tmp") / f"vsc-test-{os.getpid()}"
    first, second = run(directory, "start"), run(directory, "start")
    pids = [line for line in run(directory, "status").stdout.splitlines() if "pid" in line]
    assert first.stdout == second.stdout
    assert len(pids) == 2
    assert len([p for p in processes_of(directory) if "pulseaudio" in p]) == 2
    assert run(directory, "stop").returncode == 0
    assert run(directory, "stop").returncode == 0
    assert not directory.exists()
    assert processes_of(directory) == []


def test_a_device_goes_and_comes_back(soundcard: VirtualSoundcard) -> None:
    """An unplugged device is down and says so; plugged in, it is up."""
    soundcard.unplug("mic")
    assert "mic down" in run(soundcard.directory, "status").stdout
    with pytest.raises(SoundcardError, match="plug mic"):
        soundcard.freeze("mic")
    soundcard.plug("mic")
    assert "mic up" in run(soundcard.directory, "status").stdout


def test_nothing_outlives_a_killed_owner() -> None:
    """The card of a test run that gets SIGKILL ends by itself."""
    begin = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from fakes.soundcard import VirtualSoundcard\n"
        "c = VirtualSoundcard(); c.start(); c.echo(); print(c.directory, flush=True); sys.stdin.read()\n"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", begin, str(SCRIPT.parents[1] / "tests")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert owner.stdin is not None
    assert owner.stdout is not None
    with owner, owner.stdin, owner.stdout:
        directory = Path(owner.stdout.readline().decode().strip())
        assert directory.exists()
        owner.kill()
    assert wait_for(lambda: not directory.exists() and processes_of(directory) == [], 10)


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (("sing",), 2, "unknown verb 'sing'"),
        (("unplug", "camera"), 2, "mic, speaker or all"),
        (("play", "nothing.wav"), 1, "no such file 'nothing.wav'"),
        (("env",), 1, "nothing is started"),
        (("start", "--for", "x"), 2, "running process"),
    ],
)
def test_mistakes_are_one_sentence(tmp_path: Path, arguments: tuple[str, ...], code: int, part: str) -> None:
    """A wrong call says what is wrong, exits non-zero, and starts nothing."""
    done = run(tmp_path / "card", *arguments)
    assert done.returncode == code
    assert part in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert processes_of(tmp_path / "card") == []
