"""A sound card made of software (scripts/virtual-soundcard): real PortAudio, no hardware."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "virtual-soundcard"

MIC = "vmic"
"""Name of the capture device that plays what ``play`` feeds it."""
SPEAKER = "vspeaker"
"""Name of the playback device."""
MONITOR = "vmonitor"
"""Name of a capture device that hears what the speaker plays, sample for sample."""

Side = Literal["mic", "speaker", "all"]


class SoundcardError(Exception):
    """The virtual sound card could not be started or told something; the sentence says what to do."""


def missing() -> str:
    """Why there can be no virtual sound card here and what to do about it; empty when there can be one."""
    unpacked = SCRIPT.parents[1] / ".venv" / "soundcard" / "usr" / "bin"  # by scripts/setup
    path = f"{os.environ.get('PATH', '')}:{unpacked}"
    programs = [p for p in ("pulseaudio", "pactl", "paplay", "parec") if not shutil.which(p, path=path)]
    if not programs:
        return ""
    return f"The virtual sound card needs {', '.join(programs)}: run 'make test', which fetches it."


class VirtualSoundcard:
    """One private card in a directory of its own; any number can be up at once.

    Rates in Hz. Another rate or channel count than the program asks for makes the server convert.
    """

    def __init__(
        self, *, mic_rate: int = 16_000, speaker_rate: int = 24_000, mic_channels: int = 1, speaker_channels: int = 1
    ) -> None:
        self._settings = {
            "MIC_RATE": str(mic_rate),
            "SPEAKER_RATE": str(speaker_rate),
            "MIC_CHANNELS": str(mic_channels),
            "SPEAKER_CHANNELS": str(speaker_channels),
        }
        self.directory = Path()
        self.environ: dict[str, str] = {}
        """To be added to the environment of a process that shall see this card and no other."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Bring both devices up (0.15 s).

        Raises:
            SoundcardError: PulseAudio is missing or does not start.
        """
        if why := missing():
            raise SoundcardError(why)
        # short, in /tmp: a Unix socket's path has at most 107 characters
        self.directory = Path(tempfile.mkdtemp(prefix="vsc-", dir="/tmp"))
        # --for: a test run that is killed leaves no server behind
        try:
            said = self._do("start", "--for", str(os.getpid()))
        except SoundcardError:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise
        lines = [line.removeprefix("export ") for line in said.splitlines()]
        self.environ = dict(line.split("=", 1) for line in lines)

    def stop(self) -> None:
        """End everything, and remove the directory."""
        self._do("stop")
        shutil.rmtree(self.directory, ignore_errors=True)

    def play(self, wav: Path, *, wait: bool = True) -> None:
        """Let the microphone hear ``wav``; returns when it was heard, or at once without ``wait``."""
        self._do("play" if wait else "play-bg", str(wav))

    @contextmanager
    def recording(self, wav: Path) -> Iterator[Path]:
        """Record what the speaker plays, silence included, for as long as the block lasts."""
        self._do("record-start", str(wav))
        try:
            yield wav
        finally:
            self._do("record-stop")

    def unplug(self, side: Side) -> None:
        """The device vanishes: its streams die."""
        self._do("unplug", side)

    def plug(self, side: Side) -> None:
        """The device is there again."""
        self._do("plug", side)

    def freeze(self, side: Side) -> None:
        """The device stays, but callbacks silently stop."""
        self._do("freeze", side)

    def thaw(self, side: Side) -> None:
        """Sound flows again."""
        self._do("thaw", side)

    def glitch(self, side: Side, ms: int) -> None:
        """The device stands still for ``ms``; returns when it goes on."""
        self._do("glitch", side, str(ms))

    def echo(self, delay_ms: int = 100, gain_percent: int = 50) -> None:
        """Let the microphone hear the speaker."""
        self._do("echo", "on", str(delay_ms), str(gain_percent))

    def echo_off(self) -> None:
        """Part speaker and microphone again."""
        self._do("echo", "off")

    def _do(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(SCRIPT), "--dir", str(self.directory), *arguments],
            env=os.environ | self._settings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise SoundcardError(done.stderr.strip() or f"virtual-soundcard {arguments[0]}: {done.returncode}")
        return done.stdout
