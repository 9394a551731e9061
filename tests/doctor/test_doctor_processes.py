"""livectl doctor for real: the virtual sound card, the stand-in with its bad certificates, a key that is refused."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fakes.simulator import Simulator, environment
from fakes.soundcard import VirtualSoundcard
from lived.cli.doctor.finding import Finding
from lived.cli.doctor.probe import live, network, sound
from lived.cli.doctor.site import Site
from lived.cli.options import Options
from lived.config import Config, Live

pytestmark = pytest.mark.processes

KEY = "AIzaSyD-no-real-key-0123456789_abcdefg"


def place(simulator: Simulator, environ: dict[str, str] | None = None, **changed: Any) -> Site:
    """A device that talks to the stand-in."""
    settings = {"base_url": simulator.base_url, "ca_file": str(simulator.ca_file)} | changed
    surroundings = {"GEMINI_API_KEY": KEY, "PATH": os.environ["PATH"]} | (environ or {})
    return Site(options=Options(), config=Config(live=Live(**settings)), environ=surroundings)


def told(found: list[Finding]) -> list[str]:
    """The levels."""
    return [one.level.value for one in found]


def test_a_session_is_set_up(tmp_path: Path) -> None:
    """Certificate, key and model are right; then the model is not, and the key is not."""
    with Simulator(tmp_path / "sim", None, "--key", KEY) as simulator:
        assert told(network.tls(place(simulator))) == ["ok"]
        assert told(live.session(place(simulator))) == ["ok", "ok"]
        found = live.session(place(simulator, model="gemini-9"))
        assert (told(found), "gemini-9" in found[1].text) == (["ok", "failure"], True)
        refused = live.session(place(simulator, {"GEMINI_API_KEY": "another-key-0123"}))
        assert told(refused) == ["failure", "skipped"]
        assert "another-key" not in refused[0].text
        assert told(live.session(place(simulator, {"GEMINI_API_KEY": ""}))) == ["failure", "skipped"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("expired_certificate", "has expired by this clock"),
        ("untrusted_certificate", "set live.ca_file"),
        ("wrong_name_certificate", "for another name"),
    ],
)
def test_certificates(tmp_path: Path, fault: str, words: str) -> None:
    """Each in its own words."""
    with Simulator(tmp_path / "sim", f'[[fault]]\ndo = "{fault}"\non = "accept:1"\n') as simulator:
        (found,) = network.tls(place(simulator))
    assert words in found.text


def test_nobody_there(tmp_path: Path) -> None:
    """A port where nobody listens: the way is what is wrong, and nothing is said of the key."""
    with Simulator(tmp_path / "sim") as simulator:
        here = place(simulator)
    assert told(network.tls(here)) == ["failure"]
    assert told(live.session(here)) == ["skipped", "failure"]


@pytest.mark.soundcard
def test_the_loudspeaker_is_heard(soundcard: VirtualSoundcard) -> None:
    """With an echo of 100 ms the sweep is found, later than that; without it the microphone is silent."""
    here = Site(options=Options(), config=Config(), environ={**os.environ, **soundcard.environ})
    silent = {one.check: one.level.value for one in sound.soundcheck(here)}
    assert silent["portaudio"] == "ok"
    assert silent["loudspeaker"] in ("ok", "warning")  # gaps, on a machine with other work to do
    assert (silent["microphone"], silent["echo"]) == ("failure", "warning")
    soundcard.echo(100, 50)
    found = {one.check: one for one in sound.soundcheck(here)}
    assert found["echo"].text.startswith("The microphone hears the loudspeaker (")
    delay = int(found["echo"].text.partition("), ")[2].split()[0])
    assert 20 <= delay <= 1000
    assert "16000" in found["rates"].text


@pytest.mark.soundcard
def test_the_whole_command(soundcard: VirtualSoundcard, tmp_path: Path) -> None:
    """Exit code 1 without a key, JSON on stdout, a bundle, no traceback."""
    surroundings = {**environment(), **soundcard.environ, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "CREDENTIALS_DIRECTORY"):
        surroundings.pop(name, None)
    bundle = tmp_path / "report.tar.gz"
    command = [sys.executable, "-c", "from lived.cli import main; main()", "doctor", "--json", "--bundle", str(bundle)]
    command += ["--runtime-dir", str(tmp_path), "--set", "live.base_url=https://127.0.0.1:1"]
    done = subprocess.run(command, capture_output=True, text=True, env=surroundings, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    said = json.loads(done.stdout)
    assert (done.returncode, said["ok"]) == (1, False)
    levels = {one["check"]: one["level"] for one in said["findings"]}
    assert (levels["python"], levels["key"], levels["tls"]) == ("ok", "failure", "failure")
    assert bundle.stat().st_size > 500
