"""livectl listen: a real conversation through a real card, and what is said when it cannot be."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.conftest import Livectl
from fakes.bus import BusFixture
from fakes.door import STATUS, FakeDoor
from fakes.model import FakeModel
from fakes.sound import is_run, numbered, read_wav, samples_of
from fakes.soundcard import SPEAKER, VirtualSoundcard
from lived.cli.commands.listen import microphone_of
from lived.clock import monotonic_ns
from lived.soundcard import Pace, PacedThread
from lived.units import MIC_RATE, Ns
from lived.wire import encode_header

CARD = [pytest.mark.soundcard, pytest.mark.processes]
SPEAKS = {"workers": [{"name": "capture", "ready": True, "text": "vspeaker at 16000 Hz, 1 channel, 10 ms blocks"}]}


@pytest.fixture
def bus() -> Iterator[BusFixture]:
    """A bus with a door beside it."""
    with BusFixture() as bus, FakeDoor(bus.directory):
        yield bus


@contextmanager
def listening(
    bus: BusFixture, card: VirtualSoundcard, *arguments: str, first: str = "Listening to"
) -> Iterator["subprocess.Popen[str]"]:
    """livectl listen as a process of its own, once it has said ``first``."""
    # tests that run in the background of a shell have SIGINT ignored, and so have their children
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    code = f"{heed}; from lived.cli import main; main()"
    command = [sys.executable, "-u", "-c", code, "--runtime-dir", str(bus.directory), "listen", *arguments]
    environ = {**os.environ, **card.environ}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ) as process:
        try:
            assert process.stderr
            said = process.stderr.readline()
            assert first in said, said + process.stderr.read()
            yield process
        finally:
            process.kill()


def ended(process: "subprocess.Popen[str]", last: str = "") -> tuple[int, str, str]:
    """After Ctrl-C, once it has said ``last``: its exit code, and the rest of what it said."""
    assert process.stderr
    said = ""
    while last and last not in said:
        said += process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    return process.returncode, out, said + err


class Talker:
    """Publishes numbered sound on ``mic``, as fast as it is spoken."""

    def __init__(self, bus: BusFixture) -> None:
        self._send = bus.bus.audio_publisher().send_sound
        self._epoch = monotonic_ns()
        self._thread = PacedThread(Pace(MIC_RATE, 160, Ns(self._epoch)), self._say, recorded=True, name="talker")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._thread.close()

    def _say(self, number: int, begins: Ns) -> None:
        self._send(b"mic/", encode_header(self._epoch, number * 160, begins, 0, MIC_RATE), numbered(number * 160, 160))


def loud(wav: Path) -> tuple[int, ...]:
    """What is not silent in a recording that may still be going on: its header is not right yet."""
    content = wav.read_bytes()[44:] if wav.exists() else b""
    return tuple(sample for sample in samples_of(content[: len(content) // 2 * 2]) if sample)


def heard(wav: Path) -> int:
    """Frames from the first that is not silent to the last, in C: whoever speaks is a thread of this process."""
    return len(wav.read_bytes()[44:].strip(b"\0")) // 2 if wav.exists() else 0


@pytest.mark.soundcard
@pytest.mark.processes
def test_replies_are_heard_whole_until_a_cut(bus: BusFixture, soundcard: VirtualSoundcard, tmp_path: Path) -> None:
    """Two seconds that came at once, bit for bit; of what is cut a part; Ctrl-C ends it with 0."""
    model = FakeModel(bus)
    with (
        soundcard.recording(tmp_path / "heard.wav") as wav,
        listening(bus, soundcard, "model", "--output", SPEAKER) as process,
    ):
        model.speak(1, 48_000)
        bus.wait_for(lambda: len(loud(wav)) >= 47_900, "the reply")
        model.speak(2, 240_000)
        bus.wait_for(lambda: len(loud(wav)) >= 60_000, "the next one")
        model.cut(2)
        code, out, err = ended(process)
    sound = [sample for sample in read_wav(wav) if sample]
    assert is_run(sound[100:47_900])
    assert len(sound) < 48_000 + 200_000
    assert (code, out, err) == (0, "", "")


@pytest.mark.soundcard
@pytest.mark.processes
def test_the_microphone_is_heard(bus: BusFixture, tmp_path: Path) -> None:
    """Numbered sound that goes on: at the loudspeaker a second of it without a hole, however busy this machine is; what
    was lost is counted."""
    with (
        VirtualSoundcard(speaker_rate=MIC_RATE) as card,
        card.recording(tmp_path / "heard.wav") as wav,
        listening(bus, card, "mic", "--output", SPEAKER, "--json") as process,
        Talker(bus),
    ):
        bus.wait_for(lambda: heard(wav) >= 5 * MIC_RATE, "five seconds")
        code, out, err = ended(process)
    tally = json.loads(out)
    assert (code, err, tally["lost_frames"]) == (0, "", 0)
    assert 80 <= tally["delay_ms"] <= 1_000
    sound = loud(wav)
    seconds = [sound[at : at + MIC_RATE] for at in range(0, 4 * MIC_RATE, 1_000)]
    assert any(is_run(second) for second in seconds), "one of the five seconds is without a hole"


@pytest.mark.soundcard
@pytest.mark.processes
def test_both_sides(bus: BusFixture, soundcard: VirtualSoundcard) -> None:
    """Stereo needs two channels; a loudspeaker that has one and a server behind it gives two."""
    with listening(bus, soundcard, "stereo", "--output", SPEAKER) as process, Talker(bus):
        code, _, err = ended(process)
    assert (code, err) == (0, "")


@pytest.mark.soundcard
@pytest.mark.processes
def test_a_loudspeaker_that_is_not_there(bus: BusFixture, soundcard: VirtualSoundcard) -> None:
    """One sentence, exit code 1."""
    code = "from lived.cli import main; main()"
    command = [sys.executable, "-c", code, "--runtime-dir", str(bus.directory), "listen", "--output", "kitchen"]
    environ = {**os.environ, **soundcard.environ}
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=environ)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "livectl: No loudspeaker matches 'kitchen': plug it in, or see 'livectl devices' for others.\n"
    )


@pytest.mark.soundcard
@pytest.mark.processes
def test_a_microphone_that_may_hear_itself(soundcard: VirtualSoundcard) -> None:
    """The same device for both, and nobody speaks yet: said, and listened to all the same."""
    with BusFixture() as bus, FakeDoor(bus.directory) as door:
        door.answers["status"] = {**STATUS, **SPEAKS, "conversing": False}
        with listening(bus, soundcard, "voice", "--output", SPEAKER, first="no front end") as process:
            code, _, err = ended(process, "headphones")
    assert code == 0
    assert "Listening to mic on vspeaker at 16000 Hz" in err
    assert "There is no conversation now" in err
    assert "The microphone is on 'vspeaker' too and may hear itself" in err


def test_without_a_daemon(livectl: Livectl) -> None:
    """Exit code 3, and what to do."""
    said = livectl("listen", "mic")
    assert said.code == 3
    assert "livectl start" in said.err


def test_an_unknown_stream(livectl: Livectl) -> None:
    """Refused with those that there are."""
    said = livectl("listen", "kitchen")
    assert said.code == 2
    assert "speaker" in said.err


def test_which_microphone_is_open() -> None:
    """By what capture says of it: for the warning that it may hear itself."""
    assert microphone_of(SPEAKS) == "vspeaker"
    assert microphone_of({"workers": [{"name": "capture", "ready": True, "text": "nothing"}]}) == ""
    assert microphone_of({"workers": []}) == ""
