"""livectl setup: at a terminal with a sound card, and without either."""

import os
import re
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from fakes.daemon import wait_until
from fakes.simulator import Simulator, environment
from fakes.soundcard import MIC, SPEAKER, VirtualSoundcard
from fakes.terminal import Terminal
from lived.config.load import load
from processes.talk import spoken_wav

pytestmark = pytest.mark.processes

KEY = "AIzaSetUpAtTheTerminal0123456789"


class Device:
    """A fresh installation, but for the server that it is to talk to."""

    def __init__(self, folder: Path, base_url: str, ca_file: Path) -> None:
        self.folder = folder
        self.main = folder / "lived.toml"
        self.main.write_text(
            f"# mine\n[live]\nbase_url = '{base_url}'\nca_file = '{ca_file}'\n"
            f"[daemon]\nruntime_dir = '{folder}/run'\nstate_dir = '{folder}/state'\n"
        )
        self.before = self.files()
        self.environ = {**environment(), "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "GEMINI_API_KEY": ""}

    def files(self) -> dict[str, bytes]:
        """What is configured, by name."""
        found = [self.main, *self.folder.glob("api-key*"), *self.folder.glob("conf.d/*")]
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in found if path.exists()}

    def command(self, *arguments: str) -> list[str]:
        """Its livectl."""
        return [
            sys.executable,
            "-c",
            "from lived.cli import main; main()",
            arguments[0],
            "--config",
            str(self.main),
            *arguments[1:],
        ]

    def setup(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Without a terminal."""
        return subprocess.run(
            self.command("setup", *arguments),
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def end(self) -> None:
        """Whatever was started."""
        subprocess.run(self.command("stop", "--daemon"), env=self.environ, capture_output=True, check=False, timeout=60)


def test_without_a_terminal(tmp_path: Path) -> None:
    """Options answer; a key that the server refuses changes nothing; one that nobody can be asked about is taken."""
    key = tmp_path / "key"
    key.write_text("AIza-a-wrong-one")
    with Simulator(tmp_path / "simulator", "", "--key", KEY) as simulator:
        device = Device(tmp_path, simulator.base_url, simulator.ca_file)
        asked = device.setup()
        assert (asked.returncode, "add --yes" in asked.stderr) == (2, True)
        refused = device.setup("--yes", "--no-start", "--key-file", str(key), "--voice", "Puck")
        assert (refused.returncode, device.files()) == (1, device.before)
        assert refused.stderr.startswith("livectl: Nothing was changed: ")
        wrong = device.setup("--yes", "--no-start", "--voice", "Pucc")
        assert wrong.returncode != 0
        assert "Puck" in wrong.stderr
        assert device.files() == device.before
        key.write_text(KEY)
        done = device.setup(
            "--yes", "--no-start", "--key-file", str(key), "--voice", "Puck", "--language", "German", "--front-end"
        )
        assert done.returncode == 0, done.stderr
        assert KEY not in done.stdout + done.stderr
        assert device.files()["api-key"] == f"{KEY}\n".encode()
        assert load(device.main, [], {}).frontend.enabled
        live = load(device.main, [], {}).live
        assert (live.voice, live.language) == ("Puck", "German")
    other = device.setup("--yes", "--no-start", "--key-file", str(key))  # the server is gone
    assert other.returncode == 0
    assert "The key is unknown: " in other.stderr
    assert device.files()["lived.toml"] == device.before["lived.toml"]


def seen(terminal: Terminal, *words: str) -> str:
    """The screen, once it shows ``words`` at its end."""
    for one in words:
        terminal.wait_for(one, 30)
    return terminal.text()


def number(text: str, name: str) -> bytes:
    """How to choose ``name`` from the last list in ``text``, as keys."""
    (*_, found) = re.findall(rf"(\d+)  [^\n]*{name}", text)
    return f"{found}\n".encode()


def shell(command: list[str]) -> list[str]:
    """``command`` with its stderr at the terminal too."""
    return ["sh", "-c", 'exec "$0" "$@" 2>&1', *command]


def loud(wav: Path) -> bool:
    """Whether something is to be heard in it."""
    with wave.open(str(wav)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    return bool(np.abs(samples.astype(int)).max(initial=0) > 3000)


@pytest.mark.soundcard
def test_at_the_terminal(tmp_path: Path, soundcard: VirtualSoundcard) -> None:
    """A wrong key is asked for again, the loudspeaker plays, the microphone hears; then everything is written, the
    daemon started, and it converses."""
    voice = spoken_wav(tmp_path / "voice.wav", (0, 8))
    with Simulator(tmp_path / "simulator", "", "--key", KEY) as simulator:
        device = Device(tmp_path, simulator.base_url, simulator.ca_file)
        environ = {**device.environ, **soundcard.environ}
        try:
            with Terminal(shell(device.command("setup")), environ=environ) as terminal:
                seen(terminal, "API key (it is not shown; Enter does without")
                terminal.type(b"AIza-a-wrong-one\n")
                seen(terminal, "The server refuses it.")
                terminal.type(f"{KEY}\n".encode())
                text = seen(terminal, "The server takes this key.", "Loudspeaker [")
                with soundcard.recording(tmp_path / "heard.wav"):
                    terminal.type(number(text, SPEAKER))
                    seen(terminal, "Did you hear them?")
                assert loud(tmp_path / "heard.wav")
                terminal.type(b"y\n")
                text = seen(terminal, "Microphone [")
                soundcard.play(voice, wait=False)
                terminal.type(number(text.partition("Which microphone?")[2], MIC))
                seen(terminal, "You were heard", "Does the microphone hear the loudspeaker?")
                terminal.type(b"\n")
                seen(terminal, "Voice (? lists them) [Kore]")
                terminal.type(b"Pucc\n")
                seen(terminal, "did you mean Puck?")
                terminal.type(b"puck\n")
                seen(terminal, "Language to speak")
                assert device.files() == device.before, "nothing is written before the last answer"
                terminal.type(b"German\n")
                seen(terminal, "Start lived now?")
                terminal.type(b"\n")
                wait_until(lambda: terminal.process.poll() is not None, 30, terminal.text)
                assert terminal.process.returncode == 0, terminal.text()
                assert KEY.encode() not in terminal.raw
                assert terminal.settings == terminal.before
            config = load(device.main, [], {})
            assert (config.audio.input, config.audio.output) == (MIC, SPEAKER)
            assert (config.live.voice, config.live.language) == ("Puck", "German")
            assert config.frontend.enabled
            setup = simulator.wait_for("setup", count=3)["setup"]  # two tried keys
            assert "Puck" in str(setup)
        finally:
            device.end()


def test_ctrl_c(tmp_path: Path) -> None:
    """In the middle: everything is as it was, the terminal too."""
    device = Device(tmp_path, "https://127.0.0.1:9", Path(os.devnull))
    device.main.write_text(f"{device.main.read_text()}[audio]\ninput = 'null'\noutput = 'null'\n")
    before = device.files()
    with Terminal(shell(device.command("setup", "--output", "null")), environ=device.environ) as terminal:
        seen(terminal, "API key")
        terminal.type(f"{KEY}\n".encode())
        seen(terminal, "Nobody could be asked", "Microphone [")
        terminal.interrupt()
        wait_until(lambda: terminal.process.poll() is not None, 15, terminal.text)
        assert terminal.process.returncode == 130
        assert terminal.settings == terminal.before
        assert KEY.encode() not in terminal.raw
    assert device.files() == before
